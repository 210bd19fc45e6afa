"""Student's t: the intervals of a few repeats, and of the difference between two sets of them."""

from collections.abc import Sequence
from math import inf, sqrt

from evaluator.results.figures import Interval


def t_interval(values: Sequence[float], least: float = -inf) -> Interval | None:
    """95 % interval of the mean of a few repeats; None for fewer than two.

    It ends at the `least` that a value can be, as a rate or a time at 0.
    """
    n = len(values)
    if n < 2:
        return None
    mean = sum(values) / n
    error = sqrt(sum((value - mean) ** 2 for value in values) / (n - 1) / n)
    margin = t975(n - 1) * error
    return max(least, mean - margin), mean + margin


def welch(ours: Sequence[float], theirs: Sequence[float]) -> Interval | None:
    """95 % interval of mean(ours) - mean(theirs) where the two are not paired (Welch 1947)."""
    if min(len(ours), len(theirs)) < 2:
        return None
    (mean_a, error_a), (mean_b, error_b) = map(_mean_and_squared_error, (ours, theirs))
    error = error_a + error_b
    if error == 0:
        return mean_a - mean_b, mean_a - mean_b
    freedom = error**2 / (error_a**2 / (len(ours) - 1) + error_b**2 / (len(theirs) - 1))
    margin = t975(freedom) * sqrt(error)
    return mean_a - mean_b - margin, mean_a - mean_b + margin


def _mean_and_squared_error(values: Sequence[float]) -> tuple[float, float]:
    n = len(values)
    mean = sum(values) / n
    return mean, sum((value - mean) ** 2 for value in values) / (n - 1) / n


def t975(freedom: float) -> float:
    """The 97.5th percentile of Student's t distribution."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.975))
