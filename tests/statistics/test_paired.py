"""The statistics of a comparison, on outcomes whose truth is known because it was planted.

Simulations draw with fixed seeds: what they show, they show every time.
"""

from math import comb, sqrt

import numpy as np
import pytest
from numpy.typing import NDArray

from evaluator.statistics.paired import (
    ALPHA,
    POWER,
    detectable,
    detectable_share,
    holm,
    interval,
    mcnemar,
    p_value,
    power,
)

Floats = NDArray[np.float64]
SIMULATIONS = 1000


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer draws, as a thousand simulations need: they widen the bands below a little."""
    monkeypatch.setattr("evaluator.statistics.paired.RESAMPLES", 1000)
    monkeypatch.setattr("evaluator.statistics.paired.FLIPS", 2000)


def counted(
    random: np.random.Generator, shape: tuple[int, int], n: int, discordance: float, truth: float
) -> NDArray[np.int64]:
    """How many of n pairs go up and down, for tables of tests."""
    up, down = (discordance + truth) / 2, (discordance - truth) / 2
    return random.multinomial(n, [up, down, 1 - discordance], shape)[..., :2]


def adjusted(table: NDArray[np.int64]) -> list[float]:
    return holm([mcnemar(int(up), int(down)) for up, down in table])


def zero_one(
    random: np.random.Generator, shape: tuple[int, ...], discordance: float, truth: float
) -> Floats:
    """Differences of values of 0 and 1: so many of the pairs differ, by `truth` in the mean."""
    up, down = (discordance + truth) / 2, (discordance - truth) / 2
    return random.choice([1.0, 0.0, -1.0], shape, p=[up, 1 - discordance, down])


def ratings(random: np.random.Generator, shape: tuple[int, int], shift: float) -> Floats:
    """Differences of two ratings from 1 to 10 of the same questions, the other's `shift` lower."""
    question = random.normal(6.0, 1.5, shape)
    base, other = (random.normal(0.0, 1.0, shape) for _ in range(2))
    given = [np.clip(np.round(question + each), 1, 10) for each in (base, other + shift)]
    return given[1] - given[0]


def thirds(random: np.random.Generator, shape: tuple[int, int], truth: float) -> Floats:
    """Differences of means over three repeats of a reply that is right or wrong."""
    right = random.beta(2, 2, shape) * (1 - abs(truth)) + max(0.0, -truth)
    return (random.binomial(3, right + truth) - random.binomial(3, right)) / 3


def covered(differences: Floats, truth: float) -> float:
    """The share of simulations whose interval holds the truth."""
    intervals = (interval(row.tolist()) for row in differences)
    return float(np.mean([low <= truth <= high for low, high in intervals]))


@pytest.mark.usefixtures("quick")
@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("n", "discordance", "truth"),
    [(100, 0.3, -0.1), (300, 0.2, -0.05), (1000, 0.1, 0.02)],
)
def test_intervals_of_right_and_wrong_hold_the_truth_in_95_of_100(
    n: int, discordance: float, truth: float
) -> None:
    drawn = zero_one(np.random.default_rng(1), (SIMULATIONS, n), discordance, truth)

    assert 0.93 <= covered(drawn, truth) <= 0.97


def test_intervals_of_few_pairs_that_seldom_differ_are_rather_too_wide() -> None:
    drawn = zero_one(np.random.default_rng(2), (SIMULATIONS, 20), 0.1, -0.05)

    assert covered(drawn, -0.05) >= 0.93


@pytest.mark.usefixtures("quick")
@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(("n", "shift"), [(38, -0.5), (124, 0.0)])
def test_intervals_of_ratings_hold_the_truth_in_95_of_100(n: int, shift: float) -> None:
    random = np.random.default_rng(3)
    truth = float(ratings(random, (1000, 2000), shift).mean())

    assert 0.93 <= covered(ratings(random, (SIMULATIONS, n), shift), truth) <= 0.97


def test_intervals_of_means_over_repeats_hold_the_truth_in_95_of_100() -> None:
    drawn = thirds(np.random.default_rng(4), (SIMULATIONS, 200), -0.06)

    assert 0.93 <= covered(drawn, -0.06) <= 0.97


def test_an_interval_is_never_a_point() -> None:
    low, high = interval([0.0] * 50)

    assert low < 0 < high


@pytest.mark.parametrize(("up", "down"), [(0, 6), (1, 8), (5, 5), (10, 22)], ids=lambda n: f"{n}")
def test_p_of_right_and_wrong_is_exact_mcnemar(up: int, down: int) -> None:
    n = up + down
    by_hand = 2 * sum(comb(n, k) for k in range(min(up, down) + 1)) / 2**n

    p = p_value([1.0] * up + [-1.0] * down + [0.0] * 100)

    assert p == pytest.approx(min(1.0, by_hand))


