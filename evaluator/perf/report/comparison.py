"""Ratios between arms, with intervals, and what they show.

Arms that took turns in the same run are compared repeat by repeat, so that what drifts cancels;
runs of different days are not paired, and say so.  Ratios are averaged as logarithms.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

from evaluator.perf.report.summary import FIGURES, ComparedFigure, Repeats, by_load
from evaluator.results.figures import Interval, Unmeasured
from evaluator.results.perf import PerfComparisonRow
from evaluator.results.perf_point import Lengths, PerfPoint
from evaluator.statistics.student import t_interval, welch

ALIKE = 0.02  # lengths within this share of each other are taken to be the same

ByLoad = Mapping[str, Mapping[str, object]]  # arms by load
Ratio = tuple[float, Interval | None]  # with its 95 % interval
LengthOf = Callable[[PerfPoint], Lengths | Unmeasured]

LENGTHS: tuple[tuple[LengthOf, str], ...] = (
    (lambda point: point.prompt_tokens, "prompts"),
    (lambda point: point.output_tokens, "replies"),
)


@dataclass(frozen=True, slots=True)
class Sides:
    """Two arms at one load.  `paired`: they took turns, so that a repeat of one has its like."""

    load: str
    base: str
    other: str
    of_base: Repeats
    of_other: Repeats
    paired: bool

    def rows(self) -> Iterator[PerfComparisonRow]:
        """other / base for every figure that both have."""
        unlike = lengths_differ(self.of_base, self.of_other)
        for figure in FIGURES:
            if without := self.zeros(figure):
                yield self.row(figure, None, without)
            elif found := self.ratio(figure):
                yield self.row(figure, found, unlike or verdict(*found, figure.higher_is_better))

    def row(self, figure: ComparedFigure, found: Ratio | None, verdict: str) -> PerfComparisonRow:
        """One figure of both."""
        ratio, ends = found or (None, None)
        return PerfComparisonRow(
            load=self.load,
            figure=figure.name,
            base=self.base,
            other=self.other,
            ratio=ratio,
            ci95=ends,
            verdict=verdict,
        )

    def zeros(self, figure: ComparedFigure) -> str:
        """Says where a value is 0, of which there is no ratio: repeats are not picked by it."""
        sides = {self.base: self.of_base, self.other: self.of_other}
        counts = {name: figure.measured(of).count(0.0) for name, of in sides.items()}
        parts = [f"0 in {n} of {len(sides[name])} of {name}" for name, n in counts.items() if n]
        return ", ".join(parts)

    def ratio(self, figure: ComparedFigure) -> Ratio | None:
        """None where one of the two lacks the figure."""
        by = within_repeats if self.paired else between_means
        return by(figure, self.of_base, self.of_other)


def comparison(points: Sequence[PerfPoint], base: str) -> Iterator[PerfComparisonRow]:
    """Every other arm against the base, repeat by repeat."""
    for load, arms in by_load(points).items():
        for other in arms:
            if other != base and base in arms:
                yield from Sides(load, base, other, arms[base], arms[other], paired=True).rows()


def against(
    points: Sequence[PerfPoint], earlier: Sequence[PerfPoint], run: str
) -> Iterator[PerfComparisonRow]:
    """Every arm against those of an earlier run that have its name, or the only one of that run."""
    before = by_load(earlier)
    for load, arms in by_load(points).items():
        known = before.get(load, {})
        for arm, repeats in arms.items():
            if name := counterpart(arm, known):
                base = f"{name} in {run}"
                yield from Sides(load, base, arm, known[name], repeats, paired=False).rows()


def counterpart(arm: str, known: Mapping[str, object]) -> str:
    """The arm of an earlier run that is set against this one; empty where there is none."""
    if arm in known:
        return arm
    return next(iter(known)) if len(known) == 1 else ""


def unmatched(here: ByLoad, there: ByLoad) -> tuple[str, ...]:
    """The loads and arms of one run that have no counterpart in another."""
    return tuple(
        f"{load} on {arm}"
        for load, arms in here.items()
        for arm in arms
        if not counterpart(arm, there.get(load, {}))
    )


def within_repeats(figure: ComparedFigure, base: Repeats, other: Repeats) -> Ratio | None:
    """The ratio within each repeat, averaged."""
    pairs = [(figure.of(base[n]), figure.of(other[n])) for n in other if n in base]
    logs = [log(b / a) for a, b in pairs if a is not None and b is not None]
    if not logs:
        return None
    ends = t_interval(logs)
    return exp(sum(logs) / len(logs)), ends and (exp(ends[0]), exp(ends[1]))


def between_means(figure: ComparedFigure, base: Repeats, other: Repeats) -> Ratio | None:
    """The ratio of the means of repeats that have nothing to do with each other."""
    ours, theirs = ([log(v) for v in figure.measured(side)] for side in (other, base))
    if not (ours and theirs):
        return None
    ends = welch(ours, theirs)
    ratio = exp(sum(ours) / len(ours) - sum(theirs) / len(theirs))
    return ratio, ends and (exp(ends[0]), exp(ends[1]))


def verdict(ratio: float, ends: Interval | None, higher_is_better: bool) -> str:
    """In words, only as strong as the interval."""
    if ends is None:
        return "one repeat: cannot tell"
    if ends[0] <= 1 <= ends[1]:
        return "no difference shown"
    return "better" if (ratio > 1) == higher_is_better else "worse"


def lengths_differ(base: Repeats, other: Repeats) -> str:
    """Says where the two did not do the same work; empty where they did."""
    for length_of, what in LENGTHS:
        a, b = mean_length(base, length_of), mean_length(other, length_of)
        if a and b and abs(b / a - 1) > ALIKE + drawn_apart(base, other, length_of) / a:
            return f"not comparable: {what} of {b:.0f} and {a:.0f} tokens"
    return ""


def drawn_apart(base: Repeats, other: Repeats, length_of: LengthOf) -> float:
    """Tokens by which the means may differ only because one side was asked more of the prompts.

    As in a point that ends by time: three standard errors, were lengths drawn evenly.
    """
    sides = [counted(base, length_of), counted(other, length_of)]
    counts = [sum(point.completed for point, _ in side) for side in sides]
    if counts[0] == counts[1]:
        return 0.0
    lengths = [length for side in sides for _, length in side]
    width = max(each.max for each in lengths) - min(each.min for each in lengths)
    return 3 * width / sqrt(12) * sqrt(1 / counts[0] + 1 / counts[1])


def mean_length(repeats: Repeats, length_of: LengthOf) -> float | None:
    """Tokens a request, over the repeats; None where the server did not count."""
    means = [length.mean for _, length in counted(repeats, length_of)]
    return sum(means) / len(means) if means else None


def counted(repeats: Repeats, length_of: LengthOf) -> list[tuple[PerfPoint, Lengths]]:
    """The repeats of which the server counted the tokens."""
    pairs = [(point, length_of(point)) for point in repeats.values()]
    return [(point, length) for point, length in pairs if isinstance(length, Lengths)]
