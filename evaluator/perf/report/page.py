"""A throughput run as a page for a browser: perf.html."""

from collections.abc import Iterator

from evaluator.locale import N_, joined
from evaluator.pages.charts import Chart
from evaluator.pages.render import ENGLISH, Card, Fill
from evaluator.pages.settings_table import settings
from evaluator.perf.report.charts import FIGURE_WORDS, charts, pareto, rate_figure, ratios
from evaluator.perf.report.method import method
from evaluator.perf.report.summary import GOODPUT
from evaluator.perf.report.tables import load_words, number, over, tables
from evaluator.perf.report.warnings import warnings
from evaluator.results.files import present
from evaluator.results.perf import PerfReport


def perf_page(report: PerfReport, fill: Fill = ENGLISH) -> str:
    """The page as HTML; `fill` fills its template."""
    curves = charts(report)
    compared = dict.fromkeys((row.base, row.other) for row in report.comparison)
    forests = {
        over(other, base): chart
        for base, other in compared
        if (chart := ratios(report, base, other))
    }
    drawn: dict[str, Chart | None] = {"front": pareto(report), **curves, **forests}
    said = list(warnings(report))
    return fill(
        "perf.html",
        drawn,
        report=report,
        cards=list(cards(report)),
        alarms=[each.text for each in said if each.spoils],
        warnings=[each.text for each in said if not each.spoils],
        curves=[(str(name), name) for name in curves],
        forests=[(str(name), name) for name in forests],
        tables=list(tables(report)),
        method=list(method(report)) if report.points else [],
        settings=settings({**present(report.workload), "evaluator": report.evaluator}),
    )


def cards(report: PerfReport) -> Iterator[Card]:
    """The highest throughput of each server, and where it was reached; its best goodput."""
    for name in (rate_figure(report), GOODPUT):
        for arm in dict.fromkeys(row.arm for row in report.summary):
            rows = [row for row in report.summary if row.arm == arm and name in row.figures]
            if rows:
                best = max(rows, key=lambda row: row.figures[name].mean)
                value = number(best.figures[name].mean)
                words = N_("{figure}, at most", figure=FIGURE_WORDS[name])
                yield Card(words, value, joined(", ", (arm, load_words(best.load))))
