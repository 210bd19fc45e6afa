"""Means, ratios and the Pareto front of hand-made points."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import log

import pytest

from evaluator.perf.report.comparison import against, comparison
from evaluator.perf.report.pareto import MeanAccuracy, on_front, over_repeats
from evaluator.perf.report.summary import summary
from evaluator.results.perf import PerfComparisonRow
from evaluator.results.perf_point import Accuracy, Lengths, PerfPoint
from evaluator.statistics.intervals import wilson
from evaluator.statistics.student import t_interval, welch

from .points import point


def test_t_intervals() -> None:
    low, high = t_interval([1.0, 2.0, 3.0]) or (0, 0)

    assert (low, high) == pytest.approx((2 - 2.4841, 2 + 2.4841), abs=1e-3)  # 4.3027 / sqrt(3)
    assert t_interval([1.0]) is None
    # Welch: difference 3, error^2 1/3 + 1/3, 4 degrees of freedom: 2.7764 * 0.8165
    assert welch([4.0, 5.0, 6.0], [1.0, 2.0, 3.0]) == pytest.approx((0.7330, 5.2670), abs=1e-3)
    assert welch([1.0], [2.0, 3.0]) is None


def goodputs(**values: Sequence[float]) -> list[PerfPoint]:
    """Points of these arms, a value a repeat."""
    return [
        point(arm, repeat, 100.0, goodput_per_s=value)
        for arm, of in values.items()
        for repeat, value in enumerate(of, 1)
    ]


def row_of(rows: Iterable[PerfComparisonRow], figure: str = "output tokens/s") -> PerfComparisonRow:
    """The only row of a figure."""
    (row,) = [row for row in rows if row.figure == figure]
    return row


RATES = {"A": (100.0, 110.0, 105.0), "B": (120.0, 132.0, 126.0)}
POINTS = [point(arm, i + 1, rate) for arm, rates in RATES.items() for i, rate in enumerate(rates)]


def test_a_ratio_is_taken_within_each_repeat() -> None:
    row = row_of(comparison(POINTS, "A"))

    assert row.ratio == pytest.approx(1.2)
    assert row.ci95 == pytest.approx((1.2, 1.2))  # the drift of both arms cancels
    assert row.verdict == "better"


def test_a_summary_is_the_mean_with_its_interval() -> None:
    of_a = summary(POINTS)[0]

    assert (of_a.arm, of_a.repeats) == ("A", 3)
    assert of_a.figures["output tokens/s"].mean == 105.0
    assert of_a.figures["output tokens/s"].ci95 == t_interval(RATES["A"])


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([POINTS[0], POINTS[3]], "one repeat: cannot tell"),
        ([point("A", 1, 1.0), point("A", 2, 2.0), point("B", 1, 2.0), point("B", 2, 1.0)], "no "),
        ([point("A", 1, 1.0), point("B", 1, 2.0, tokens=90.0)], "not comparable: replies of 90"),
    ],
)
def test_a_verdict_is_only_as_strong_as_its_grounds(points: list[PerfPoint], words: str) -> None:
    row = row_of(comparison(points, "A"))

    assert row.verdict.startswith(words)


def test_a_goodput_of_0_is_neither_left_out_nor_a_ratio() -> None:
    """Repeats picked by their outcome would call a server that failed twice as good as another."""
    rows = comparison(goodputs(A=(9.0, 10.0, 11.0), B=(0.0, 9.8, 0.0)), "A")
    row = row_of(rows, "goodput/s")

    assert (row.ratio, row.ci95, row.verdict) == (None, None, "0 in 2 of 3 of B")


def test_lengths_may_differ_by_chance_where_one_side_was_asked_more() -> None:
    lengths = Lengths(mean=15.0, min=1, max=30)
    base = point("A", 1, 1.0, output_tokens=lengths)
    other = point("B", 1, 2.0, output_tokens=replace(lengths, mean=14.0))
    same = row_of(comparison([base, other], "A"))
    fewer = row_of(comparison([base, replace(other, completed=40)], "A"))

    assert same.verdict == "not comparable: replies of 14 and 15 tokens"
    assert fewer.verdict == "one repeat: cannot tell"


def test_an_earlier_run_is_compared_without_pairing() -> None:
    row = row_of(against(POINTS[3:], POINTS[:3], "before"))

    assert (row.base, row.other) == ("A in before", "B")
    assert row.ratio == pytest.approx(1.2)
    spread = welch(list(map(log, RATES["B"])), list(map(log, RATES["A"])))
    assert spread
    assert list(map(log, row.ci95)) == pytest.approx(list(spread))


def test_what_has_no_rate_is_not_on_the_front() -> None:
    assert on_front([(0.5, 10.0), (0.9, None)]) == [True, False]


def test_the_score_of_repeats_is_as_sure_as_its_questions() -> None:
    known = Accuracy(benchmark="b", metric="m", value=1.0, ci95=None, samples=40)
    found = over_repeats([replace(known, value=value) for value in (1.0, 1.0, 0.25)])

    assert found == MeanAccuracy(0.75, wilson(30, 40), 40)


def test_the_pareto_front() -> None:
    assert on_front([(0.5, 10.0), (0.6, 9.0), (0.5, 9.0), (0.6, 9.0), (0.4, 11.0)]) == [
        *(True, True, False, True, True)
    ]
