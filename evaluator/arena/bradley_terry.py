"""Bradley-Terry ratings of players with their intervals, from the results of battles.

P(i beats j) = 1 / (1 + exp(r_j - r_i)) (Bradley and Terry 1952); a tie is half a win for each.
A weak normal prior keeps the rating of an unbeaten player finite.  Ratings are computed in natural
units and shown in Elo points, where 400 points are odds of ten to one.

`wins` is always an array of points: wins[..., i, j] is what i took from j.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

POINTS = 400 / log(10)  # Elo points in one natural unit
CENTRE = 1000.0  # the rating of the anchor: the mean of all, or the baseline
PRIOR_SPREAD = 500 / POINTS  # standard deviation of the prior: weak beside some twenty battles
RESAMPLES = 1000
MOST_STEPS, LONGEST_STEP, CLOSE = 100, 2.0, 1e-9  # of Newton's method, in natural units


@dataclass(frozen=True, slots=True)
class Ratings:
    """Ratings and 95 % intervals in Elo points, by player.

    `ahead[i][j]`: i is certainly better than j, as the interval of their difference is above zero.
    """

    values: list[float]
    intervals: list[tuple[float, float]]
    ahead: list[list[bool]]


def rate(wins: "Array", anchor: int | None = None) -> Ratings:
    """Ratings from wins[question, i, j] of players that are connected by battles.

    The `anchor` is the player whose rating is CENTRE; without one the players' mean is.
    """
    import numpy as np

    best, draws = fit(wins.sum(axis=0)), resampled(wins)
    low, high = np.quantile(elo_points(draws, anchor), (0.025, 0.975), axis=0)
    differences = draws[:, :, None] - draws[:, None, :]
    return Ratings(
        elo_points(best, anchor).tolist(),
        list(zip(low.tolist(), high.tolist(), strict=True)),
        (np.quantile(differences, 0.025, axis=0) > 0).tolist(),
    )


def resampled(wins: "Array", seed: int = 0) -> "Array":
    """Natural ratings from resamples of the questions; all battles of a question stay together.

    Each resample has about one more win and one more loss for every player, against those it met.
    Without them, players that always won or always tied would look certain (as Agresti and Coull
    1998 add for a share). The variance is widened by n / (n - 1) for small numbers of questions.
    """
    import numpy as np

    n, random = len(wins), np.random.default_rng(seed)
    times = random.multinomial(n, np.full(n, 1 / n), RESAMPLES)
    drawn = (times @ wins.reshape(n, -1)).reshape(-1, *wins.shape[1:])
    met = (total := wins.sum(axis=0)) + total.T
    battles = met.sum(axis=1)
    further = met / np.minimum(battles[:, None], battles[None, :])
    ratings = fit(drawn + random.poisson(further, drawn.shape))
    centre = ratings.mean(axis=0)
    widened: Array = centre + (ratings - centre) * sqrt(n / max(1, n - 1))
    return widened


def elo_points(ratings: "Array", anchor: int | None) -> "Array":
    """Natural ratings as Elo points: CENTRE is the anchor's, or the mean without one."""
    zero = ratings.mean(axis=-1) if anchor is None else ratings[..., anchor]
    return CENTRE + POINTS * (ratings - zero[..., None])


def fit(wins: "Array") -> "Array":
    """The likeliest ratings under the prior, by Newton's method, of one table of wins or of many.

    The steps are bounded, because a full one may overshoot where one side won everything.
    """
    import numpy as np

    ratings = np.zeros(wins.shape[:-1])
    for _ in range(MOST_STEPS):
        chances = win_chances(ratings)
        expected = (wins + wins.swapaxes(-1, -2)) * chances
        slope = (wins - expected).sum(axis=-1) - ratings / PRIOR_SPREAD**2
        step = np.linalg.solve(information(wins, ratings), slope[..., None])[..., 0]
        ratings += np.clip(step, -LONGEST_STEP, LONGEST_STEP)
        if np.abs(step).max() < CLOSE:
            break
    return ratings


def information(wins: "Array", ratings: "Array") -> "Array":
    """The curvature of the log posterior: its inverse is the ratings' covariance (Laplace)."""
    import numpy as np

    chances = win_chances(ratings)
    weights = (wins + wins.swapaxes(-1, -2)) * chances * (1 - chances)
    identity = np.eye(wins.shape[-1])
    curvature: Array = weights.sum(axis=-1)[..., None] * identity - weights
    return curvature + identity / PRIOR_SPREAD**2


def covariance(wins: "Array", ratings: "Array") -> "Array":
    """The covariance of the ratings, in natural units."""
    import numpy as np

    return np.linalg.inv(information(wins, ratings))


def win_chances(ratings: "Array") -> "Array":
    """P(i beats j) for every pair."""
    import numpy as np

    chances: Array = 1 / (1 + np.exp(ratings[..., None, :] - ratings[..., :, None]))
    return chances


def connected_groups(wins: "Array") -> list[list[int]]:
    """Groups of players connected by battles: ratings compare only within a group."""
    return _classes(_reach(wins + wins.T))


def strongly_connected_groups(wins: "Array") -> list[list[int]]:
    """Groups whose players took points from each other, directly or by way of others.

    Only within such a group are the likeliest ratings finite without a prior (Ford 1957).
    """
    return _classes((reach := _reach(wins)) & reach.T)


def _reach(wins: "Array") -> "Array":
    """reach[i, j]: a chain of players, each with points from the next, leads from i to j."""
    import numpy as np

    reach = (wins > 0) | np.eye(len(wins), dtype=bool)
    for k in range(len(wins)):
        reach |= reach[:, k : k + 1] & reach[k : k + 1, :]
    return reach


def _classes(same: "Array") -> list[list[int]]:
    rows: Sequence[list[bool]] = same.tolist()
    members = [[j for j, together in enumerate(row) if together] for row in rows]
    return [group for i, group in enumerate(members) if group[0] == i]


def most_informative(wins: "Array", left: "Array", count: int) -> list[tuple[int, int]]:
    """The next `count` battles as pairs (i < j), the most informative about the ranking first.

    A battle adds p (1 - p) of information about a difference d with variance v. Its worth is
    p (1 - p) v exp(-d^2 / 2 v): high where little is known and the two may well be equal.
    Within the batch the ratings stay and the covariance is updated. Without any result yet the
    battles are spread evenly. `left[i, j]` battles of a pair remain; fewer than `count` are
    returned when none remains.
    """
    import numpy as np

    ratings = fit(wins)
    spread = covariance(wins, ratings)
    chances = win_chances(ratings)
    weights = chances * (1 - chances)
    squared = (ratings[:, None] - ratings[None, :]) ** 2
    left = np.triu(left, 1)
    chosen: list[tuple[int, int]] = []
    while len(chosen) < count and left.any():
        own = np.diag(spread)
        variances = own[:, None] + own[None, :] - 2 * spread + np.eye(len(own))  # none is 0
        worth = weights * variances * np.exp(-squared / (2 * variances))
        # rounded, so that equal pairs stay equal on every machine; then the first is taken
        worth = np.where(left > 0, worth.round(9), -1.0)
        i, j = map(int, np.unravel_index(worth.argmax(), worth.shape))
        shift = spread[:, i] - spread[:, j]
        spread = spread - weights[i, j] * np.outer(shift, shift) / (
            1 + weights[i, j] * variances[i, j]
        )
        left[i, j] -= 1
        chosen.append((i, j))
    return chosen
