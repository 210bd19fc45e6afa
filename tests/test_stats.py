import pytest

from evaluator.report.build import busy
from evaluator.stats import bootstrap, interval, spread, wilson


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
    assert bootstrap([[0.2] * 50, [0.8] * 50]) == pytest.approx((0.5, 0.5))


def test_shares_get_wilson_and_other_values_the_bootstrap() -> None:
    assert interval([[1.0, 0.0], [1.0]]) == wilson(2, 3)
    assert interval([[0.5, 0.7]]) == bootstrap([[0.5, 0.7]])
    assert interval([[], []]) is None


def test_spread() -> None:
    assert spread([1.0, 2.0, 3.0]) == {
        "mean": 2.0,
        "p50": 2.0,
        "p90": 2.8,
        "p95": 2.9,
        "p99": 2.98,
    }
    assert spread([]) == {}


def test_busy_time_counts_overlaps_once_and_gaps_not_at_all() -> None:
    assert busy([0.0, 1.0, 10.0], [2.0, 3.0, 1.0]) == 5.0
    assert busy([], []) == 0.0
