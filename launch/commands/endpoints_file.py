"""endpoints.json tells COMMAND which servers there are.

{"endpoints": [{"role": "model", "model": "demo", "base_url": "http://127.0.0.1:8000/v1"}]}

`turns` adds `name`, `flags` and `round`. `each` adds `folder` where the names of models end alike.
A server with adapters has an entry for each: its model first. The base URL is the same.
Replicas of a server have entries of the same roles and models, and base URLs of their own.
A `base_url` of null means that no server runs yet. COMMAND exits with SERVER_NEEDED if it needs it.
A COMMAND that then needs servers, but not this one, creates the file that `unneeded` names.
Once a server has died for good, the file that `died` names has the cause: COMMAND need not wait.
An endpoint with `ready` still loads until the file of that name is there: so the file grows.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..errors import StartError, UsageError
from ..locale import N_, recalled
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


Served = Sequence[ServedEndpoint]  # those of one server: its model's first


@dataclass(frozen=True, slots=True)
class EndpointsFile:
    """The file, and those that appear when our own servers die or are ready, in their order."""

    path: Path
    died: tuple[Path, ...]
    ready: tuple[Path, ...]

    def note_death(self, cause: str, i: int) -> None:
        """Written to another file and renamed: it is whole or not there."""
        scratch = self.died[i].with_suffix(".new")
        scratch.write_text(cause, encoding="utf-8")
        scratch.replace(self.died[i])

    def note_ready(self, i: int) -> None:
        self.ready[i].touch()


def endpoints(role: str, plan: Plan, environment: Mapping[str, str]) -> list[ServedEndpoint]:
    """The endpoints of a server that runs, or will: of its model, and of each adapter."""
    names = plan.served_names if role == "model" else (plan.asked_name,)
    return [endpoint(role, name, plan, environment) for name in names]


def endpoint(role: str, name: str, plan: Plan, environment: Mapping[str, str]) -> ServedEndpoint:
    """That of one of the names that a server answers to."""
    used = plan.devices(environment)
    return ServedEndpoint(role, name, plan.base_url, len(used), used)


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
            N_(
                "{variable} names {path!r}, which has no endpoints ({error!r}); correct or "
                "unset it",
                variable=VARIABLE,
                path=path,
                error=error,
            )
        ) from error


def check_devices_free(ours: Sequence[Served], outer: Sequence[Entry]) -> None:
    """Raises UsageError where a server around these occupies one of their GPUs."""
    used = {device for server in ours for device in server[0].devices}
    for entry in outer:
        if shared := used.intersection(entry.get("devices", ())):
            raise UsageError(
                N_(
                    "GPU {shared} is taken: {other!r} ({role}) is served on it; give {model!r} "
                    "other --gpus",
                    shared=min(shared),
                    other=entry["model"],
                    role=entry["role"],
                    model=ours[0][0].model,
                )
            )


def still_loading(entries: Sequence[Entry]) -> str:
    """The first model of which no server is ready yet; empty where each has one.

    Raises StartError where all servers of one have died.
    """
    by_model: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        by_model.setdefault((entry["role"], entry["model"]), []).append(entry)
    for (role, model), servers in by_model.items():
        waited = [each["ready"] for each in servers if "ready" in each]
        if len(waited) < len(servers) or any(Path(each).exists() for each in waited):
            continue
        died = [Path(each["died"]) for each in servers]
        if all(each.exists() for each in died):
            cause = recalled(died[0].read_text(encoding="utf-8"))
            raise StartError(
                N_(
                    "the {role} {model!r} did not start: {cause}",
                    role=role,
                    model=model,
                    cause=cause,
                )
            )
        return model
    return ""


@contextmanager
def endpoints_file(
    outer: Sequence[Entry],
    ours: Sequence[Served],
    more: Mapping[str, object] | None = None,
    loading: bool = False,
) -> Iterator[EndpointsFile]:
    """The file, for as long as the block takes.

    `ours` are the replicas of one server; `more` are further fields of the first endpoint of each.
    With `loading` they are not ready yet: it is to be noted when they are.
    """
    with TemporaryDirectory(prefix="launch-") as directory:
        died, ready = (
            tuple(Path(directory, f"{what}-{i + 1}") for i in range(len(ours)))
            for what in ("died", "ready")
        )
        file = EndpointsFile(Path(directory, "endpoints.json"), died, ready)
        entries = [
            entry | ({"ready": str(ready[i])} if loading else {})
            for i, server in enumerate(ours)
            for entry in _entries(server, died[i], more or {})
        ]
        listing = {"endpoints": [*outer, *entries]}
        file.path.write_text(json.dumps(listing, indent=1), encoding="utf-8")
        yield file


def _entries(server: Served, died: Path, more: Mapping[str, object]) -> list[Entry]:
    entries = [asdict(each) for each in server]
    for entry in entries:
        entry |= {"died": str(died)} if entry["base_url"] else {}
    return [entries[0] | dict(more), *entries[1:]]
