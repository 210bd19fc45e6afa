import numpy as np
import pytest

from evaluator.report.serving import busy
from evaluator.results.figures import Spread, Unmeasured
from evaluator.statistics.intervals import bootstrap, figure, interval, macro, spread, wilson

CHANCES = (0.05, 0.1, 0.6, 0.2, 0.05)  # of ratings from 5 to 9


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [  # by Wilson's formula, worked out apart from the code
        (0, 10, 0.0, 0.2775),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
        (50, 100, 0.4038, 0.5962),
        (0, 0, 0.0, 1.0),
    ],
)
def test_wilson(right: int, n: int, low: float, high: float) -> None:
    assert wilson(right, n) == pytest.approx((low, high), abs=5e-5)


def test_the_bootstrap_interval_is_about_two_standard_errors_each_way() -> None:
    values = [i / 99 for i in range(100)]

    low, high = bootstrap([values])

    assert 0.5 - low == pytest.approx(1.96 * 0.2916 / 10, rel=0.1)
    assert high - 0.5 == pytest.approx(1.96 * 0.2916 / 10, rel=0.1)


def test_resampling_within_groups_leaves_out_the_spread_between_them() -> None:
    ends = bootstrap([[0.1, 0.3] * 50, [0.7, 0.9] * 50])

    assert ends == pytest.approx(
        (0.5 - 1.96 * 0.1 / 200**0.5, 0.5 + 1.96 * 0.1 / 200**0.5), abs=2e-3
    )


GROUPS = {
    "one of right, one of wrong answers": [(0.95, 10), (0.05, 10)],
    "nearly all right": [(0.97, 25), (0.9, 25)],
    "four of five": [(0.9, 5), (0.8, 5), (0.95, 5), (0.99, 5)],
    "ten of two": [(0.97, 2)] * 10,
    "many subjects": [(0.5 + 0.01 * i, 25) for i in range(50)],
}


@pytest.mark.parametrize("groups", GROUPS.values(), ids=GROUPS.keys())
def test_intervals_of_macro_means_hold_the_truth_in_95_of_100(
    groups: list[tuple[float, int]],
) -> None:
    random = np.random.default_rng(1)
    truth = sum(chance for chance, _ in groups) / len(groups)
    drawn = [
        macro([(random.random(n) < chance).astype(float).tolist() for chance, n in groups]).ci95
        for _ in range(300)
    ]

    assert np.mean([low <= truth <= high for low, high in drawn]) >= 0.93
    assert all(low < high for low, high in drawn)


@pytest.mark.parametrize("n", [2, 5, 16, 60])
def test_intervals_of_few_ratings_hold_the_truth_in_95_of_100(n: int) -> None:
    random = np.random.default_rng(2)
    drawn = [
        (low, high)
        for _ in range(300)
        if (ends := interval([random.choice([5.0, 6, 7, 8, 9], n, p=CHANCES).tolist()]))
        for low, high in [ends]
    ]

    assert np.mean([low <= 7.1 <= high for low, high in drawn]) >= 0.92


def test_equal_ratings_tell_nothing_of_how_sure_they_are() -> None:
    assert interval([[7.0, 7.0]]) is None
    assert interval([[7.0] * 50, [8.0] * 50]) is None


def test_intervals_end_where_the_scale_does() -> None:
    low, high = figure([[9.0, 10.0, 10.0]], scale=(1.0, 10.0)).ci95

    assert low < 9.0
    assert high == 10.0


def test_shares_get_wilson_and_other_values_the_bootstrap() -> None:
    assert interval([[1.0, 0.0], [1.0]]) == wilson(2, 3)
    assert interval([[0.5, 0.7]]) == bootstrap([[0.5, 0.7]])
    assert interval([[], []]) is None


def test_spread() -> None:
    assert spread([1.0, 2.0, 3.0]) == Spread(mean=2.0, p50=2.0, p90=2.8, p95=2.9, p99=2.98)
    assert spread([]) == Unmeasured()


def test_busy_time_counts_overlaps_once_and_gaps_not_at_all() -> None:
    assert busy([0.0, 1.0, 10.0], [2.0, 3.0, 1.0]) == 5.0
    assert busy([], []) == 0.0
