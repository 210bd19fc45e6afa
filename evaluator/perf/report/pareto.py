"""Accuracy and speed of the same requests, and which arms and loads no other is ahead of."""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluator.results.figures import Interval
from evaluator.results.perf import ParetoPoint
from evaluator.results.perf_point import Accuracy, PerfPoint
from evaluator.statistics.intervals import wilson


@dataclass(frozen=True, slots=True)
class MeanAccuracy:
    """The mean score of the repeats, its 95 % interval, and the questions of one repeat."""

    accuracy: float
    ci95: Interval
    samples: int


def pareto(points: Sequence[PerfPoint]) -> tuple[ParetoPoint, ...]:
    """Score and rate of each arm and load, over the repeats, and whether another is ahead of it."""
    groups: dict[tuple[str, str], list[tuple[PerfPoint, Accuracy]]] = {}
    for point in points:
        if point.accuracy and point.accuracy.value is not None:
            groups.setdefault((point.arm, point.load), []).append((point, point.accuracy))
    scores = [over_repeats([accuracy for _, accuracy in group]) for group in groups.values()]
    rates = [mean([point.output_tokens_per_s for point, _ in group]) for group in groups.values()]
    pairs = [(score.accuracy, rate) for score, rate in zip(scores, rates, strict=True)]
    rows = zip(groups.items(), scores, rates, on_front(pairs), strict=True)
    return tuple(
        ParetoPoint(
            arm=arm,
            load=load,
            benchmark=group[0][1].benchmark,
            accuracy=score.accuracy,
            ci95=score.ci95,
            samples=score.samples,
            output_tokens_per_s=rate,
            front=front,
        )
        for ((arm, load), group), score, rate, front in rows
    )


def over_repeats(scores: Sequence[Accuracy]) -> MeanAccuracy:
    """The mean score of the repeats.  Their questions are the same: as many as in one of them.

    So Wilson's interval, which is rather too wide for means of repeats, is taken of those.
    """
    samples = min(score.samples for score in scores)
    value = sum(score.value or 0.0 for score in scores) / len(scores)
    return MeanAccuracy(value, wilson(value * samples, samples), samples)


def on_front(rows: Sequence[tuple[float, float | None]]) -> list[bool]:
    """Whether each (accuracy, rate) is on the front: none is as good in both and better in one.

    What has no rate is not.
    """
    known = [(a, b) for a, b in rows if b is not None]
    return [
        y is not None
        and not any(a >= x and b >= y and (a, b) != (x, y) for a, b in known)  # ties share it
        for x, y in rows
    ]


def mean(values: Sequence[float | None]) -> float | None:
    """None where one of the values is not known."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if len(known) == len(values) else None
