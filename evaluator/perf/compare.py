"""What repeats come to: means with intervals, ratios between arms, and the Pareto front.

Arms that took turns in the same run are compared repeat by repeat, so that what drifts cancels;
runs of different days are not paired, and say so.  Ratios are averaged as logarithms.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp, inf, log, sqrt
from typing import Any

from evaluator.statistics.student import t_interval, welch

Point = Mapping[str, Any]
Interval = tuple[float, float] | None
ByLoad = Mapping[str, Mapping[str, Any]]  # arms by load
ALIKE = 0.02  # lengths within this share of each other are taken to be the same


@dataclass(frozen=True, slots=True)
class Figure:
    """One compared figure, at its place in a point."""

    name: str
    path: tuple[str, ...]
    higher_is_better: bool

    def of(self, point: Point) -> float | None:
        """Its value; None where it was not measured."""
        found: Any = point
        for key in self.path:
            found = found.get(key) if found else None
        value: float | None = found
        return value


GOODPUT = "goodput/s"
FIGURES = (
    Figure("requests/s", ("requests_per_s",), True),
    Figure("output tokens/s", ("output_tokens_per_s",), True),
    Figure("steady tokens/s", ("steady", "output_tokens_per_s"), True),
    Figure(GOODPUT, ("goodput_per_s",), True),
    Figure("TTFT p50", ("ttft", "p50"), False),
    Figure("TPOT p50", ("tpot", "p50"), False),
    Figure("ITL p99", ("itl", "p99"), False),
    Figure("latency p50", ("latency", "p50"), False),
)


def by_load(points: Sequence[Point]) -> dict[str, dict[str, dict[int, Point]]]:
    """load -> arm -> repeat -> point, the lightest load first."""
    table: dict[str, dict[str, dict[int, Point]]] = {}
    for point in sorted(points, key=weight):
        arms = table.setdefault(point["load"], {})
        arms.setdefault(point["arm"], {})[point["repeat"]] = point
    return table


def weight(point: Point) -> tuple[bool, float]:
    """Closed loops before open ones, each by its number; no rate is an infinite one."""
    concurrency = point["concurrency"]
    return concurrency is None, concurrency or point["rate"] or inf


def summary(points: Sequence[Point]) -> list[dict[str, Any]]:
    """For each load and arm the mean of every figure over the repeats, with its t-interval."""
    rows = []
    for load, arms in by_load(points).items():
        for arm, repeats in arms.items():
            row: dict[str, Any] = {"load": load, "arm": arm, "repeats": len(repeats), "figures": {}}
            for figure in FIGURES:
                values = measured(figure, repeats)
                if values:
                    mean = sum(values) / len(values)
                    ends = t_interval(values, least=0.0)
                    row["figures"][figure.name] = {"mean": mean, "ci95": ends}
            rows.append(row)
    return rows


def measured(figure: Figure, repeats: Mapping[int, Point]) -> list[float]:
    """The figure in each repeat that has it."""
    return [value for point in repeats.values() if (value := figure.of(point)) is not None]


def comparison(points: Sequence[Point], base: str) -> list[dict[str, Any]]:
    """Every other arm against the base, repeat by repeat."""
    rows = []
    for load, arms in by_load(points).items():
        for other in arms:
            if other != base and base in arms:
                rows += list(ratios(load, base, other, arms[base], arms[other], paired))
    return rows


def against(points: Sequence[Point], earlier: Sequence[Point], run: str) -> list[dict[str, Any]]:
    """Every arm against those of an earlier run that have its name, or the only one of that run."""
    rows = []
    before = by_load(earlier)
    for load, arms in by_load(points).items():
        known = before.get(load, {})
        for arm, repeats in arms.items():
            if name := counterpart(arm, known):
                label = f"{name} in {run}"
                rows += list(ratios(load, label, arm, known[name], repeats, unpaired))
    return rows


def counterpart(arm: str, known: Mapping[str, Any]) -> str:
    """The arm of an earlier run that is set against this one; empty where there is none."""
    if arm in known:
        return arm
    return next(iter(known)) if len(known) == 1 else ""


def unmatched(here: ByLoad, there: ByLoad) -> list[str]:
    """The loads and arms of one run that have no counterpart in another."""
    return [
        f"{load} on {arm}"
        for load, arms in here.items()
        for arm in arms
        if not counterpart(arm, there.get(load, {}))
    ]


Ratio = Callable[[Figure, Mapping[int, Point], Mapping[int, Point]], tuple[float, Interval] | None]


def ratios(
    load: str,
    base: str,
    other: str,
    of_base: Mapping[int, Point],
    of_other: Mapping[int, Point],
    ratio: Ratio,
) -> Iterator[dict[str, Any]]:
    """other / base for every figure that both have."""
    note = lengths_differ(of_base, of_other)
    for figure in FIGURES:
        row = {"load": load, "figure": figure.name, "base": base, "other": other}
        if words := zeros(figure, {base: of_base, other: of_other}):
            yield {**row, "ratio": None, "ci95": None, "verdict": words}
        elif found := ratio(figure, of_base, of_other):
            ends = {"ratio": found[0], "ci95": found[1]}
            yield {**row, **ends, "verdict": verdict(*found, figure.higher_is_better, note)}


def zeros(figure: Figure, sides: Mapping[str, Mapping[int, Point]]) -> str:
    """What to say where a value is 0, of which there is no ratio: repeats are not picked by it."""
    counts = {name: measured(figure, of).count(0.0) for name, of in sides.items()}
    parts = [f"0 in {n} of {len(sides[name])} of {name}" for name, n in counts.items() if n]
    return ", ".join(parts)


def paired(
    figure: Figure, base: Mapping[int, Point], other: Mapping[int, Point]
) -> tuple[float, Interval] | None:
    """The ratio within each repeat, averaged."""
    pairs = [(figure.of(base[n]), figure.of(other[n])) for n in other if n in base]
    logs = [log(b / a) for a, b in pairs if a is not None and b is not None]
    if not logs:
        return None
    ends = t_interval(logs)
    return exp(sum(logs) / len(logs)), ends and (exp(ends[0]), exp(ends[1]))


def unpaired(
    figure: Figure, base: Mapping[int, Point], other: Mapping[int, Point]
) -> tuple[float, Interval] | None:
    """The ratio of the means of repeats that have nothing to do with each other."""
    ours, theirs = ([log(v) for v in measured(figure, side)] for side in (other, base))
    if not (ours and theirs):
        return None
    ends = welch(ours, theirs)
    ratio = exp(sum(ours) / len(ours) - sum(theirs) / len(theirs))
    return ratio, ends and (exp(ends[0]), exp(ends[1]))


def verdict(ratio: float, ends: Interval, higher_is_better: bool, note: str) -> str:
    """In words, only as strong as the interval."""
    if note:
        return note
    if ends is None:
        return "one repeat: cannot tell"
    if ends[0] <= 1 <= ends[1]:
        return "no difference shown"
    return "better" if (ratio > 1) == higher_is_better else "worse"


def lengths_differ(base: Mapping[int, Point], other: Mapping[int, Point]) -> str:
    """What to say where the two did not do the same work."""
    for which, words in (("prompt_tokens", "prompts"), ("output_tokens", "replies")):
        a, b = (mean_length(side, which) for side in (base, other))
        if a and b and abs(b / a - 1) > ALIKE + drawn_apart(base, other, which) / a:
            return f"not comparable: {words} of {b:.0f} and {a:.0f} tokens"
    return ""


def drawn_apart(base: Mapping[int, Point], other: Mapping[int, Point], which: str) -> float:
    """Tokens by which the means may differ only because one side was asked more of the prompts.

    As in a point that ends by time: three standard errors, were lengths drawn evenly.
    """
    sides = [[point for point in side.values() if point[which]] for side in (base, other)]
    counts = [sum(point["completed"] for point in side) for side in sides]
    if counts[0] == counts[1]:
        return 0.0
    lengths = [point[which] for side in sides for point in side]
    width = max(each["max"] for each in lengths) - min(each["min"] for each in lengths)
    return float(3 * width / sqrt(12) * sqrt(1 / counts[0] + 1 / counts[1]))


def mean_length(points: Mapping[int, Point], which: str) -> float | None:
    """Tokens a request, over the repeats; None where the server did not count."""
    means = [point[which]["mean"] for point in points.values() if point[which]]
    return sum(means) / len(means) if means else None


def pareto(rows: Sequence[tuple[float, float | None]]) -> list[bool]:
    """Whether each (accuracy, rate) is on the front: none is as good in both and better in one.

    What has no rate is not.
    """
    known = [(a, b) for a, b in rows if b is not None]
    return [
        y is not None
        and not any(a >= x and b >= y and (a, b) != (x, y) for a, b in known)  # ties share it
        for x, y in rows
    ]
