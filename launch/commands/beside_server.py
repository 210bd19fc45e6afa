"""COMMAND beside a server that may die: COMMAND is told at once, and the server started once more.

What COMMAND has answered by then is in its journal, so that the second time costs what is left.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import StartError
from ..processes.signals import Signals
from ..progress import Progress
from ..server.command_line import Plan
from ..server.lifecycle import Server, cause_of_death, running_server, wait_until_ready
from .endpoints_file import (
    EndpointsFile,
    check_devices_free,
    endpoints,
    endpoints_file,
    outer_endpoints,
)

STARTS = 2  # of one server: a second death has a cause that does not pass by itself
FINISHED = (0, 2)  # exit codes of COMMAND after which another server would change nothing


@dataclass(frozen=True, slots=True)
class ServerJob:
    """A server for COMMAND: its plan, its role, and further fields of its endpoint."""

    plan: Plan
    log: Path
    startup_timeout: float
    role: str = "model"
    more: Mapping[str, object] | None = None


@dataclass(slots=True)
class DeathWatch:
    """Tells once, on the screen and to COMMAND, that the server has died.

    `cause` is empty until then.
    """

    server: Server
    file: EndpointsFile
    progress: Progress
    cause: str = ""

    def __call__(self) -> None:
        if not self.cause and self.server.process.poll() is not None:
            self.cause = cause_of_death(self.server)
            self.file.note_death(self.cause)
            self.progress.say(f"the server died meanwhile: {self.cause}", "bold red")


RunBeside = Callable[[DeathWatch], int]  # runs COMMAND, calling the watch all the while


def run_beside(job: ServerJob, run: RunBeside, signals: Signals, progress: Progress) -> int:
    """COMMAND's exit code. Raises StartError where the server died each time."""
    outer = outer_endpoints(os.environ)
    own = endpoints(job.role, job.plan, os.environ)
    check_devices_free(own, outer)
    for start in range(1, STARTS + 1):
        log = job.log if start == 1 else job.log.with_stem(f"{job.log.stem}-{start}")
        with running_server(job.plan, log, progress) as server:
            wait_until_ready(server, job.startup_timeout, signals.pause, progress)
            with endpoints_file(outer, own, job.more) as file:
                watch = DeathWatch(server, file, progress)
                code = run(watch)
        if not watch.cause or code in FINISHED or signals.received:
            return code
        if start < STARTS:
            progress.say(f"{job.plan.name} is served again, and COMMAND run again", "bold")
    raise StartError(f"the server died {STARTS} times, at last: {watch.cause}")
