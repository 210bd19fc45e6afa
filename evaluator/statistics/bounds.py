"""One-sided bounds: what a mean is at least, and at most, each with a confidence of its own.

Two-sided intervals say how sure a figure is. A decision needs what is surely above or below a
limit, and not more often wrong than it says: so these are exact, and rather too wide.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from evaluator.results.figures import Interval


@dataclass(frozen=True, slots=True)
class Moments:
    """Mean and mean square of `n` values from 0 to 1."""

    n: int
    mean: float
    square: float

    @property
    def effective(self) -> float:
        """The number of zeros and ones of the same mean that would tell as much.

        As in `intervals.of_shares` the spread is taken with a 0 and a 1 added.
        """
        total = self.n + 2
        centre = (self.n * self.mean + 1) / total
        variance = (self.n * self.square + 1) / total - centre**2
        return self.n * centre * (1 - centre) / variance


def moments(values: Sequence[float]) -> Moments:
    """Of values from 0 to 1."""
    n = len(values)
    mean = min(1.0, max(0.0, sum(values) / n))
    return Moments(n, mean, sum(value**2 for value in values) / n)


def mean_bounds(of: Moments, low: float, high: float) -> Interval:
    """What the mean is at least, with confidence `low`, and at most, with confidence `high`.

    Clopper and Pearson's (1934) bounds, at the equivalent number of zeros and ones.
    """
    from scipy.special import betaincinv

    n = of.effective
    ones = of.mean * n
    least = float(betaincinv(ones, n - ones + 1, 1 - low)) if ones > 0 else 0.0
    most = float(betaincinv(ones + 1, n - ones, high)) if ones < n else 1.0
    return least, most


def difference_bounds(differences: Sequence[float], low: float, high: float) -> Interval:
    """The same of the mean of paired differences, from -1 to 1.

    Gains and losses have a bound each; MOVER (Donner and Zou 2012) makes one of the two, with
    the correlation that they have as no pair is both. Without gains, or without losses, the bound
    is the exact one of the other.
    """
    gains = moments([max(0.0, each) for each in differences])
    losses = moments([max(0.0, -each) for each in differences])
    least_gain, most_gain = mean_bounds(gains, low, high)
    least_loss, most_loss = mean_bounds(losses, high, low)
    difference, shared = gains.mean - losses.mean, correlation(gains, losses)
    below = gains.mean - least_gain, most_loss - losses.mean
    above = most_gain - gains.mean, losses.mean - least_loss
    return (
        max(-1.0, difference - together(*below, shared)),
        min(1.0, difference + together(*above, shared)),
    )


def correlation(gains: Moments, losses: Moments) -> float:
    """Of the gain and the loss of a pair, one of which is always 0: never above 0."""
    spreads = [each.square - each.mean**2 for each in (gains, losses)]
    if min(spreads) <= 0:
        return 0.0
    return max(-1.0, -gains.mean * losses.mean / sqrt(spreads[0] * spreads[1]))


def together(first: float, second: float, correlation: float) -> float:
    """How far the bound of a difference lies from it, by how far those of its parts do."""
    return sqrt(first**2 + second**2 - 2 * correlation * first * second)
