"""A benchmark's `solve` that asks judges too, to be bound to the judges of a run."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from evaluator.errors import UsageError
from evaluator.judging.panel import Panel
from evaluator.judging.verdict_format import VerdictFormat
from evaluator.locale import N_
from evaluator.types import Ask, Benchmark, Rows, Sample, Score, Solve

UNASKED = "an empty answer: nobody was asked to judge it"  # the explanation of its score


@dataclass(frozen=True, slots=True)
class JudgedSolve:
    """`solve(sample, ask, panel)`, and what goes with it.

    As a benchmark's `solve`, without a panel, it asks a single judge. `prompt` is the project's
    own judge prompt, and `check` raises UsageError for one of the user's that cannot take its
    place. `notes` are further lines for a report. `verdicts` writes and reads recorded verdicts.
    """

    solve: Callable[[Sample, Ask, Panel], Awaitable[Score]]
    prompt: str
    check: Callable[[str, str], None]  # of a prompt's text and the file that it comes from
    notes: Callable[[Rows], Sequence[str]] = lambda rows: ()
    verdicts: VerdictFormat | None = None

    def __call__(self, sample: Sample, ask: Ask) -> Awaitable[Score]:
        return self.solve(sample, ask, Panel())

    def by(self, panel: Panel) -> Solve:
        """`solve` with these judges.  Raises UsageError for a prompt without the essentials."""
        if panel.prompt:
            self.check(panel.prompt, panel.source)
        return lambda sample, ask: self.solve(sample, ask, panel)

    def described(self, panel: Panel, rows: Rows | None = None) -> list[str]:
        """What a report must say of how samples from these rows were judged."""
        return [*panel.notes(f"our own ({self.prompt})"), *(self.notes(rows) if rows else ())]


def judged_solve(benchmark: Benchmark) -> JudgedSolve | None:
    """The `solve` of a benchmark whose answers are judged; None of any other."""
    return benchmark.solve if isinstance(benchmark.solve, JudgedSolve) else None


def requires(*names: str) -> Callable[[str, str], None]:
    """A check that a user's own prompt shows a judge what it must see."""

    def check(prompt: str, source: str) -> None:
        if missing := [f"{{{name}}}" for name in names if f"{{{name}}}" not in prompt]:
            raise UsageError(
                N_(
                    "--judge-prompt {source}: it never names {missing}",
                    source=source,
                    missing=", ".join(missing),
                )
            )

    return check
