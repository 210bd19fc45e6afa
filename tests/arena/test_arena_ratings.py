import numpy as np
import pytest

from evaluator.arena.bradley_terry import (
    CENTRE,
    POINTS,
    connected_groups,
    fit,
    most_informative,
    rate,
    strongly_connected_groups,
)


def simulated(strengths: list[float], questions: int, seed: int, ties: float = 0.0) -> np.ndarray:
    """wins[question, i, j] of players whose true ratings are these, in Elo points."""
    random = np.random.default_rng(seed)
    n = len(strengths)
    wins = np.zeros((questions, n, n))
    for i in range(n):
        for j in range(i + 1, n):
            chance = 1 / (1 + 10 ** ((strengths[j] - strengths[i]) / 400))
            won = np.where(random.random(questions) < ties, 0.5, random.random(questions) < chance)
            wins[:, i, j], wins[:, j, i] = won, 1 - won
    return wins


def against(*points: tuple[int, int, float], players: int = 2, times: int = 1) -> np.ndarray:
    """One question a battle: i took so many points from j."""
    wins = np.zeros((len(points) * times, players, players))
    for k, (i, j, value) in enumerate(points * times):
        wins[k, i, j], wins[k, j, i] = value, 1 - value
    return wins


def test_the_odds_are_those_of_the_battles() -> None:
    won, lost = (0, 1, 1.0), (0, 1, 0.0)
    ratings = fit(against(won, won, won, lost, times=5000).sum(0))

    assert POINTS * (ratings[0] - ratings[1]) == pytest.approx(400 * np.log10(3), abs=0.1)


def test_simulated_players_are_recovered_in_order() -> None:
    strengths = [1180.0, 1090.0, 1010.0, 940.0, 780.0]
    ratings = rate(simulated(strengths, 300, seed=1))

    assert ratings.values == sorted(ratings.values, reverse=True)
    assert ratings.values == pytest.approx(strengths, abs=40)
    assert all(ratings.ahead[i][j] == (i < j) for i in range(5) for j in range(5))


@pytest.mark.parametrize(
    ("strengths", "questions", "ties"),
    [
        ([1080.0, 1000.0, 920.0], 25, 0.2),
        ([1130.0, 870.0], 20, 0.0),
    ],
)
def test_the_intervals_cover(strengths: list[float], questions: int, ties: float) -> None:
    many = fit(simulated(strengths, 200_000, seed=0, ties=ties).sum(0))
    true = CENTRE + POINTS * (many - many.mean())
    runs, covered = 80, 0  # with 1,000 it is 94 and 95 %
    for seed in range(runs):
        found = rate(simulated(strengths, questions, seed, ties)).intervals
        covered += sum(low <= of <= high for (low, high), of in zip(found, true, strict=True))

    assert 0.88 <= covered / runs / len(strengths) <= 0.99


def test_equal_players_are_seldom_told_apart() -> None:
    alarms = sum(any(map(any, rate(simulated([1000.0] * 2, 40, seed)).ahead)) for seed in range(80))

    assert alarms <= 10


def test_an_unbeaten_player_is_rated_and_not_sure_of_it() -> None:
    few, many = (rate(against((0, 1, 1.0), times=n)) for n in (5, 100))

    assert 1150 < few.values[0] < many.values[0] < 1900
    assert few.intervals[0][0] < 1050 < many.intervals[0][0]
    assert many.ahead == [[False, True], [False, False]]


def test_players_that_always_tie_are_equal_but_not_surely() -> None:
    ratings = rate(against((0, 1, 0.5), times=30))

    assert ratings.values == pytest.approx([1000, 1000])
    assert all(low < 995 and high > 1005 for low, high in ratings.intervals)


def test_one_question_is_enough_to_be_rated_and_too_few_to_be_ahead() -> None:
    ratings = rate(against((0, 1, 1.0)))

    assert ratings.values[0] > 1000
    assert not any(map(any, ratings.ahead))


def test_a_baseline_is_the_centre_and_has_no_doubt_of_its_own() -> None:
    ratings = rate(simulated([1100.0, 1000.0, 900.0], 50, seed=3), anchor=1)

    assert ratings.values[1] == CENTRE
    assert ratings.intervals[1] == pytest.approx((CENTRE, CENTRE))
    assert ratings.values[0] > CENTRE > ratings.values[2]


def test_a_question_whose_battles_go_together_counts_once() -> None:
    """A hundred battles over four questions are no surer than four battles."""
    separate = simulated([1040.0, 960.0], 100, seed=5)
    together = np.stack([part.sum(axis=0) for part in np.split(np.sort(separate, axis=0), 4)])

    def width(wins: np.ndarray) -> float:
        low, high = rate(wins).intervals[0]
        return high - low

    assert width(together) > 3 * width(separate)


def test_groups_are_players_that_met_if_by_way_of_others() -> None:
    wins = against((0, 1, 1.0), (1, 2, 0.5), (3, 4, 1.0), players=5).sum(0)

    assert connected_groups(wins) == [[0, 1, 2], [3, 4]]
    assert strongly_connected_groups(wins) == [[0], [1, 2], [3], [4]]


def test_battles_are_spread_evenly_at_first() -> None:
    chosen = most_informative(np.zeros((4, 4)), np.full((4, 4), 10), 12)

    assert {pair: chosen.count(pair) for pair in chosen} == {
        (i, j): 2 for i in range(4) for j in range(i + 1, 4)
    }


def test_close_pairs_tell_more_than_decided_ones() -> None:
    wins = simulated([1300.0, 1010.0, 990.0], 20, seed=2).sum(0)
    chosen = most_informative(wins, np.full((3, 3), 100), 30)

    assert chosen.count((1, 2)) > 2 * chosen.count((0, 1))
    assert chosen == most_informative(wins, np.full((3, 3), 100), 30)


def test_no_more_battles_than_there_are() -> None:
    left = np.zeros((3, 3), dtype=int)
    left[0, 1], left[1, 2] = 2, 1

    assert sorted(most_informative(np.zeros((3, 3)), left, 10)) == [(0, 1), (0, 1), (1, 2)]
    assert left.sum() == 3
