"""Intervals and spreads: how sure a number is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

from evaluator.results.figures import NOTHING, Distribution, Figure, Interval, Spread, Unmeasured
from evaluator.results.names import SHARE
from evaluator.statistics.student import t975

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

Z95 = 1.959963984540054  # the normal distribution's 97.5th percentile
RESAMPLES = 2000
ZERO_AND_ONE = {0.0, 1.0}
AT_ONCE = 1_000_000  # counts drawn at once: bounds the memory that a bootstrap takes


def wilson(total: float, n: float) -> tuple[float, float]:
    """95 % interval of a proportion `total / n` (Wilson 1927): sane at 0, at 1 and at small n."""
    if n == 0:
        return 0.0, 1.0
    p = total / n
    centre = p + Z95**2 / (2 * n)
    margin = Z95 * sqrt(p * (1 - p) / n + Z95**2 / (4 * n**2))
    scale = 1 + Z95**2 / n
    return max(0.0, (centre - margin) / scale), min(1.0, (centre + margin) / scale)


def of_shares(mean: float, mean_square: float, n: float) -> Interval:
    """95 % interval of the mean of values from 0 to 1: Wilson's, at the n that is as sure.

    Values between the ends vary less than zeros and ones of the same mean, so that n of them tell
    as much as more of those. How much less they vary is taken with a 0 and a 1 added: of a few
    values that happen to be alike, as pass@k of four samples, the spread says too little.
    """
    mean, total = min(1.0, max(0.0, mean)), n + 2  # which a weighted sum may miss by its rounding
    centre = (n * mean + 1) / total
    variance = (n * mean_square + 1) / total - centre**2
    effective = n * centre * (1 - centre) / variance
    return wilson(mean * effective, effective)


@dataclass(slots=True)
class Running:
    """A mean with its interval while values come in: quick, and exact enough to watch."""

    scale: tuple[float, float] = (0.0, 1.0)
    n: int = 0
    total: float = 0.0
    squares: float = 0.0

    def add(self, value: float) -> None:
        self.n += 1
        self.total += value
        self.squares += value * value

    @property
    def mean(self) -> float | None:
        return self.total / self.n if self.n else None

    @property
    def ci95(self) -> tuple[float, float]:
        """Wilson's, or `of_shares`, of values from 0 to 1; else two standard errors each way."""
        if self.scale == SHARE and self.squares == self.total:
            return wilson(self.total, self.n)
        if self.scale == SHARE:
            return of_shares(self.total / self.n, self.squares / self.n, self.n)
        if self.n < 2:
            return self.scale
        mean = self.total / self.n
        variance = max(0.0, self.squares / self.n - mean**2) * self.n / (self.n - 1)
        margin = Z95 * sqrt(variance / self.n)
        return max(self.scale[0], mean - margin), min(self.scale[1], mean + margin)


def figure(
    groups: Iterable[Sequence[float]],
    weights: Sequence[float] | None = None,
    scale: Interval | None = None,
) -> Figure:
    """The mean of values in groups, its 95 % interval, and n.

    Every value counts the same (micro); with `weights`, one a group, the groups' means do (macro:
    all of them 1). A group without values is left out. Intervals end where the `scale` does.
    """
    parts = list(groups)
    pairs = list(zip(parts, weights or map(len, parts), strict=True))
    filled = [(part, weight) for part, weight in pairs if len(part)]
    if not filled:
        return NOTHING
    whole = sum(weight for _, weight in filled)
    value = sum(weight * sum(part) / len(part) for part, weight in filled) / whole
    chosen, shares = [part for part, _ in filled], [weight / whole for _, weight in filled]
    ends = weighted_interval(chosen, shares, scale) if weights else interval(chosen, scale)
    return Figure(
        value=value,
        ci95=clipped(ends, scale) if ends and scale else ends,
        samples=sum(map(len, chosen)),
    )


def macro(groups: Iterable[Sequence[float]], scale: Interval | None = None) -> Figure:
    """The mean of the groups' means, its 95 % interval, and n."""
    parts = list(groups)
    return figure(parts, [1.0] * len(parts), scale)


def clipped(ends: Interval, scale: Interval) -> Interval:
    """The part of an interval that lies on the scale."""
    return max(scale[0], ends[0]), min(scale[1], ends[1])


def ratio(parts: Sequence[float], wholes: Sequence[float]) -> Figure:
    """Sum of parts over sum of wholes, each pair being one sample; for parts of 0 to all.

    The interval is that of the linearised ratio (Cochran 1977, 6.3): samples are the units.
    """
    n, whole = len(parts), sum(wholes)
    if not whole:
        return NOTHING
    value = sum(parts) / whole
    units = [
        value + (part - value * of) * n / whole for part, of in zip(parts, wholes, strict=True)
    ]
    ends = of_shares(value, sum(unit**2 for unit in units) / n, n)
    return Figure(value=value, ci95=ends, samples=n)


