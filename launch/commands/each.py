"""`each`: COMMAND once per model, beside a server of its own; a failure costs no other model."""

import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..declared import option_words
from ..errors import Interrupted, StartError
from ..options import EachOptions, of_servers
from ..planning import make_plans
from ..processes.signals import Signals
from ..progress import Progress
from ..server.log_files import run_log
from ..server.machine import place
from ..server.placement import Placement
from . import foreground
from .beside_server import FINISHED, ServerJob, run_beside
from .endpoints_file import SERVER_NEEDED
from .parallel import ModelResult, run_in_parallel
from .per_model import (
    USAGE,
    CommandPerModel,
    model_names,
    try_without_servers,
)
from .replicas import DeathWatch
from .servers import ambiguous_folders, check_flags
from .serving_plan import judge_lines, plan_lines, summary
from .share_out import check_judge, judge_request, served_judge, shared_out

SIGNALLED = 128  # plus its number: how a process tells which signal ended it


def run_each(
    options: EachOptions, words: Sequence[str], signals: Signals, progress: Progress
) -> int:
    """The exit code of the first model that failed. `words` are `[FLAGS... --] COMMAND...`."""
    flags, command = foreground.split_words(words)
    foreground.check_command(command)
    models = model_names(options.models, options.recipe, options.presets)
    check_flags(models, flags)
    gpus, judge = place(options.gpus), place(options.judge_gpus)
    sizes = shared_out(options, models, gpus, flags)
    check_judge(options, gpus, judge)
    if options.dry_run:
        lines = plan_lines(sizes, gpus, os.environ, options.presets)
        if options.judge:
            lines += judge_lines(options.judge, judge, os.environ, options.presets)
        print("\n".join(lines), flush=True)  # noqa: T201
        return 0
    judge_name = served_judge(options) if options.judge else ""
    folders = ambiguous_folders(models)
    task = CommandPerModel(
        command, _with_options(options), flags, folders, judge_name, presets=options.presets
    )
    runs = ServedRuns(options, sizes, gpus, task, signals, progress)
    if runs.needs_servers():
        prepare(options.prepare)
        runs.serve()
    return runs.exit_code


@dataclass(slots=True)
class ServedRuns:
    """The models, on how many of the GPUs each is served, and how each has ended so far."""

    options: EachOptions
    models: Mapping[str, int]
    gpus: Placement
    task: CommandPerModel
    signals: Signals
    progress: Progress
    results: dict[str, ModelResult] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """That of the first model that failed, unless a signal ended the run."""
        if self.signals.received:
            return SIGNALLED + self.signals.received[0]
        return next((each.code for each in self.results.values() if each.code), 0)

    def needs_servers(self) -> bool:
        """Whether COMMAND, where it is to be tried without servers, did not do for all models."""
        if not self.options.if_needed:
            return True
        codes = try_without_servers(list(self.models), self.task, self.signals)
        done = {model: code for model, code in codes.items() if code != SERVER_NEEDED}
        self.results = {model: ModelResult(code) for model, code in done.items()}
        unknown = len(done) < len(self.models)
        return unknown and USAGE not in codes.values() and not self.signals.received

    def serve(self) -> None:
        """Run COMMAND for the models that need a server, and say how each ended."""
        needed = [model for model in self.models if model not in self.results]
        try:
            if self.options.judge:
                self._serve_judge(needed)
            else:
                self._serve_models(needed, None)
        finally:
            for line in summary(list(self.models), self.results):
                self.progress.say(line)

    def _serve_judge(self, needed: Sequence[str]) -> None:
        """One judge for all models. If it dies, those that it left unfinished are run again."""
        plans = make_plans(judge_request(self.options), self.signals.pause, self.progress)
        log = run_log(f"{plans[0].name}-judge")
        job = ServerJob(plans, log, self.options.startup_timeout, "judge")

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
        task = replace(self.task, endpoints=judge.file.path) if judge else self.task

        def judge_lives() -> bool:
            if judge:
                judge()
            return not (judge and judge.cause)

        sizes = {model: self.models[model] for model in models}
        self.results |= run_in_parallel(
            sizes, self.gpus, task, self.signals, self.progress, judge_lives
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
        raise StartError(f"--prepare: {name!r} ended with exit code {code}; see its message above")


def _with_options(options: EachOptions) -> tuple[str, ...]:
    return option_words({**of_servers(options), "tp": options.tp, "replicas": options.replicas})
