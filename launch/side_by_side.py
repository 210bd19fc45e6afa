"""Several `launch with` at work, each a process of its own that looks after its server.

On one GPU, or on the CPU, they come one after another and have the terminal to themselves. On
several GPUs they run at once: what COMMAND prints is then shown when it has ended, whole, and its
messages go to a log.
"""

import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from launch import foreground, processes
from launch.diagnosis import latest_message, log_text
from launch.each import Task
from launch.placement import Placement
from launch.progress import Progress
from launch.running import run_log
from launch.signals import Signals
from launch.streams import pass_on

GLANCE = 0.1
PATIENCE = 60.0  # seconds for COMMAND and its server to end after a signal


@dataclass(slots=True)
class Working:
    """One `with` at work. `output` and `log` are None where it has the terminal."""

    model: str
    place: Placement
    process: subprocess.Popen[bytes]
    leader: processes.Identity
    stack: ExitStack
    output: BinaryIO | None = None
    log: Path | None = None
    told_at: float | None = None

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def close(self) -> int:
        """Its exit code. Whatever it was busy with ends now."""
        self.stack.close()
        if self.output:
            pass_on(self.output, sys.stdout)
            self.output.close()
        return foreground.exit_code(self.process.wait())

    def relay(self, signals: Signals) -> None:
        """A signal goes to `with` alone, once: it ends its COMMAND and its server in good order."""
        if self.told_at is None:
            self.told_at = time.monotonic()
            if signals.received[0] != signal.SIGINT or not foreground.at_terminal():
                self.process.send_signal(signals.received[0])
        elif time.monotonic() > self.told_at + PATIENCE:
            processes.stop(self.leader)


@dataclass(slots=True)
class SideBySide:
    """Models wait for a place, and work in it. `codes` are the exit codes of those that ended."""

    waiting: deque[str]
    free: deque[Placement]
    task: Task
    logged: bool
    working: list[Working] = field(default_factory=list)
    codes: dict[str, int] = field(default_factory=dict)

    def turn(self, signals: Signals, progress: Progress) -> None:
        for one in [one for one in self.working if one.ended]:
            self.working.remove(one)
            self.codes[one.model] = one.close()
            self.free.append(one.place)
        if signals.received:
            self.waiting.clear()
            for one in self.working:
                one.relay(signals)
        while self.waiting and self.free:
            model, place = self.waiting.popleft(), self.free.popleft()
            log = run_log(f"{model}-messages") if self.logged else None
            progress.say(f"{model} on {place}" + (f"; its messages: {log}" if log else ""), "bold")
            self.working.append(started(model, place, self.task, log))

    @property
    def latest(self) -> str:
        """What each is at."""
        return " | ".join(
            f"{one.model}: {latest_message(log_text(one.log))}" for one in self.working if one.log
        )


def serve(
    models: Sequence[str],
    places: Sequence[Placement],
    task: Task,
    signals: Signals,
    progress: Progress,
) -> dict[str, int]:
    """The exit code of each model's `with`; one not begun when a signal came has none."""
    many = len(places) > 1
    work = SideBySide(deque(models), deque(places), task, many)
    try:
        with shown(many, work, progress) as show:
            while work.waiting or work.working:
                work.turn(signals, progress)
                show()
                time.sleep(GLANCE)
    finally:
        for one in work.working:
            one.close()
    return work.codes


def started(model: str, place: Placement, task: Task, log: Path | None) -> Working:
    """A `with` that does not outlive us, whichever way we end."""
    output = errors = None
    if log:
        log.parent.mkdir(parents=True, exist_ok=True)
        output, errors = TemporaryFile(), log.open("wb")  # noqa: SIM115  # closed with the process
    with ExitStack() as stack:
        process = subprocess.Popen(task.words(model, place), stdout=output, stderr=errors)
        if errors:
            errors.close()
        leader = processes.identity(process.pid)
        stack.enter_context(processes.guarded(process))
        return Working(model, place, process, leader, stack.pop_all(), output, log)


@contextmanager
def shown(many: bool, work: SideBySide, progress: Progress) -> Iterator[Callable[[], None]]:
    """Side by side, a line of what each is at; alone, COMMAND shows itself."""
    if not many:
        yield lambda: None
        return
    with progress.step("side by side") as show:
        yield lambda: show(work.latest)
