"""The servers of one model, each on GPUs of its own: started side by side, stopped together.

One that dies while others live is started again in its place, at most RESTARTS times: COMMAND goes
on with the others, and takes it back once it answers. If all are dead, COMMAND is told at once.
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import StartError
from ..locale import N_, joined
from ..processes import process_tree
from ..processes.signals import Pause
from ..progress import Progress
from ..server.command_line import Plan
from ..server.health import served_models, unlisted
from ..server.lifecycle import Server, cause_of_death, start, wait_until_ready
from .endpoints_file import EndpointsFile

RESTARTS = 2  # of one replica: then its deaths have a cause that does not pass
PROBE_INTERVAL = 1.0  # seconds between looks whether a server that was started again answers


@dataclass(slots=True)
class Replica:
    """A server in its place. `gone` says why it will not be started again."""

    plan: Plan
    log: Path
    guard: ExitStack = field(default_factory=ExitStack)
    server: Server | None = None
    starts: int = 0
    ready: bool = True
    answered: bool = True  # at any time
    started_at: float = 0.0  # of the monotonic clock
    gone: str = ""

    @property
    def alive(self) -> bool:
        return not self.gone and self.server is not None and self.server.process.poll() is None

    def start(self) -> Server:
        """The first time, or after `stop`. Each start has a log of its own: the last tells why."""
        self.starts += 1
        log = self.log if self.starts == 1 else numbered(self.log, self.starts)
        self.server = start(self.plan, log)
        self.guard.enter_context(process_tree.guarded(self.server.process))
        self.started_at = time.monotonic()
        return self.server

    def stop(self) -> None:
        """Returns when no process of it is left, and with them nothing on its GPUs."""
        self.guard.close()


def numbered(log: Path, number: int) -> Path:
    return log.with_stem(f"{log.stem}-{number}")


@contextmanager
def running(plans: Sequence[Plan], log: Path, progress: Progress) -> Iterator[list[Replica]]:
    """Replicas that run for as long as the block does, whichever way it ends."""
    logs = [log.with_stem(f"{log.stem}-replica{i + 1}") for i in range(len(plans))]
    replicas = list(map(Replica, plans, logs if len(plans) > 1 else [log]))
    try:
        for replica in replicas:
            replica.start()
        yield replicas
    finally:
        many = len(replicas) > 1
        with (
            progress.step(N_("stopping the servers") if many else N_("stopping the server")),
            ThreadPoolExecutor(len(replicas)) as together,
        ):
            list(together.map(Replica.stop, replicas))
        if many:
            n = len(replicas)
            progress.say(N_("the {n} servers are stopped, no process of them is left", n=n))
        else:
            progress.say(N_("the server is stopped, no process of it is left"))


def wait_for_all(
    replicas: Sequence[Replica], timeout: float, pause: Pause, progress: Progress
) -> None:
    """Raises StartError where one of them does not start: a figure would be of fewer servers."""
    for replica in replicas:
        assert replica.server
        wait_until_ready(replica.server, timeout, pause, progress)


def wait_for_each(
    replicas: Sequence[Replica], timeout: float, pause: Pause, progress: Progress
) -> list[Replica]:
    """Those that start; a line tells of each other one. Raises StartError where none does."""
    started, failures = [], list[StartError]()
    for replica in replicas:
        assert replica.server
        try:
            wait_until_ready(replica.server, timeout, pause, progress)
        except StartError as error:
            failures.append(error)
            replica.gone = str(error)
            replica.stop()  # another one may be in need of its memory
            if len(replicas) > 1:
                told = N_(
                    "{placement}: {error}; the others go on without it",
                    placement=str(replica.plan.placement),
                    error=error.message,
                )
                progress.say(told, "bold red")
        else:
            started.append(replica)
    if not started:
        raise failures[0]
    return started


def begin(replicas: Sequence[Replica], progress: Progress) -> Sequence[Replica]:
    """They load beside others: a DeathWatch tells when each of them answers."""
    for replica in replicas:
        replica.ready = replica.answered = False
        plan = replica.plan
        progress.say(
            N_(
                "{name} loads on {placement}; its log: {log}",
                name=plan.served_name,
                placement=str(plan.placement),
                log=replica.log,
            )
        )
    return replicas


@dataclass(slots=True)
class DeathWatch:
    """Looks after replicas while COMMAND runs; to be called all the while.

    `cause` is empty until all are dead: COMMAND has been told then, and nothing more is started.
    """

    replicas: Sequence[Replica]
    file: EndpointsFile
    progress: Progress
    startup_timeout: float
    cause: str = ""
    latest: str = ""  # the cause of the latest death
    looked_at: float = 0.0

    @property
    def never_answered(self) -> bool:
        """Whether none of the servers ever did: then starting them again would change nothing."""
        return not any(each.answered for each in self.replicas)

    @property
    def none_answers(self) -> bool:
        """Whether COMMAND has no server now; those that were started again may still load."""
        return not any(each.alive and each.ready for each in self.replicas)

    def __call__(self) -> None:
        for replica in self.replicas:
            if not self.cause and not replica.gone and not replica.alive:
                assert replica.server
                self._lost(replica, cause_of_death(replica.server))
        now = time.monotonic()
        if now > self.looked_at + PROBE_INTERVAL:
            self.looked_at = now
            for replica in self.replicas:
                if replica.alive and not replica.ready:
                    self._look_at(replica)

    def _lost(self, replica: Replica, cause: str) -> None:
        self.latest = cause
        if not any(each.alive for each in self.replicas if each is not replica):
            self.cause = cause
            for i in range(len(self.replicas)):
                self.file.note_death(cause, i)
            self.progress.say(N_("the server died meanwhile: {cause}", cause=cause), "bold red")
            return
        placement = str(replica.plan.placement)
        told = N_("the server on {placement} died: {cause}", placement=placement, cause=cause)
        if replica.starts > RESTARTS or not replica.answered:
            replica.gone = cause
            self.file.note_death(cause, self.replicas.index(replica))
            replica.stop()
            last = N_("it is not started again, the others go on")
            self.progress.say(joined("; ", [told, last]), "bold red")
            return
        again = N_(
            "it is started again ({n} of {most}), the others go on",
            n=replica.starts,
            most=RESTARTS,
        )
        self.progress.say(joined("; ", [told, again]), "bold yellow")
        replica.stop()
        replica.ready = False
        replica.start()

    def _look_at(self, replica: Replica) -> None:
        """Whether a server that was started again is there, or has had its time."""
        plan = replica.plan
        found = served_models(plan.url, plan.engine)
        if found is not None and not unlisted(plan.served_names, found, plan.engine):
            told = N_("the server on {placement} answers: {name}")
            if replica.answered:
                told = N_("the server on {placement} answers again: {name}")
            replica.ready = replica.answered = True
            self.file.note_ready(self.replicas.index(replica))
            where, name = str(plan.placement), plan.served_name
            self.progress.say(N_(told, placement=where, name=name))
        elif time.monotonic() > replica.started_at + self.startup_timeout:
            seconds = self.startup_timeout
            told = N_("it was not ready after {seconds:g} s (--startup-timeout)", seconds=seconds)
            self._lost(replica, told)
