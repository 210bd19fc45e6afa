"""The servers that `up` started: one JSON record each, in the user's cache folder."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Literal

from .. import MODULE
from ..errors import UsageError
from ..locale import N_
from ..processes.process_tree import ProcessIdentity
from .health import served_models, unlisted
from .lifecycle import Server
from .log_files import file_name

ServerState = Literal["ready", "loading", "gone"]


@dataclass(frozen=True, slots=True)
class StartedServer:
    """`created_at` is the start time of process `pid`, which tells it from a later one.

    `devices` are CUDA's names of the GPUs that it occupies; none on the CPU. `engine` serves it.
    """

    name: str
    model: str
    port: int
    base_url: str
    pid: int
    created_at: float
    log: str
    devices: tuple[str, ...] = ()
    engine: str = "vllm"

    @property
    def identity(self) -> ProcessIdentity:
        return ProcessIdentity(self.pid, self.created_at)


def record_of(server: Server, name: str) -> StartedServer:
    plan, process = server.plan, server.identity
    return StartedServer(
        name=name,
        model=plan.served_name,
        port=plan.port,
        base_url=plan.base_url,
        pid=process.pid,
        created_at=process.created_at,
        log=str(server.log),
        devices=plan.devices(os.environ),
        engine=plan.engine,
    )


def add(record: StartedServer, directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(record), indent=1)
    _path(record.name, directory).write_text(text, encoding="utf-8")


def remove(record: StartedServer, directory: Path) -> None:
    _path(record.name, directory).unlink(missing_ok=True)


def records(directory: Path) -> list[StartedServer]:
    """All of them, in order of their names. Raises UsageError for a file that is no record."""
    found = []
    for path in sorted(directory.glob("*.json")):
        try:
            fields = json.loads(path.read_text(encoding="utf-8"))
            found.append(StartedServer(**{**fields, "devices": tuple(fields.get("devices", ()))}))
        except (ValueError, TypeError) as error:
            raise UsageError(
                N_(
                    "{path!r} is no record of a server ({error}); remove it",
                    path=str(path),
                    error=error,
                )
            ) from error
    return found


def check_devices_free(devices: Sequence[str], directory: Path) -> None:
    """Raises UsageError where a server that stays occupies one of the GPUs."""
    for record in records(directory):
        if (shared := set(record.devices).intersection(devices)) and record.identity.alive:
            raise _taken(record, N_("on GPU {gpu}", gpu=min(shared)))


def check_not_on_cpu_yet(name: str, directory: Path) -> None:
    """Raises UsageError where the model stays on the CPU already: a second one helps nobody."""
    for record in records(directory):
        if record.name == name and not record.devices and record.identity.alive:
            raise _taken(record, N_("on the CPU"))


def _taken(record: StartedServer, where: str) -> UsageError:
    return UsageError(
        N_(
            "{name!r} is up already {where} at {base_url}; use it, or end it first: python "
            "-m {module} down {name}",
            name=record.name,
            where=where,
            base_url=record.base_url,
            module=MODULE,
        )
    )


def free_name(model: str, directory: Path) -> str:
    """The model's name; with a number where servers of it are up on other GPUs."""
    taken = {record.name for record in records(directory) if record.identity.alive}
    names = (f"{model}-{i}" if i > 1 else model for i in count(1))
    return next(name for name in names if name not in taken)


def find(name: str, directory: Path) -> StartedServer:
    known = {record.name: record for record in records(directory)}
    if name not in known:
        names = ", ".join(known) or N_("none")
        raise UsageError(
            N_("no server {name!r} was started by `up`; there are: {names}", name=name, names=names)
        )
    return known[name]


def state(record: StartedServer) -> ServerState:
    if not record.identity.alive:
        return "gone"
    served = served_models(record.base_url.removesuffix("/v1"), record.engine)
    if served is None or unlisted([record.model], served, record.engine):
        return "loading"
    return "ready"


def _path(name: str, directory: Path) -> Path:
    return directory / f"{file_name(name)}.json"
