"""The fleets in clusters: a folder each in the user's cache, with a record while it runs."""

import json
import os
import secrets
import shutil
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path

from ..errors import UsageError
from ..locale import N_
from ..processes.process_tree import ProcessIdentity
from ..server.log_files import file_name
from ..server.machine import cache_directory
from .node_folder import read_whole, write_whole


@dataclass(frozen=True, slots=True)
class FleetRecord:
    """`pid` and `created_at` are those of the launcher, on the machine `host`.

    `ready` of the `servers` answer; `jobs` are those that run or wait.
    """

    name: str
    on: str
    host: str
    pid: int
    created_at: float
    servers: int = 0
    ready: int = 0
    jobs: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """Whether the launcher lives; another machine's cannot be asked."""
        if self.host != socket.gethostname():
            return N_("on {host}", host=self.host)
        alive = ProcessIdentity(self.pid, self.created_at).alive
        return N_("running") if alive else N_("gone")


def fleets_directory(environment: Mapping[str, str]) -> Path:
    """All machines that serve must see it: a home folder usually is."""
    return cache_directory(environment) / "fleets"


def records() -> list[FleetRecord]:
    """Those of the fleets that run, or whose launcher was killed."""
    found = []
    for path in sorted(fleets_directory(os.environ).glob("*/fleet.json")):
        if fields := read_whole(path):
            found.append(FleetRecord(**{**fields, "jobs": tuple(fields["jobs"])}))
    return found


def find(name: str) -> FleetRecord | None:
    return next((each for each in records() if each.name == name), None)


def free_name(wanted: str) -> str:
    """With a number where a fleet of the name runs."""
    taken = {each.name for each in records() if each.state != "gone"}
    names = (f"{file_name(wanted)}-{i}" if i > 1 else file_name(wanted) for i in count(1))
    return next(name for name in names if name not in taken)


def folder_of(name: str) -> Path:
    return fleets_directory(os.environ) / name


def make_folder(name: str) -> Path:
    """An empty folder for a fleet, with a new key. Raises UsageError where one of the name runs."""
    if (other := find(name)) and other.state != "gone":
        raise UsageError(
            N_("the fleet {name!r} runs already; end it, or choose another --name", name=name)
        )
    folder = folder_of(name)
    shutil.rmtree(folder / "servers", ignore_errors=True)  # of an earlier fleet of the name
    (folder / "servers").mkdir(parents=True)
    for each in ("stop", "fleet.json", "endpoints.json"):
        (folder / each).unlink(missing_ok=True)
    key = folder / "key"
    key.touch(0o600)
    key.chmod(0o600)
    key.write_text(secrets.token_urlsafe(24), encoding="utf-8")
    return folder


def write(record: FleetRecord) -> None:
    write_whole(folder_of(record.name) / "fleet.json", json.dumps(asdict(record), indent=1))


def remove(name: str) -> None:
    """It runs no more. Its logs stay, its key does not."""
    for each in ("fleet.json", "key", "stop"):
        (folder_of(name) / each).unlink(missing_ok=True)