def test_p_of_ratings_is_the_share_of_sign_flips_that_go_as_far() -> None:
    differences = [-3.0, -2.0, -2.0, -1.0, 1.0, -4.0, -1.0, -2.0]
    signs = np.array(np.meshgrid(*[[1, -1]] * 8)).reshape(8, -1)
    sums = np.abs(np.abs(differences) @ signs)

    exact = float(np.mean(sums >= abs(sum(differences))))

    assert p_value(differences) == pytest.approx(exact, abs=0.005)


def test_p_of_equal_values_is_1() -> None:
    assert p_value([0.0] * 30) == p_value([]) == 1.0


def test_p_of_thirds_does_not_hang_on_how_they_were_added_up() -> None:
    assert p_value([1 / 3, 1 - 2 / 3, 0.1 + 0.2 + 1 / 30] * 4) == pytest.approx(2 / 2**12)


@pytest.mark.parametrize(
    "thirds", [[-1] * 5 + [-3], [-1] * 6 + [-3], [1] * 9 + [3, -1, -1, -3], [2] * 6 + [1, 1, -1]]
)
def test_thirds_are_judged_as_the_whole_numbers_that_they_are_thirds_of(thirds: list[int]) -> None:
    """What ties with the observed sum counts as being as far from 0, whatever the rounding."""
    whole = p_value([float(third) for third in thirds])

    assert p_value([third / 3 for third in thirds]) == pytest.approx(whole)


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([]) == []


@pytest.mark.parametrize(("n", "discordance"), [(26, 0.3), (500, 0.06), (300, 0.2)])
def test_fewer_than_one_table_of_52_equal_subjects_in_20_raises_a_false_alarm(
    n: int, discordance: float
) -> None:
    tables = counted(np.random.default_rng(5), (SIMULATIONS, 52), n, discordance, 0.0)

    assert np.mean([min(adjusted(table)) < ALPHA for table in tables]) < 0.05


@pytest.mark.usefixtures("quick")
def test_tables_of_equal_ratings_raise_false_alarms_in_5_of_100_at_most() -> None:
    random, number = np.random.default_rng(5), 300
    tables = (ratings(random, (8, 40), 0.0).tolist() for _ in range(number))

    alarms = np.mean([min(holm(list(map(p_value, table)))) < ALPHA for table in tables])

    # The sign-flip test is exact: the rate is 5 %, and two of its standard errors here are 2.5 %.
    assert alarms <= 0.05 + 2 * sqrt(0.05 * 0.95 / number)


def test_a_planted_loss_of_5_points_in_one_subject_of_52_is_found() -> None:
    """With 500 questions a subject, of which 6 % change sides there, nearly all to the worse.

    The other subjects change sides as often, to either side alike.  With the 26 questions that a
    subject of C-Eval has, nothing below 50 points can be found: the last assertion.
    """
    tables = counted(np.random.default_rng(6), (SIMULATIONS, 52), 500, 0.06, 0.0)
    tables[:, 17] = counted(np.random.default_rng(7), (SIMULATIONS, 1), 500, 0.06, -0.05)[:, 0]
    below = np.array([adjusted(table) for table in tables]) < ALPHA

    assert np.mean(below[:, 17]) >= POWER
    assert np.mean(np.delete(below, 17, axis=1).any(axis=1)) < 0.05
    assert power(500, 0.06, 0.05, ALPHA / 52) >= POWER
    smallest = detectable_share(26, 1, ALPHA / 52)
    assert smallest and smallest > 0.5


@pytest.mark.parametrize(("n", "discordance"), [(60, 0.5), (300, 0.2), (1300, 0.1)])
def test_the_detectable_difference_is_found_in_80_of_100(n: int, discordance: float) -> None:
    random = np.random.default_rng(7)
    smallest = detectable_share(n, discordance * (n + 2) - 2, 0.01)
    assert smallest

    drawn = counted(random, (1, 4000), n, max(discordance, smallest), -smallest)[0]
    found = np.mean([mcnemar(int(up), int(down)) < 0.01 for up, down in drawn])

    assert found == pytest.approx(POWER, abs=0.03)


@pytest.mark.usefixtures("quick")
def test_the_detectable_difference_of_ratings_is_found_in_80_of_100() -> None:
    random = np.random.default_rng(8)
    seen = [detectable(row.tolist(), 0.05) for row in ratings(random, (50, 120), 0.0)]
    smallest = float(np.mean([each for each in seen if each]))

    drawn = ratings(random, (500, 120), -smallest)
    found = np.mean([p_value(row.tolist()) < 0.05 for row in drawn])

    assert found == pytest.approx(POWER, abs=0.06)


def test_too_few_pairs_can_show_nothing() -> None:
    assert detectable([0.0] * 5, 0.05) is None
    assert detectable([2.0, -3.0, 4.0], 0.05) is None
    assert detectable([0.0] * 10, 0.05) is not None
