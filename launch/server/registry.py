"""The servers that `up` started: one JSON record each, in the user's cache folder."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from ..errors import UsageError
from ..processes.process_tree import ProcessIdentity
from .health import served_models
from .lifecycle import Server
from .log_files import file_name

ServerState = Literal["ready", "loading", "gone"]


@dataclass(frozen=True, slots=True)
class StartedServer:
    """`created_at` is the start time of process `pid`, which tells it from a later one."""

    name: str
    model: str
    port: int
    base_url: str
    pid: int
    created_at: float
    log: str

    @property
    def identity(self) -> ProcessIdentity:
        return ProcessIdentity(self.pid, self.created_at)


def record_of(server: Server) -> StartedServer:
    plan, process = server.plan, server.identity
    return StartedServer(
        name=plan.name,
        model=plan.served_name,
        port=plan.port,
        base_url=plan.base_url,
        pid=process.pid,
        created_at=process.created_at,
        log=str(server.log),
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
            found.append(StartedServer(**json.loads(path.read_text(encoding="utf-8"))))
        except (ValueError, TypeError) as error:
            raise UsageError(
                f"{str(path)!r} is no record of a server ({error}); remove it"
            ) from error
    return found


def find(name: str, directory: Path) -> StartedServer:
    known = {record.name: record for record in records(directory)}
    if name not in known:
        names = ", ".join(known) or "none"
        raise UsageError(f"no server {name!r} was started by `up`; there are: {names}")
    return known[name]


def state(record: StartedServer) -> ServerState:
    if not record.identity.alive:
        return "gone"
    served = served_models(record.base_url.removesuffix("/v1")) or ()
    return "ready" if record.model in served else "loading"


def _path(name: str, directory: Path) -> Path:
    return directory / f"{file_name(name)}.json"
