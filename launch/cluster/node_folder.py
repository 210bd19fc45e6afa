"""The folder by which a launcher and its servers on other machines know of each other.

The launcher writes `alive` again and again; a server ends once that stays the same for too long.
The server writes its record again and again; a server whose record stays the same is lost.
Only changes count, so that the clocks of the machines need not agree.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..commands.endpoints_file import Entry
from .cluster import ServerTask

BEAT_EVERY = 2.0  # seconds

Fields = Mapping[str, Any]  # of a JSON object


@dataclass(frozen=True, slots=True)
class NodeTask:
    """What a node is told: the task, and after how many seconds without the launcher it ends."""

    task: ServerTask
    lease: float
    address: str = ""  # by which others reach the node; empty: its host name


@dataclass(frozen=True, slots=True)
class NodeRecord:
    """What a node tells. `ended` says why it has ended; `hopeless` as in a Report."""

    beat: int
    host: str
    entries: tuple[Entry, ...] = ()
    ended: str = ""
    hopeless: bool = False


@dataclass(frozen=True, slots=True)
class NodeFolder:
    """The files of one server, by its name, and those that all share."""

    path: Path
    name: str

    @property
    def alive(self) -> Path:
        return self.path / "alive"

    @property
    def key(self) -> Path:
        """The API key of all servers: for the user's eyes alone."""
        return self.path / "key"

    @property
    def served(self) -> Path:
        """The endpoints.json of the node, once its server answers."""
        return self._own("served.json")

    @property
    def failure(self) -> Path:
        """Why the server did not start."""
        return self._own("failure")

    @property
    def server_log(self) -> Path:
        return self._own("server.log")

    @property
    def log(self) -> Path:
        """What the job says itself."""
        return self._own("log")

    @property
    def script(self) -> Path:
        return self._own("sh")

    def write_task(self, task: NodeTask) -> None:
        write_whole(self._own("task.json"), json.dumps(asdict(task), indent=1))

    def read_task(self) -> NodeTask:
        fields = json.loads(self._own("task.json").read_text(encoding="utf-8"))
        task = fields.pop("task")
        words, flags = tuple(task.pop("words")), tuple(task.pop("flags"))
        return NodeTask(ServerTask(words=words, flags=flags, **task), **fields)

    def write_record(self, record: NodeRecord) -> None:
        write_whole(self._own("record.json"), json.dumps(asdict(record)))

    def read_record(self) -> NodeRecord | None:
        """None while there is none."""
        if (fields := read_whole(self._own("record.json"))) is None:
            return None
        return NodeRecord(**{**fields, "entries": tuple(fields["entries"])})

    def _own(self, ending: str) -> Path:
        return self.path / "servers" / f"{self.name}.{ending}"


@dataclass(slots=True)
class Changes:
    """Since when a value has been the same, on our own clock."""

    value: object = None
    since: float = field(default_factory=time.monotonic)

    def unchanged_for(self, value: object) -> float:
        """Seconds for which it has been this value."""
        if value != self.value:
            self.value, self.since = value, time.monotonic()
        return time.monotonic() - self.since


def write_whole(path: Path, text: str) -> None:
    """Under another name first: a reader finds all of it, or none."""
    scratch = path.with_name(f"{path.name}.new")
    scratch.write_text(text, encoding="utf-8")
    scratch.replace(path)


def read_whole(path: Path) -> Fields | None:
    """None where there is no such file, or the file system has not all of it yet."""
    try:
        found: Fields = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found
