"""What a cluster is to `launch`: it starts servers on machines of its own, and tells how they are.

A job is one server on one machine. It ends itself once our lease is not renewed any more.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from ..commands.endpoints_file import Entry

JobState = Literal["waiting", "running", "ended"]


@dataclass(frozen=True, slots=True)
class ServerTask:
    """What one job serves: `words` are those of `launch with`, up to its own placement.

    `flags` are for the engine. `gpus` are how many of a machine it needs; 0 is the CPU.
    """

    name: str
    words: tuple[str, ...]
    flags: tuple[str, ...] = ()
    gpus: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """How a job is. `entries` are its endpoints, once it answers.

    `where` is its machine, and `why` says why it waits or has ended. `hopeless`: the server could
    not be started, which another start would not change.
    """

    state: JobState = "waiting"
    where: str = ""
    why: str = ""
    entries: tuple[Entry, ...] = ()
    hopeless: bool = False


class Cluster(Protocol):
    """Where jobs run. Its methods are called about once a second."""

    title: str  # what a job is called
    logs: str  # where the logs of jobs lie; empty where they do not last

    def submit(self, task: ServerTask) -> str:
        """Starts a job, and returns its id. Raises StartError where it is refused."""
        ...

    def look(self, jobs: Collection[str]) -> Mapping[str, Report]:
        """How each of the jobs is; renews the lease of all. One without news is left out."""
        ...

    def cancel(self, jobs: Collection[str]) -> None:
        """Ends jobs, with all their processes; those that have ended already are no mistake."""
        ...

    def left(self, jobs: Collection[str]) -> list[str]:
        """Those of cancelled jobs that may still have processes."""
        ...
