"""Intervals and spreads: how sure a number is."""

from collections.abc import Iterable, Sequence
from math import sqrt

Z95 = 1.959963984540054  # the normal distribution's 97.5th percentile
RESAMPLES = 2000


def wilson(total: float, n: int) -> tuple[float, float]:
    """95 % interval of a proportion `total / n` (Wilson 1927): sane at 0, at 1 and at small n."""
    if n == 0:
        return 0.0, 1.0
    p = total / n
    centre = p + Z95**2 / (2 * n)
    margin = Z95 * sqrt(p * (1 - p) / n + Z95**2 / (4 * n**2))
    scale = 1 + Z95**2 / n
    return max(0.0, (centre - margin) / scale), min(1.0, (centre + margin) / scale)


def bootstrap(groups: Sequence[Sequence[float]], seed: int = 0) -> tuple[float, float]:
    """95 % percentile interval of the pooled mean, resampled within each group."""
    import numpy as np

    random = np.random.default_rng(seed)
    totals = np.zeros(RESAMPLES)
    for values in groups:
        array = np.asarray(values, dtype=float)
        # one resample at a time: all of them at once would need 2,000 times the data's memory
        totals += [random.choice(array, len(array)).sum() for _ in range(RESAMPLES)]
    low, high = np.quantile(totals / sum(map(len, groups)), (0.025, 0.975))
    return float(low), float(high)


def interval(groups: Iterable[Sequence[float]]) -> tuple[float, float] | None:
    """95 % interval of the mean: Wilson where every value is 0 or 1, else stratified bootstrap."""
    filled = [values for values in groups if len(values)]
    if not filled:
        return None
    if all(value in (0.0, 1.0) for values in filled for value in values):
        return wilson(sum(map(sum, filled)), sum(map(len, filled)))
    return bootstrap(filled)


def spread(values: Sequence[float]) -> dict[str, float]:
    """Mean and percentiles in the values' own unit; empty where nothing was measured."""
    if not len(values):
        return {}
    import numpy as np

    p50, p90, p95, p99 = (float(p) for p in np.percentile(values, (50, 90, 95, 99)))
    return {"mean": float(np.mean(values)), "p50": p50, "p90": p90, "p95": p95, "p99": p99}


def t_interval(values: Sequence[float]) -> tuple[float, float] | None:
    """95 % interval of the mean of a few repeats (Student's t); None for fewer than two."""
    n = len(values)
    if n < 2:
        return None
    mean = sum(values) / n
    error = sqrt(sum((value - mean) ** 2 for value in values) / (n - 1) / n)
    margin = t975(n - 1) * error
    return mean - margin, mean + margin


def welch(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, float] | None:
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
