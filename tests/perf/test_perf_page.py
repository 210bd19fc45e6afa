"""The page of a throughput run: its charts and words."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evaluator.pages.render import page_in
from evaluator.perf.report.charts import charts, pareto, ratios
from evaluator.perf.report.conclusions import concluded
from evaluator.perf.report.method import method
from evaluator.perf.report.page import perf_page
from evaluator.perf.report.render import rewrite
from evaluator.perf.report.warnings import warnings
from evaluator.results.figures import Spread
from evaluator.results.perf import Arm, PerfReport, read
from evaluator.results.perf_point import PerfPoint
from tests.pages.drawn import rows
from tests.pages.test_run_page import HOSTILE
from tests.perf.points import point

DATA = Path(__file__).parents[1] / "data/perf"
ARMS = ("A", "<i>B</i>")
THROUGHPUT = "Output tokens/s against requests in flight"


def loaded(arm: str, concurrency: int, repeat: int, **more: Any) -> PerfPoint:
    """A point of a server that is faster the more it is asked, and later."""
    rate = 100.0 * concurrency * (1 if arm == "A" else 1.5) + repeat
    seconds = 0.01 * concurrency
    time = Spread(mean=seconds, p50=seconds, p90=2 * seconds, p95=2 * seconds, p99=3 * seconds)
    times = dict.fromkeys(("ttft", "tpot", "itl", "latency"), time)
    at = {"load": f"{concurrency} at once", "concurrency": concurrency}
    return point(arm, repeat, rate, **at, **times, **more)


@pytest.fixture
def report() -> PerfReport:
    """Two servers, three loads, three repeats, with an SLO."""
    points = [
        loaded(arm, n, repeat, goodput_per_s=n / 2, good_share=0.9)
        for repeat in (1, 2, 3)
        for n in (1, 8, 32)
        for arm in ARMS
    ]
    arms = {name: Arm(model=HOSTILE, base_url="http://h/v1") for name in ARMS}
    known = read(DATA / "open")
    return concluded(replace(known, points=tuple(points), arms=arms, slo={"ttft": 0.5}, knees={}))


def test_throughput_is_drawn_against_the_load_with_intervals(report: PerfReport) -> None:
    found = rows(charts(report)[THROUGHPUT])

    assert [row["x"] for row in found if row["series"] == "A"] == [1, 8, 32]
    first = found[0]
    assert first["value"] == pytest.approx(102.0)
    assert first["low"] < first["value"] < first["high"]


def test_latency_is_drawn_against_throughput(report: PerfReport) -> None:
    found = rows(charts(report)["Latency against throughput, by requests in flight"])
    last = [row for row in found if row["series"] == "A"][-1]

    assert (last["x"], last["percentile"], last["value"]) == (
        *(pytest.approx(3202.0), "p99"),
        pytest.approx(960.0),
    )


def test_every_time_has_its_percentiles_and_goodput_its_curve(report: PerfReport) -> None:
    found = charts(report)
    for chart in found.values():
        rows(chart)
    (ttft,) = (chart for name, chart in found.items() if "TTFT" in name)

    assert {row["percentile"] for row in rows(ttft)} == {"p50", "p90", "p99"}
    assert sum("meet the SLO" in name for name in found) == 1
    assert sum("ITL" in name for name in found) == 1


def test_ratios_stand_beside_1(report: PerfReport) -> None:
    found = {row["name"]: row for row in rows(ratios(report, *ARMS))}
    row = found["output tokens/s, 8 at once"]

    assert row["value"] == pytest.approx(1.5, rel=0.01)
    assert row["shows"] == "better"
    assert ratios(report, "A", "none") is None


@pytest.mark.parametrize("run", ["scored", "searched", "open"])
def test_runs_of_every_kind_have_a_page(run: str, tmp_path: Path) -> None:
    (tmp_path / "perf.json").write_bytes((DATA / run / "perf.json").read_bytes())
    found = rewrite(tmp_path)
    for chart in charts(found).values():
        rows(chart)

    page = (tmp_path / "perf.html").read_text(encoding="utf-8")
    assert f"Throughput: {found.run}" in page
    assert ("front" in page) == bool(found.pareto)
    if found.pareto:
        assert len(rows(pareto(found))) == len(found.pareto)


def test_hostile_names_are_text_and_nothing_measured_is_a_page_too(report: PerfReport) -> None:
    page = perf_page(report)

    assert "<i>B</i>" not in page
    assert "<script>alert" not in page
    assert page.count("<script") == page.count("</script>") == 3
    assert "Nothing was measured" in perf_page(
        replace(report, points=(), summary=(), comparison=())
    )


def test_what_several_points_share_is_said_once() -> None:
    report = read(Path(__file__).parents[1] / "data/perf/scored")
    closed = replace(report, points=[replace(each, reconnected=2) for each in report.points])
    said = [each.text for each in warnings(closed) if "idle connection" in each.text]

    assert said == [said[0]]
    assert said[0].startswith("every point: 2 requests met an idle connection")


def test_loads_figures_and_verdicts_are_said_in_the_language_of_the_page(
    report: PerfReport,
) -> None:
    page = perf_page(report, page_in("zh"))

    for words in ("8 个同时", "输出 token/秒", "变好", "稳态"):
        assert words in page
    for words in (" at once", "no difference shown", "output tokens/s<"):
        assert words not in page


def test_what_is_always_0_is_not_drawn(report: PerfReport) -> None:
    none = Spread(mean=0.0, p50=0.0, p90=0.0, p95=0.0, p99=0.0)
    whole = [replace(each, itl=none, tpot=none) for each in report.points]
    found = charts(concluded(replace(report, points=whole)))

    assert any("TTFT" in name for name in found)
    assert not any("TPOT" in name or "ITL" in name for name in found)


def test_percentiles_of_a_single_load_are_told_apart_by_their_shapes(report: PerfReport) -> None:
    def legends(points: list[PerfPoint]) -> tuple[bool, bool]:
        found = charts(concluded(replace(report, points=points)))
        (ttft,) = (chart for name, chart in found.items() if "TTFT" in name)
        line, _, point = (layer["encoding"] for layer in ttft["layer"])
        return bool(line["strokeDash"]["legend"]), bool(point["shape"]["legend"])

    assert legends(list(report.points)) == (True, False)
    assert legends([each for each in report.points if each.concurrency == 8]) == (False, True)


def test_a_verdict_that_no_figure_has_is_not_in_the_legend(report: PerfReport) -> None:
    found = ratios(report, *ARMS)
    assert found
    shown = {row["shows"] for row in rows(found)}

    assert set(found["layer"][1]["encoding"]["color"]["scale"]["domain"]) == shown


def test_every_abbreviation_of_the_tables_is_explained(report: PerfReport) -> None:
    lines = " ".join(method(report))

    for each in ("req/s", "out tok/s", "95 %", "steady", "peak", "hits", "TTFT", "TPOT", "ITL"):
        assert each in lines
    assert "prompts 256, replies 100" in lines
    assert " to 3.0 s" not in lines
