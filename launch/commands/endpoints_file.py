"""endpoints.json tells COMMAND which servers there are.

{"endpoints": [{"role": "model", "model": "demo", "base_url": "http://127.0.0.1:8000/v1"}]}

`turns` adds `name`, `flags` and `round`. `each` adds `folder` where the names of models end alike.
A server with adapters has an entry for each: its model first. The base URL is the same.
A `base_url` of null means that no server runs yet. COMMAND exits with SERVER_NEEDED if it needs it.
Once a server has died, the file that `died` names has the cause: COMMAND need not wait for it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..errors import UsageError
from ..server.command_line import Plan

VARIABLE = "EVALUATOR_ENDPOINTS"
SERVER_NEEDED = 3

Entry = dict[str, Any]  # an endpoint in the file, which may have more fields than ours


@dataclass(frozen=True, slots=True)
class ServedEndpoint:
    """`devices` are CUDA's names of the GPUs that the server occupies."""

    role: str
    model: str
    base_url: str | None
    gpus: int = 0
    devices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EndpointsFile:
    """The file, and the one that appears when our own server dies."""

    path: Path
    died: Path

    def note_death(self, cause: str) -> None:
        """Written to another file and renamed: it is whole or not there."""
        scratch = self.died.with_suffix(".new")
        scratch.write_text(cause, encoding="utf-8")
        scratch.replace(self.died)


def endpoints(role: str, plan: Plan, environment: Mapping[str, str]) -> list[ServedEndpoint]:
    """The endpoints of a server that runs, or will: of its model, and of each adapter."""
    used = plan.devices(environment)
    names = plan.served_names if role == "model" else (plan.asked_name,)
    return [ServedEndpoint(role, name, plan.base_url, len(used), used) for name in names]


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


def check_devices_free(own: Sequence[ServedEndpoint], outer: Sequence[Entry]) -> None:
    """Raises UsageError where a server around this one occupies one of its GPUs."""
    for entry in outer:
        if shared := set(own[0].devices).intersection(entry.get("devices", ())):
            raise UsageError(
                f"GPU {min(shared)} is taken: {entry['model']!r} ({entry['role']}) is served on "
                f"it; give {own[0].model!r} other --gpus"
            )


@contextmanager
def endpoints_file(
    outer: Sequence[Entry], own: Sequence[ServedEndpoint], more: Mapping[str, object] | None = None
) -> Iterator[EndpointsFile]:
    """The file, for as long as the block takes. `more` are further fields of our first endpoint."""
    with TemporaryDirectory(prefix="launch-") as directory:
        file = EndpointsFile(Path(directory, "endpoints.json"), Path(directory, "died"))
        died = {"died": str(file.died)} if own[0].base_url else {}
        ours = [{**asdict(each), **died} for each in own]
        listing = {"endpoints": [*outer, {**ours[0], **(more or {})}, *ours[1:]]}
        file.path.write_text(json.dumps(listing, indent=1), encoding="utf-8")
        yield file
