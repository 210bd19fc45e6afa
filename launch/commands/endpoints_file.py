"""endpoints.json tells COMMAND which servers there are.

{"endpoints": [{"role": "model", "model": "demo", "base_url": "http://127.0.0.1:8000/v1"}]}

`turns` adds `name`, `flags` and `round`. `each` adds `folder` where the names of models end alike.
A `base_url` of null means that no server runs yet. COMMAND exits with SERVER_NEEDED if it needs it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..errors import UsageError

VARIABLE = "EVALUATOR_ENDPOINTS"
SERVER_NEEDED = 3

Entry = dict[str, Any]  # an endpoint in the file, which may have more fields than ours


@dataclass(frozen=True, slots=True)
class ServedEndpoint:
    role: str
    model: str
    base_url: str | None
    gpus: int = 0


def outer_endpoints(environment: Mapping[str, str]) -> list[Entry]:
    """The endpoints of the `with` around this one. Raises UsageError for a file without any."""
    path = environment.get(VARIABLE)
    if not path:
        return []
    try:
        listing = json.loads(Path(path).read_text(encoding="utf-8"))
        return list(listing["endpoints"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{VARIABLE} names {path!r}, which has no endpoints ({error!r}); correct or unset it"
        ) from error


@contextmanager
def endpoints_file(
    outer: Sequence[Entry], own: ServedEndpoint, more: Mapping[str, object] | None = None
) -> Iterator[Path]:
    """The file, for as long as the block takes. `more` are further fields of our own endpoint."""
    with TemporaryDirectory(prefix="launch-") as directory:
        path = Path(directory) / "endpoints.json"
        listing = {"endpoints": [*outer, {**asdict(own), **(more or {})}]}
        path.write_text(json.dumps(listing, indent=1), encoding="utf-8")
        yield path
