"""Several models, one after another, each in a folder of its own: one failure costs one model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console

from evaluator.errors import EvaluatorError, Interrupted, ServerError, UsageError
from evaluator.locale import N_, joined, speaking
from evaluator.options.endpoints import awaited
from evaluator.options.settings import Settings
from evaluator.report.terminal import plain_text
from evaluator.results.comparison import Comparison
from evaluator.results.report import RunReport
from evaluator.runs import run as one

SCORES: Mapping[str, Literal["markdown", "csv"]] = {"scores.md": "markdown", "scores.csv": "csv"}


@dataclass(frozen=True, slots=True)
class Ended:
    """How a model's run ended: with a report, or with the error that kept it from one."""

    settings: Settings
    report: RunReport | None = None
    error: EvaluatorError | None = None

    @property
    def code(self) -> int:
        """The exit code that the run would have had alone."""
        if self.error:
            return self.error.exit_code
        assert self.report
        return one.exit_code(self.report, self.settings)

    @property
    def measured(self) -> bool:
        """Whether there is anything to compare."""
        results = self.report.benchmarks.values() if self.report else ()
        return any(result.value is not None for result in results)

    @property
    def line(self) -> str:
        """What a person needs to know of it."""
        if self.error:
            return N_(
                "{model} failed: {error}", model=self.settings.model, error=self.error.message
            )
        there = N_("results in {folder}/", folder=self.settings.out)
        if not self.measured:
            there = joined("; ", (N_("no sample was measured"), there))
        return N_("{name}: {line}", name=self.settings.model, line=there)


def run_each(chosen: Sequence[Settings], console: Console) -> list[Ended]:
    """Measures each model.

    Raises Interrupted, a mistake that all of them met, and ServerError where `launch` has a server
    still to start.
    """
    ended: list[Ended] = []
    for settings in chosen:
        if settings.progress != "none":
            console.print(plain_text(settings.model, "bold"))
        try:
            ended.append(Ended(settings, one.run(settings, console)))
        except Interrupted:
            raise
        except EvaluatorError as error:
            if isinstance(error, ServerError) and awaited(settings.model):
                raise  # `launch` starts the server that this one needs, and runs all of them again
            ended.append(Ended(settings, error=error))
    mistake = ended[0].error
    if isinstance(mistake, UsageError) and {str(each.error) for each in ended} == {str(mistake)}:
        raise mistake
    return ended


@dataclass(frozen=True, slots=True)
class Compared:
    """The comparison with the first model, and the folder it was written to."""

    comparison: Comparison
    folder: Path


def compared(ended: Sequence[Ended]) -> Compared | None:
    """The others beside the first, and all scores in one table; None where there is nothing beside.

    Forced: runs of one command differ in their model alone, or in a judge that is the model itself.
    """
    from evaluator.comparison import compare, default_folder, write
    from evaluator.comparison.scores import SideBySide, written

    base, *others = ended
    runs = [each.settings.out for each in others if each.measured]
    if not base.measured or not runs:
        return None
    comparison = compare(base.settings.out, runs, force=True)
    folder = default_folder(base.settings.out, comparison)
    write(comparison, folder, base.settings.lang)
    scores = SideBySide([each.report for each in ended if each.report], ())
    with speaking(base.settings.lang):
        for name, form in SCORES.items():
            (folder / name).write_text(written(scores, form), encoding="utf-8")
    return Compared(comparison, folder)


def exit_code(ended: Sequence[Ended]) -> int:
    """That of the first model that failed."""
    return next((each.code for each in ended if each.code), 0)
