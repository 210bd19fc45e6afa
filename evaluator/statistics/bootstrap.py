"""Intervals of what is no mean: a statistic of resampled samples."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from evaluator.results.figures import NOTHING, Figure
from evaluator.results.names import Scale

T = TypeVar("T")

RESAMPLES = 1000


def bootstrap(
    items: Sequence[T],
    statistic: Callable[[list[T]], float],
    scale: Scale,
    resamples: int = RESAMPLES,
) -> Figure:
    """The statistic of all items, with the middle 95 % of its values on resampled items.

    None stands for the interval of fewer than two items.  The draws are the same every time.
    """
    if not items:
        return NOTHING
    value = float(statistic(list(items)))
    if len(items) < 2:
        return Figure(value=value, ci95=None, samples=len(items), scale=scale)
    from numpy import quantile
    from numpy.random import default_rng

    generator = default_rng(0)
    drawn = [
        float(statistic([items[i] for i in generator.integers(len(items), size=len(items))]))
        for _ in range(resamples)
    ]
    low, high = quantile(drawn, [0.025, 0.975]).tolist()
    return Figure(value=value, ci95=(low, high), samples=len(items), scale=scale)
