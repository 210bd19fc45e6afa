"""Models and a judge on the GPUs of this machine: COMMAND once per model, beside its own servers.

Every model begins as soon as there are GPUs for it; the others wait for theirs. The judge loads
beside them and serves all. A failure costs no other model.
"""

import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..errors import Interrupted, StartError
from ..locale import N_
from ..planning import ServerRequest, make_plans
from ..processes.signals import Signals
from ..progress import Progress
from ..server.log_files import run_log
from ..server.placement import Placement
from . import foreground
from .beside_server import FINISHED, ServerJob, run_beside
from .endpoints_file import SERVER_NEEDED
from .parallel import ModelResult, run_in_parallel
from .per_model import USAGE, CommandPerModel, judge_needed, try_without_servers
from .replicas import DeathWatch
from .serving_plan import judge_lines, plan_lines, summary

SIGNALLED = 128  # plus its number: how a process tells which signal ended it


@dataclass(frozen=True, slots=True)
class Fleet:
    """What is served, and where: `models` says on how many of the GPUs each of them is.

    `judge` has GPUs of its own; None where no judge is served.
    """

    models: Mapping[str, int]
    gpus: Placement
    task: CommandPerModel
    judge: ServerRequest | None = None
    judge_gpus: Placement = field(default_factory=Placement)

    @property
    def lines(self) -> list[str]:
        """What would be served where."""
        presets = self.task.presets
        lines = plan_lines(self.models, self.gpus, os.environ, presets)
        if self.judge:
            lines += judge_lines(self.judge.model, self.judge_gpus, os.environ, presets)
        return lines


def run_fleet(
    fleet: Fleet, if_needed: bool, prepare_words: str, signals: Signals, progress: Progress
) -> int:
    """The exit code of the first model that failed, unless a signal ended the run.

    With `if_needed`, COMMAND is tried without servers first. `prepare_words` is a command to run
    before the first server starts.
    """
    runs = FleetRuns(fleet, signals, progress)
    if not if_needed or runs.try_without_servers():
        prepare(prepare_words)
        runs.serve()
    return runs.exit_code


@dataclass(slots=True)
class FleetRuns:
    """How each of the models has ended so far."""

    fleet: Fleet
    signals: Signals
    progress: Progress
    results: dict[str, ModelResult] = field(default_factory=dict)
    judged: bool = True

    @property
    def exit_code(self) -> int:
        if self.signals.received:
            return SIGNALLED + self.signals.received[0]
        return next((each.code for each in self.results.values() if each.code), 0)

    def try_without_servers(self) -> bool:
        """Run COMMAND without any. Returns whether that did not do for all models."""
        models = list(self.fleet.models)
        trials = try_without_servers(models, self.fleet.task, self.signals)
        self.judged = judge_needed(trials.values())
        if self.fleet.judge and not self.judged:
            self.progress.say(
                N_("{model} is not served: there is nothing to judge", model=self.fleet.judge.model)
            )
        done = {model: each.code for model, each in trials.items() if each.code != SERVER_NEEDED}
        self.results = {model: ModelResult(code) for model, code in done.items()}
        mistaken = USAGE in done.values()
        return len(done) < len(models) and not mistaken and not self.signals.received

    def serve(self) -> None:
        """Run COMMAND for the models that need a server, and say how each ended."""
        needed = [model for model in self.fleet.models if model not in self.results]
        try:
            if self.fleet.judge and self.judged:
                self._serve_judge(self.fleet.judge, needed)
            else:
                self._serve_models(needed, None)
        finally:
            for line in summary(list(self.fleet.models), self.results):
                self.progress.say(line)

    def _serve_judge(self, judge: ServerRequest, needed: Sequence[str]) -> None:
        """One judge for all models. If it dies, those that it left unfinished are run again."""
        plans = make_plans(judge, self.signals.pause, self.progress)
        log = run_log(f"{plans[0].name}-judge")
        timeout = judge.options.startup_timeout
        job = ServerJob(plans, log, timeout, "judge", beside_others=True)

        def run(watch: DeathWatch) -> int:
            self._serve_models(self._unfinished(needed), watch)
            return SERVER_NEEDED if self._unfinished(needed) else 0

        run_beside(job, run, self.signals, self.progress)

    def _unfinished(self, models: Sequence[str]) -> list[str]:
        """Those that have no result, or one that another judge may better."""
        results = self.results
        return [
            each for each in models if each not in results or results[each].code not in FINISHED
        ]

    def _serve_models(self, models: Sequence[str], judge: DeathWatch | None) -> None:
        fleet = self.fleet
        task = replace(fleet.task, endpoints=judge.file.path) if judge else fleet.task

        def judge_lives() -> bool:
            if judge:
                judge()
            return not (judge and judge.cause)

        sizes = {model: fleet.models[model] for model in models}
        self.results |= run_in_parallel(
            sizes, fleet.gpus, task, self.signals, self.progress, judge_lives
        )


def prepare(command: str) -> None:
    """Run `command` once, before the first server. Raises StartError if it fails."""
    words = shlex.split(command)
    if not words:
        return
    foreground.check_command(words)
    code = subprocess.run(words).returncode
    if code > SIGNALLED:
        raise Interrupted(code - SIGNALLED)
    if code:
        name = " ".join(words[:2])
        raise StartError(
            N_(
                "--prepare: {name!r} ended with exit code {code}; see its message above",
                name=name,
                code=code,
            )
        )
