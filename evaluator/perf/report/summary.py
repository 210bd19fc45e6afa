"""What the repeats of a point come to: the compared figures, and their means with intervals."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from evaluator.results.perf import Estimate, SummaryRow
from evaluator.results.perf_point import PerfPoint
from evaluator.statistics.student import t_interval

Repeats = Mapping[int, PerfPoint]  # by the number of the repeat


@dataclass(frozen=True, slots=True)
class ComparedFigure:
    """One figure of a point; `of` gives None where it was not measured."""

    name: str
    of: Callable[[PerfPoint], float | None]
    higher_is_better: bool

    def measured(self, repeats: Repeats) -> list[float]:
        """Its value in each repeat that has it."""
        return [value for point in repeats.values() if (value := self.of(point)) is not None]


REQUESTS, OUTPUT, STEADY = "requests/s", "output tokens/s", "steady tokens/s"
GOODPUT = "goodput/s"
FIGURES = (
    ComparedFigure(REQUESTS, lambda point: point.requests_per_s, True),
    ComparedFigure(OUTPUT, lambda point: point.output_tokens_per_s, True),
    ComparedFigure(STEADY, lambda point: point.steady_tokens_per_s, True),
    ComparedFigure(GOODPUT, lambda point: point.goodput_per_s, True),
    ComparedFigure("TTFT p50", lambda point: point.ttft.p50, False),
    ComparedFigure("TPOT p50", lambda point: point.tpot.p50, False),
    ComparedFigure("ITL p99", lambda point: point.itl.p99, False),
    ComparedFigure("latency p50", lambda point: point.latency.p50, False),
)


def by_load(points: Sequence[PerfPoint]) -> dict[str, dict[str, dict[int, PerfPoint]]]:
    """load -> arm -> repeat -> point, the lightest load first."""
    table: dict[str, dict[str, dict[int, PerfPoint]]] = {}
    for point in sorted(points, key=weight):
        arms = table.setdefault(point.load, {})
        arms.setdefault(point.arm, {})[point.repeat] = point
    return table


def weight(point: PerfPoint) -> tuple[bool, float]:
    """Closed loops before open ones, each by its number; no rate is an infinite one."""
    return point.concurrency is None, point.concurrency or point.rate or inf


def summary(points: Sequence[PerfPoint]) -> tuple[SummaryRow, ...]:
    """For each load and arm the mean of every figure over the repeats, with its t-interval."""
    return tuple(
        SummaryRow(load=load, arm=arm, repeats=len(repeats), figures=estimates(repeats))
        for load, arms in by_load(points).items()
        for arm, repeats in arms.items()
    )


def estimates(repeats: Repeats) -> dict[str, Estimate]:
    """Every figure that was measured, by its name."""
    found = {figure.name: figure.measured(repeats) for figure in FIGURES}
    return {name: estimate(values) for name, values in found.items() if values}


def estimate(values: Sequence[float]) -> Estimate:
    """The mean of the repeats, with its interval."""
    return Estimate(mean=sum(values) / len(values), ci95=t_interval(values, least=0.0))
