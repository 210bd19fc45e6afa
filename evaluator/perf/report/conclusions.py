"""What the points of a run come to: means, ratios and the Pareto front."""

from dataclasses import replace

from evaluator.perf.report.comparison import against, comparison, unmatched
from evaluator.perf.report.pareto import pareto
from evaluator.perf.report.summary import GOODPUT, by_load, summary
from evaluator.results.perf import PerfReport


def concluded(report: PerfReport, earlier: PerfReport | None = None) -> PerfReport:
    """The report with what its points come to, also against an earlier run."""
    bases = list(report.arms)[:1]
    made = replace(
        report,
        summary=summary(report.points),
        comparison=tuple(row for base in bases for row in comparison(report.points, base)),
        pareto=pareto(report.points),
    )
    return compared(made, earlier) if earlier else made


def compared(report: PerfReport, earlier: PerfReport) -> PerfReport:
    """The report with its ratios to an earlier run; goodput by another SLO has none."""
    rows = against(report.points, earlier.points, earlier.run)
    same = earlier.slo == report.slo
    return replace(
        report,
        comparison=(*report.comparison, *(r for r in rows if same or r.figure != GOODPUT)),
        against=earlier.run,
        unmatched=unmatched(by_load(report.points), by_load(earlier.points)),
    )
