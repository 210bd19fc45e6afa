"""Replies of a benchmark whose samples are asked several times, counted apart from its samples."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from evaluator.locale import N_
from evaluator.results.figures import Dimension, Figure
from evaluator.results.names import MEASURED
from evaluator.results.outcomes import OutcomeRecord
from evaluator.results.report import BenchmarkResult

NAMED = 3  # dimensions that a line names


@dataclass(slots=True)
class ReplyCounts:
    """Where every reply ended; and of each dimension how many have it, and the sum over them.

    `asked` counts the replies to the samples that have the dimension at all.
    """

    states: Counter[str] = field(default_factory=Counter)
    having: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    sums: dict[str, float] = field(default_factory=dict)

    def add(self, outcome: OutcomeRecord) -> None:
        """Takes the outcome of a sample that was asked several times."""
        self.states.update(outcome.states)
        if outcome.status not in MEASURED:
            return
        every = sum(outcome.states.values())
        for name, value in outcome.dimensions.items():
            count = outcome.repeats.get(name, every)
            self.having[name] += count
            self.asked[name] += every
            self.sums[name] = self.sums.get(name, 0.0) + count * value

    def dimension(self, name: str, of: Figure) -> Dimension:
        """A dimension with the replies that have it and its sum over them, where there are any."""
        repeated = name in self.having
        return Dimension(
            value=of.value,
            ci95=of.ci95,
            samples=of.samples,
            scale=of.scale,
            replies=self.having[name] if repeated else None,
            replies_asked=self.asked[name] if repeated else None,
            sum=self.sums[name] if repeated else None,
        )


def unparsed(result: BenchmarkResult) -> int:
    """Replies without a readable answer or verdict."""
    counts = states(result)
    return counts.get("unparsed", 0) + counts.get("judge_unparsed", 0)


def states(result: BenchmarkResult) -> Mapping[str, int]:
    """Replies by status: the samples, where each was asked once."""
    return result.replies or {
        "scored": result.scored,
        "unparsed": result.unparsed,
        "truncated": result.truncated,
        "judge_unparsed": result.judge_unparsed,
        "error": result.errors,
    }


def counted(result: BenchmarkResult, count: int) -> str:
    """A number of replies, with how many there are where these are not the samples."""
    return f"{count}/{sum(result.replies.values())}" if result.replies else str(count)


def partial(result: BenchmarkResult) -> Iterator[str]:
    """Which dimensions are means of some of the replies only."""
    some = [
        f"{name} {of.replies} of {of.replies_asked}"
        for name, of in result.dimensions.items()
        if (of.replies or 0) < (of.replies_asked or 0)
    ]
    if some:
        names = ", ".join(some[:NAMED])
        if len(some) > NAMED:
            names = N_("{first} and {n} more", first=names, n=len(some) - NAMED)
        yield N_("means of the replies that have the figure: {names}", names=names)
