"""Several `launch with` at the same time, each a process that looks after its own servers.

Where the GPUs are enough for one of them only, they run one after another and use the terminal.
Else they run at the same time: what COMMAND prints is shown when it has ended, and its messages go
to a log.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import BinaryIO, Protocol

from ..gpus import used_memory
from ..locale import N_, said
from ..processes import process_tree
from ..processes.output import copy_captured
from ..processes.signals import Signals
from ..progress import Progress, ShowDetail
from ..server.adapters import read_model
from ..server.diagnosis import log_text
from ..server.log_files import run_log
from ..server.phases import phase
from ..server.placement import FreeGpus, Placement, side_by_side
from . import foreground
from .gpu_memory import GpuMemory
from .per_model import CommandPerModel

POLL_INTERVAL = 0.1  # seconds
END_TIMEOUT = 60.0  # seconds for COMMAND and its server to end after a signal


@dataclass(frozen=True, slots=True)
class ModelResult:
    """How a model's `with` ended. `why` says why it had no server, where it had none."""

    code: int
    why: str = ""


class Runnable(Protocol):
    """What runs for a model."""

    @property
    def environment(self) -> dict[str, str]:
        """That it runs with."""
        ...

    def command_line(self, model: str, placement: Placement, failure: Path) -> list[str]:
        """Its words. Why the model got no server is written to `failure`."""
        ...


@dataclass(slots=True)
class ModelRun:
    """What runs for a model. `output` and `log` are None where it uses the terminal."""

    model: str
    placement: Placement
    process: subprocess.Popen[bytes]
    leader: process_tree.ProcessIdentity
    stack: ExitStack
    failure: Path
    output: BinaryIO | None = None
    log: Path | None = None
    signalled_at: float | None = None
    phase: str = N_("begins")
    phase_at: float = field(default_factory=time.monotonic)

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def close(self) -> "ModelResult":
        """Stop what still runs, and show the captured output."""
        why = self.failure.read_text(encoding="utf-8") if self.failure.exists() else ""
        self.stack.close()
        if self.output:
            copy_captured(self.output, sys.stdout)
            self.output.close()
        return ModelResult(foreground.exit_code(self.process.wait()), why)

    def relay(self, signals: Signals) -> None:
        """Send the signal once, to `with` alone: it ends its COMMAND and its server in order."""
        if self.signalled_at is None:
            self.signalled_at = time.monotonic()
            if signals.received[0] != signal.SIGINT or not foreground.at_terminal():
                self.process.send_signal(signals.received[0])
        elif time.monotonic() > self.signalled_at + END_TIMEOUT:
            process_tree.stop(self.leader)


@dataclass(slots=True)
class ParallelRuns:
    """Models that wait for GPUs, those that run, and the results of the ended ones.

    `waiting` says how many GPUs each is to have.
    """

    waiting: dict[str, int]
    memory: GpuMemory
    task: CommandPerModel
    logged: bool
    running: list[ModelRun] = field(default_factory=list)
    results: dict[str, ModelResult] = field(default_factory=dict)

    def advance(self, signals: Signals, progress: Progress) -> None:
        """Collect the runs that ended, relay a signal, and start what there is room for."""
        for run in [run for run in self.running if run.ended]:
            self.running.remove(run)
            self.results[run.model] = run.close()
            self.memory.leave(run.placement)
        self.memory.look(progress)
        if signals.received:
            self.waiting.clear()
            for run in self.running:
                run.relay(signals)
        for model, size in list(self.waiting.items()):
            if (placement := self.memory.take(size)) is None:
                continue  # a smaller one may find room
            del self.waiting[model]
            title, base = read_model(model).title, read_model(model).base
            log = run_log(f"{base}-messages") if self.logged else None
            told = N_("{title} on {placement}")
            if log:
                told = N_("{title} on {placement}; its messages: {log}")
            progress.say(
                N_(told, title=title, placement=str(placement), log=log),
                "bold",
            )
            self.running.append(started(model, placement, self.task, log))

    def show_phases(self, show: ShowDetail, progress: Progress) -> None:
        """Each new phase of a server is a line; how long each has been in its own is shown live."""
        now = time.monotonic()
        for run in self.running:
            found = phase(log_text(run.log)) if run.log else run.phase
            if found != run.phase:
                run.phase, run.phase_at = found, now
                progress.say(
                    N_(
                        "{title} on {placement}: {phase}",
                        title=read_model(run.model).title,
                        placement=str(run.placement),
                        phase=found,
                    )
                )
        phases = (
            f"{read_model(run.model).base}: {said(run.phase)} {now - run.phase_at:.0f} s"
            for run in self.running
        )
        show(" | ".join(phases))


def run_in_parallel(
    models: Mapping[str, int],
    gpus: Placement,
    task: CommandPerModel,
    signals: Signals,
    progress: Progress,
    keep_on: Callable[[], bool] = lambda: True,
) -> dict[str, ModelResult]:
    """How each model's `with` ended, on as many of the GPUs as `models` says.

    A model that was not begun has no result.
    No model begins after a signal, or once `keep_on` says no.
    """
    many = side_by_side(len(gpus.gpus) or 1, list(models.values()))
    memory = GpuMemory(FreeGpus(gpus), partial(used_memory, environment=os.environ))
    runs = ParallelRuns(dict(models), memory, task, many)
    try:
        with _shown(many, runs, progress) as show:
            while runs.waiting or runs.running:
                if not keep_on():
                    runs.waiting.clear()
                runs.advance(signals, progress)
                show()
                time.sleep(POLL_INTERVAL)
    finally:
        for run in runs.running:
            run.close()
    return runs.results


def started(model: str, placement: Placement, task: Runnable, log: Path | None) -> ModelRun:
    """One that does not outlive us, whichever way we end."""
    output = errors = None
    if log:
        log.parent.mkdir(parents=True, exist_ok=True)
        output, errors = TemporaryFile(), log.open("wb")  # noqa: SIM115  # closed with the process
    with ExitStack() as stack:
        failure = Path(stack.enter_context(TemporaryDirectory(prefix="launch-")), "failure")
        command = task.command_line(model, placement, failure)
        process = subprocess.Popen(command, env=task.environment, stdout=output, stderr=errors)
        if errors:
            errors.close()
        leader = process_tree.identity(process.pid)
        stack.enter_context(process_tree.guarded(process))
        whole = stack.pop_all()
        return ModelRun(model, placement, process, leader, whole, failure, output, log)


@contextmanager
def _shown(many: bool, runs: ParallelRuns, progress: Progress) -> Iterator[Callable[[], None]]:
    """Several runs share a line with their latest messages. A single one uses the terminal."""
    if not many:
        yield lambda: None
        return
    with progress.step(N_("side by side")) as show:
        yield lambda: runs.show_phases(show, progress)