def interval(groups: Iterable[Sequence[float]], scale: Interval | None = None) -> Interval | None:
    """95 % interval of the pooled mean: Wilson's of 0 and 1, `of_shares` from 0 to 1.

    Else, on another scale or none, a bootstrap; None where there is no telling: no values that
    differ.
    """
    filled = [values for values in groups if len(values)]
    n, total = sum(map(len, filled)), sum(map(sum, filled))
    if filled and shares_on(scale) and binary(filled):
        return wilson(total, n)
    if filled and scale == SHARE:
        return of_shares(total / n, mean_square(filled, [len(values) / n for values in filled]), n)
    return bootstrap(filled, zeros_and_ones=shares_on(scale)) if n > 1 else None


def shares_on(scale: Interval | None) -> bool:
    """Whether 0 and 1 are the ends of the scale, for all that is known."""
    return scale is None or tuple(scale) == SHARE


def mean_square(groups: Sequence[Sequence[float]], shares: Sequence[float]) -> float:
    """The groups' mean squares, each weighed by its share."""
    pairs = zip(groups, shares, strict=True)
    return sum(share * sum(value**2 for value in group) / len(group) for group, share in pairs)


def weighted_interval(
    groups: Sequence[Sequence[float]], shares: Sequence[float], scale: Interval | None = None
) -> Interval | None:
    """95 % interval of a weighted mean of the groups' means; shares sum to 1.

    Where all values are 0, or all 1, there is nothing to resample, and where some lie between
    them, too little in few: `of_shares` then, with the n of a plain sample that would be as sure
    (Kish's effective size).
    """
    values = set().union(*groups)
    between = scale == SHARE and not binary(groups)
    if between or (shares_on(scale) and values in ({0.0}, {1.0})):
        pairs = list(zip(groups, shares, strict=True))
        n = 1 / sum(share**2 / len(group) for group, share in pairs)
        value = sum(share * sum(group) / len(group) for group, share in pairs)
        return of_shares(value, mean_square(groups, shares), n)
    several = sum(map(len, groups)) > 1
    return bootstrap(groups, shares, zeros_and_ones=shares_on(scale)) if several else None


def binary(groups: Iterable[Sequence[float]]) -> bool:
    """Whether every value is 0 or 1."""
    return all(set(values) <= ZERO_AND_ONE for values in groups)


def bootstrap(
    groups: Sequence[Sequence[float]],
    shares: Sequence[float] | None = None,
    seed: int = 0,
    zeros_and_ones: bool = True,
) -> Interval | None:
    """95 % percentile interval of the mean, resampled within each group; None if nothing varies.

    `shares` of the groups sum to 1; by default a group's is its share of the values. Groups of a
    single value show no spread of their own and are resampled together (collapsed strata, Cochran
    1977, 5A.12). Deviations are widened by n / (n - 1), without which small groups look too sure.

    Two further corrections keep the coverage of few values near 95 %. Of 0 and 1, where these are
    the ends of the scale, a 0 and a 1 more are drawn from, spread over the groups (after Agresti
    and Coull 1998): a group that is all right is not certain to be. Other values get Student's t
    in place of the normal distribution.
    """
    import numpy as np

    n = sum(map(len, groups))
    shares = shares or [len(group) / n for group in groups]
    pairs = list(zip(groups, shares, strict=True))
    # Each with what it contributes if all its values are 1.
    strata = [(share * np.asarray(group, float), share) for group, share in pairs if len(group) > 1]
    if single := [(group[0] * share, share) for group, share in pairs if len(group) == 1]:
        values, each = zip(*single, strict=True)
        strata.append((len(single) * np.asarray(values), sum(each)))
    random = np.random.default_rng(seed)
    if zeros_and_ones and binary(groups):
        means = sum(
            resampled(values, random, ends=(0.0, whole), weight=1 / len(strata))
            for values, whole in strata
        )
    else:
        if not any(np.ptp(values) for values, _ in strata):
            return None
        wider = t975(max(1, n - len(strata))) / Z95
        means = sum(resampled(values, random, wider) for values, _ in strata)
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)


def resampled(
    values: "NDArray[Any]",
    random: "Generator",
    wider: float = 1.0,
    ends: Sequence[float] = (),
    weight: float = 0.0,
) -> "NDArray[Any]":
    """Means of resamples of the values, deviations widened by n / (n - 1) and `wider`.

    Drawn from are also the `ends`, each as `weight` of a value. Which values a resample holds how
    often is drawn at once: with few distinct values, as scores have, that is quick for any n.
    """
    import numpy as np

    n = len(values)
    distinct, place = np.unique(np.append(values, ends), return_inverse=True)
    counts = np.bincount(place, np.append(np.ones(n), np.full(len(ends), weight)))
    chances = counts / counts.sum()
    step = max(1, AT_ONCE // len(distinct))
    sizes = [min(step, RESAMPLES - done) for done in range(0, RESAMPLES, step)]
    drawn = [random.multinomial(n, chances, size) @ distinct / n for size in sizes]
    deviations = np.concatenate(drawn) - chances @ distinct
    widened: NDArray[Any] = values.mean() + deviations * wider * sqrt(n / max(1, n - 1))
    return widened


def spread(values: Sequence[float]) -> Distribution:
    """Mean and percentiles in the values' own unit."""
    if not len(values):
        return Unmeasured()
    import numpy as np

    p50, p90, p95, p99 = (float(p) for p in np.percentile(values, (50, 90, 95, 99)))
    return Spread(mean=float(np.mean(values)), p50=p50, p90=p90, p95=p95, p99=p99)
