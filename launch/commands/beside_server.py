"""COMMAND beside the servers of a model. If all die, COMMAND is told, and all is run once more.

What COMMAND has answered by then is in its journal, so that the second time costs what is left.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import StartError
from ..locale import N_
from ..processes.signals import Signals
from ..progress import Progress
from ..server.command_line import Plan
from .endpoints_file import check_devices_free, endpoints, endpoints_file, outer_endpoints
from .replicas import DeathWatch, begin, numbered, running, wait_for_each

STARTS = 2  # of all servers: a second death has a cause that does not pass by itself
FINISHED = (0, 2)  # exit codes of COMMAND after which another server would change nothing


@dataclass(frozen=True, slots=True)
class ServerJob:
    """Servers for COMMAND: a plan for each replica, their role, and further fields of each.

    With `beside_others` COMMAND runs while they load, and looks itself whether they are ready.
    """

    plans: tuple[Plan, ...]
    log: Path
    startup_timeout: float
    role: str = "model"
    more: Mapping[str, object] | None = None
    beside_others: bool = False


RunBeside = Callable[[DeathWatch], int]  # runs COMMAND, calling the watch all the while


def run_beside(job: ServerJob, run: RunBeside, signals: Signals, progress: Progress) -> int:
    """COMMAND's exit code. Raises StartError where the servers died each time."""
    outer = outer_endpoints(os.environ)
    ours = [endpoints(job.role, plan, os.environ) for plan in job.plans]
    check_devices_free(ours, outer)
    for start in range(1, STARTS + 1):
        log = job.log if start == 1 else numbered(job.log, start)
        with running(job.plans, log, progress) as replicas:
            if job.beside_others:
                served = begin(replicas, progress)
            else:
                served = wait_for_each(replicas, job.startup_timeout, signals.pause, progress)
            there = [endpoints(job.role, each.plan, os.environ) for each in served]
            with endpoints_file(outer, there, job.more, job.beside_others) as file:
                watch = DeathWatch(served, file, progress, job.startup_timeout)
                code = run(watch)
                unserved = watch.none_answers
        if watch.cause and watch.never_answered:
            raise StartError(
                N_("the {role} did not start: {latest}", role=job.role, latest=watch.latest)
            )
        if not unserved or code in FINISHED or signals.received:
            return code
        if start < STARTS:
            progress.say(
                N_("{name} is served again, and COMMAND run again", name=job.plans[0].name), "bold"
            )
    raise StartError(
        N_("the server died {starts} times, at last: {latest}", starts=STARTS, latest=watch.latest)
    )
