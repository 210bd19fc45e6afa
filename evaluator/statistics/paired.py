"""Two models on the same questions: how sure a difference is, and how small a one could be seen.

A difference is the other's value minus the base's, one for each pair.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import inf, log2, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy import float64, int64
    from numpy.typing import NDArray

RESAMPLES = 5_000
FLIPS = 20_000
DIGITS = 9  # to which differences are told apart
ALPHA = 0.05  # chance of any false alarm in a family of tests
POWER = 0.8  # chance to find the smallest difference that is called detectable


def interval(differences: Sequence[float], most: float = inf, seed: int = 0) -> tuple[float, float]:
    """95 % percentile bootstrap interval of the mean difference; pairs are resampled whole.

    Two pairs are added first, one gained and one lost by 1 (Bonett and Price 2012): without them
    an interval of few or equal differences is too narrow, and of width 0 where no pair differs.
    A difference can be `most` at most.
    """
    import numpy as np

    added = min(1.0, most)
    values, counts = tally([*differences, added, -added])
    n = int(counts.sum())
    # Equal differences are drawn together: the same resamples, at the cost of the distinct values.
    drawn = np.random.default_rng(seed).multinomial(n, counts / n, size=RESAMPLES)
    low, high = np.quantile(drawn @ values / n, (0.025, 0.975))
    return max(-most, float(low)), min(most, float(high))


def p_value(differences: Sequence[float], seed: int = 0) -> float:
    """Two-sided p of the sign-flip test: no difference means that either sign was as likely.

    Where all pairs that differ do so by the same amount, as values of 0 and 1 do, this is exact
    McNemar, a binomial test. Else 20,000 random flips (Phipson and Smyth 2010: never a p of 0).
    """
    import numpy as np

    values, counts = tally([abs(d) for d in differences if d])
    if len(values) < 2:
        return mcnemar(sum(d > 0 for d in differences), sum(d < 0 for d in differences))
    kept = np.random.default_rng(seed).binomial(counts, 0.5, size=(FLIPS, len(counts)))
    flipped = np.abs((2 * kept - counts) @ values)
    # Ties count as far as well: each value may be off by its rounding.
    as_far = np.count_nonzero(flipped >= abs(sum(differences)) - counts.sum() * 10.0**-DIGITS)
    return float((1 + as_far) / (1 + FLIPS))


@lru_cache(maxsize=4096)
def mcnemar(up: int, down: int) -> float:
    """Exact two-sided p of so many pairs that went up and down (McNemar 1947, by the binomial)."""
    from scipy.stats import binomtest

    return float(binomtest(up, up + down).pvalue) if up + down else 1.0


def tally(values: Sequence[float]) -> "tuple[NDArray[float64], NDArray[int64]]":
    """The distinct values, and how often each is there."""
    import numpy as np

    # Rounded, so that thirds that were added up differently are one value.
    return np.unique(np.round(values, DIGITS), return_counts=True)


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p: below ALPHA for any false alarm among them with that chance at most (Holm 1979).

    Holds however the tests depend on each other.
    """
    m, running = len(p_values), 0.0
    adjusted = [0.0] * m
    for rank, i in enumerate(sorted(range(m), key=p_values.__getitem__)):
        running = max(running, (m - rank) * p_values[i])
        adjusted[i] = min(1.0, running)
    return adjusted


def detectable(differences: Sequence[float], alpha: float) -> float | None:
    """The smallest true difference that a test at `alpha` finds with a chance of POWER.

    For this many pairs that differ as often, or as widely, as these do, two added pairs included.
    None when no difference could be found.
    """
    n = len(differences)
    if n < log2(2 / alpha):  # even if all pairs differed the same way, p would not be below alpha
        return None
    if all(d in (-1.0, 0.0, 1.0) for d in differences):
        return detectable_share(n, sum(map(abs, differences)), alpha)
    import numpy as np
    from scipy.stats import norm

    spread = float(np.std([*differences, 1.0, -1.0], ddof=1))
    return float(norm.isf(alpha / 2) + norm.ppf(POWER)) * spread / sqrt(n + 2)


@lru_cache(maxsize=4096)
def detectable_share(n: int, discordant: float, alpha: float) -> float | None:
    """`detectable` for exact McNemar on values of 0 and 1, of which `discordant` pairs differ."""
    from scipy.optimize import bisect

    observed = (discordant + 2) / (n + 2)

    def lacking(difference: float) -> float:
        return power(n, max(observed, difference), difference, alpha) - POWER

    if lacking(1.0) < 0:
        return None
    return float(bisect(lacking, 0.0, 1.0, xtol=5e-4))


def power(n: int, discordance: float, difference: float, alpha: float) -> float:
    """Chance that exact McNemar on n pairs finds a difference, by its unconditional distribution.

    `discordance` is the share of pairs that differ, `difference` the net share that does.
    """
    import numpy as np
    from scipy.stats import binom

    low, high = binom.ppf((1e-6, 1 - 1e-6), n, discordance)
    differing = np.arange(low, high + 1)
    fewest = binom.ppf(alpha / 2, differing, 0.5) - 1  # at most so many against: p < alpha
    share = min(1.0, (1 + difference / discordance) / 2)
    found = binom.cdf(fewest, differing, 1 - share)
    return float(np.sum(binom.pmf(differing, n, discordance) * found))
