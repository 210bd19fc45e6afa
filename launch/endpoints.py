"""endpoints.json: how a command learns which servers there are.

{"endpoints": [{"role": "model", "model": "demo", "base_url": "http://127.0.0.1:8000/v1"}]}

`turns` adds `name`, `flags` and `round`; `each` adds `folder` where the names of models end alike.
A `base_url` of null: no server yet. A command that cannot do without one ends with NEEDS_A_SERVER.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from launch.errors import UsageError

VARIABLE = "EVALUATOR_ENDPOINTS"
NEEDS_A_SERVER = 3

Entry = dict[str, Any]  # an endpoint in the file, which may say more of it than we do


@dataclass(frozen=True, slots=True)
class Endpoint:
    role: str
    model: str
    base_url: str | None
    gpus: int = 0


def outer_endpoints(environment: Mapping[str, str]) -> list[Entry]:
    """Those of a `with` around this one, as they are written."""
    path = environment.get(VARIABLE)
    if not path:
        return []
    try:
        listing = json.loads(Path(path).read_text(encoding="utf-8"))
        return list(listing["endpoints"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{VARIABLE} names {path!r}, which has no endpoints ({error!r}); mend or unset it"
        ) from error


@contextmanager
def written(
    outer: Sequence[Entry], own: Endpoint, more: Mapping[str, Any] | None = None
) -> Iterator[Path]:
    """The file, for as long as the servers are there."""
    with TemporaryDirectory(prefix="launch-") as directory:
        path = Path(directory) / "endpoints.json"
        listing = {"endpoints": [*outer, {**asdict(own), **(more or {})}]}
        path.write_text(json.dumps(listing, indent=1), encoding="utf-8")
        yield path
