"""Charts are valid Vega-Lite, and show what the report says."""

from dataclasses import replace
from pathlib import Path

import pytest

from evaluator.pages import run_charts as charts
from evaluator.pages.run_page import part
from evaluator.report.build import build
from evaluator.report.timeline import timeline
from evaluator.results.figures import Dimension, Figure
from evaluator.results.report import RunReport
from evaluator.results.timeline import KvCacheUse
from tests.pages.drawn import rows
from tests.written_runs import Said, write_run

SAID = [
    Said("1", group="law"),
    Said("2", group="law", value=0.0, answer="C"),
    Said("3", group="physics", value=0.0, answer=None, status="unparsed"),
    Said("4", group="physics", value=None, answer=None, status="error"),
    Said("5", group="physics", value=0.0, dimensions={"refused": 1.0}),
]


@pytest.fixture
def report(tmp_path: Path) -> RunReport:
    return build(write_run(tmp_path / "run", SAID, categories={"law": "humanities"}))


def test_scores_have_their_intervals(report: RunReport) -> None:
    (row,) = rows(charts.scores(report))
    assert (row["name"], row["value"], row["score"], row["n"]) == ("exam", 0.25, "25.0%", 4)
    assert row["low"] < 0.25 < row["high"]


def test_groups_are_sorted_and_coloured_by_category(report: RunReport) -> None:
    found = rows(charts.groups(report.benchmarks["exam"], {"law": "humanities"}))
    assert [(row["name"], row["category"]) for row in found] == [
        ("law", "humanities"),
        ("physics", ""),
    ]


def test_every_sample_is_in_one_part_of_the_bar(report: RunReport) -> None:
    found = rows(charts.accounting(report))
    assert {row["outcome"]: row["samples"] for row in found} == {
        **{"right": 1, "wrong": 1, "refused": 1},
        **{"unparsed": 1, "error": 1},
    }


def test_a_figure_on_another_scale_is_a_share_of_it() -> None:
    rated = Figure(value=5.5, ci95=(1.0, 10.0), samples=3, scale=(1.0, 10.0))
    unknown = Figure(value=40.0, ci95=None, samples=3)
    (row,) = rows(charts.figures({"rating": rated, "of no known scale": unknown}))
    assert (row["value"], row["low"], row["high"], row["score"]) == (0.5, 0.0, 1.0, "5.50")


def test_a_judge_s_ratings_have_a_radar_and_bars_of_their_own(report: RunReport) -> None:
    (exam,) = report.benchmarks.values()
    rated = Figure(value=5.5, ci95=None, samples=3)
    by_name = {f"category {i}": rated for i in range(8)}
    dimensions = {"accuracy": Dimension(value=7.0, ci95=None, samples=3)}
    dimensions["in_chinese"] = Dimension(value=1.0, ci95=None, samples=3, scale=(0.0, 1.0))
    judged = replace(exam, scale=(1.0, 10.0), categories=by_name, dimensions=dimensions)
    found = {heading: rows(chart) for (_, heading), chart in part("b", judged, {}).items()}

    assert [row["axis"] for row in found["Categories side by side"]] == list(by_name)
    (bar,) = found["By dimension of the judge's rating"]
    assert (bar["name"], bar["score"]) == ("accuracy", "7.00")
    assert found["Further figures"][0]["name"] == "answered in Chinese"


def test_few_categories_are_no_radar(report: RunReport) -> None:
    assert charts.category_radar(report.benchmarks["exam"]) is None


def test_nothing_measured_is_no_chart(tmp_path: Path) -> None:
    failed = [Said("1", value=None, answer=None, status="error")]
    report = build(write_run(tmp_path / "run", failed))
    assert charts.scores(report) is None
    assert rows(charts.accounting(report))[0]["outcome"] == "error"


def test_serving_is_drawn_over_the_busy_seconds() -> None:
    made = timeline([100.0, 100.0, 900.0], [2.0, 1.0, 1.0], [10, 20, 30], [0.1])
    assert made is not None
    drawn = charts.serving(made)
    for chart in drawn.values():
        rows(chart)
    assert set(drawn) == {
        *("Replies per second", "Requests in flight", "Latency"),
        *("Output tokens per second", "Length of replies", "Time to the first token (TTFT)"),
    }
    assert drawn["Requests in flight"]["data"]["values"][-1]["s"] < 3.0


def test_the_timeline_counts_each_reply_once() -> None:
    made = timeline([5.0, 5.0, 7.0], [1.0, 3.0, 1.0], [0, 0, 0], [])
    assert made is not None
    assert sum(made.replies_per_s) * made.step == pytest.approx(3)
    assert sum(made.in_flight) * made.step == pytest.approx(5)  # seconds of all requests
    assert sum(made.latency.counts) == 3
    assert made.output_tokens is None
    assert made.ttft is None
    assert timeline([], [], [], []) is None


def test_the_use_of_the_kv_cache_is_drawn_where_it_is_known() -> None:
    made = timeline([100.0], [2.0], [10], [])
    assert made is not None
    heading = "KV cache in use"
    use = KvCacheUse(step=2.0, shares=[0.25, 0.5])

    assert heading not in charts.serving(made)
    drawn = rows(charts.serving(made, use)[heading])
    assert [(row["s"], row["value"]) for row in drawn] == [(1.0, 0.25), (3.0, 0.5)]
