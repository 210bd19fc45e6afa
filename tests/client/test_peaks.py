"""Readings over time, of which there are never many."""

import pytest

from evaluator.client.watch import MOST_PEAKS, Peaks


@pytest.mark.parametrize("count", [0, 1, MOST_PEAKS, MOST_PEAKS + 1, 5 * MOST_PEAKS + 3])
def test_the_highest_of_each_stretch_is_kept(count: int) -> None:
    readings = [(7 * i % 100) / 100 for i in range(count)]
    peaks = Peaks()
    for each in readings:
        peaks.add(each)

    n = peaks.per_value
    assert len(peaks.values) <= MOST_PEAKS
    assert peaks.values == [max(readings[i : i + n]) for i in range(0, count, n)]
