"""Servers that `up` left running: one record each, in the user's cache folder."""

import json
import re
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from launch.errors import UsageError
from launch.health import served_models
from launch.processes import Identity

State = Literal["ready", "loading", "gone"]


@dataclass(frozen=True, slots=True)
class Record:
    """`created_at` is the birthday of process `pid`, so that a reused pid is not taken for it."""

    name: str
    model: str
    port: int
    base_url: str
    pid: int
    created_at: float
    log: str

    @property
    def identity(self) -> Identity:
        return Identity(self.pid, self.created_at)


def file_name(name: str) -> str:
    """A hub id or a path as part of a file name."""
    return re.sub(r"[^\w.-]+", "-", name).strip("-.") or "server"


def run_log(name: str) -> Path:
    stamp = time.strftime("%Y%m%d-%H%M%S")
    return Path("runs", "logs", f"{file_name(name)}-{stamp}.log")


def keep(record: Record, directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(record), indent=1)
    _path(record.name, directory).write_text(text, encoding="utf-8")


def forget(record: Record, directory: Path) -> None:
    _path(record.name, directory).unlink(missing_ok=True)


def records(directory: Path) -> list[Record]:
    found = []
    for path in sorted(directory.glob("*.json")):
        try:
            found.append(Record(**json.loads(path.read_text(encoding="utf-8"))))
        except (ValueError, TypeError) as error:
            raise UsageError(
                f"{str(path)!r} is no record of a server ({error}); remove it"
            ) from error
    return found


def find(name: str, directory: Path) -> Record:
    known = {record.name: record for record in records(directory)}
    if name not in known:
        names = ", ".join(known) or "none"
        raise UsageError(f"no server {name!r} was started by `up`; there are: {names}")
    return known[name]


def state(record: Record) -> State:
    if not record.identity.alive:
        return "gone"
    return (
        "ready"
        if record.model in (served_models(record.base_url[: -len("/v1")]) or ())
        else "loading"
    )


def _path(name: str, directory: Path) -> Path:
    return directory / f"{file_name(name)}.json"
