"""One-sided bounds, beside values that are known."""

import pytest

from evaluator.statistics.bounds import difference_bounds, mean_bounds, moments


@pytest.mark.parametrize(
    ("ones", "n", "low", "high"),
    [
        (0, 10, 0.0, 1 - 0.05 ** (1 / 10)),
        (10, 10, 0.05 ** (1 / 10), 1.0),
        (5, 10, 0.2224, 0.7776),  # of Clopper and Pearson's 90 % interval
        (80, 100, 0.7228, 0.8634),
    ],
)
def test_of_zeros_and_ones_they_are_those_of_clopper_and_pearson(
    ones: int, n: int, low: float, high: float
) -> None:
    found = mean_bounds(moments([1.0] * ones + [0.0] * (n - ones)), 0.95, 0.95)

    assert found == pytest.approx((low, high), abs=1e-3)


def test_values_that_vary_less_than_zeros_and_ones_tell_more() -> None:
    halves = mean_bounds(moments([0.4, 0.6] * 50), 0.95, 0.95)
    ends = mean_bounds(moments([0.0, 1.0] * 50), 0.95, 0.95)

    assert ends[0] < halves[0] < 0.5 < halves[1] < ends[1]


def test_each_side_has_a_confidence_of_its_own() -> None:
    values = moments([1.0] * 30 + [0.0] * 10)
    usual, surer = mean_bounds(values, 0.95, 0.95), mean_bounds(values, 0.95, 0.99)

    assert surer[0] == usual[0] and surer[1] > usual[1]


def test_of_losses_alone_the_bounds_are_exact() -> None:
    losses = [-1.0] * 5 + [0.0] * 95
    low, high = difference_bounds(losses, 0.95, 0.99)

    least, most = mean_bounds(moments([abs(each) for each in losses]), 0.99, 0.95)
    assert low == pytest.approx(-most)
    assert -least <= high < -least + 0.05


def test_they_change_sides_with_the_order_of_the_runs() -> None:
    differences = [-1.0] * 9 + [1.0] * 4 + [0.5] * 3 + [0.0] * 84
    low, high = difference_bounds(differences, 0.95, 0.95)

    assert difference_bounds([-each for each in differences], 0.95, 0.95) == pytest.approx(
        (-high, -low)
    )


def test_pairs_that_never_differ_leave_room_for_few() -> None:
    low, high = difference_bounds([0.0] * 100, 0.95, 0.95)

    assert -0.05 < low < -0.02 and 0.02 < high < 0.05
