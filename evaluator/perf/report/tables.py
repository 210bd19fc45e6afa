"""The tables of a throughput report."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from evaluator.locale import N_, joined, labels, recalled
from evaluator.perf.report.summary import OUTPUT, REQUESTS, STEADY, by_load
from evaluator.report.tables import Cells
from evaluator.results.figures import Spread, Unmeasured
from evaluator.results.perf import Estimate, PerfReport, SummaryRow
from evaluator.results.perf_point import PerfPoint

LOAD_FORMS = labels(
    "all at once", "{n} at once", "{n}/s", "{n}/s, burstiness {b}"
)  # of `load` in a point

FIGURE_FORMS = labels(  # of `figure` in a row of the comparison, but for TTFT and its like
    "requests/s", "output tokens/s", "steady tokens/s", "goodput/s", "latency p50"
)
VERDICT_FORMS = labels(  # of `verdict` in such a row
    "better",
    "worse",
    "no difference shown",
    "one repeat: cannot tell",
    "not comparable: {what} of {other} and {base} tokens",
    "0 in {n} of {all} of {name}, 0 in {n2} of {all2} of {name2}",
    "0 in {n} of {all} of {name}",
)
OF_EARLIER = labels("{arm} in {run}")  # of `base`, where it is an arm of an earlier run


def load_words(load: str) -> str:
    """A load as a reader has it in their language."""
    return recalled(load, LOAD_FORMS)


def figure_words(figure: str) -> str:
    """The same of a figure."""
    return recalled(figure, FIGURE_FORMS)


def verdict_words(verdict: str) -> str:
    """The same of a verdict on two servers."""
    return recalled(verdict, VERDICT_FORMS)


def over(other: str, base: str) -> str:
    """What is divided by what."""
    return joined(" / ", (other, recalled(base, OF_EARLIER)))


def tables(report: PerfReport) -> Iterator[tuple[str, Cells]]:
    """Every table that there is something for, with its title."""
    repeats = max((row.repeats for row in report.summary), default=0)
    means = N_("means of {n} repeats", n=repeats) if repeats > 1 else N_("one repeat")
    yield N_("{name}: {line}", name=report.run, line=means), rates(report)
    yield N_("times in ms: median / 99th percentile"), times(report)
    for base, other in dict.fromkeys((row.base, row.other) for row in report.comparison):
        yield over(other, base), ratios(report, base, other)
    if report.pareto:
        yield N_("accuracy and speed of the same requests"), front(report)


def rates(report: PerfReport) -> Cells:
    """A row an arm and load: means over the repeats, with the half-width of the 95 % interval."""
    columns = labels("load", "arm", "req/s", "out tok/s", "95 %", "steady", "peak", "hits")
    rows = []
    for row, points in grouped(report):
        output = row.figures.get(OUTPUT)
        load = load_words(row.load)
        cells = [load, row.arm, mean_of(row.figures, REQUESTS), mean_of(row.figures, OUTPUT)]
        cells += [half_width(output), mean_of(row.figures, STEADY)]
        cells += [str(max(point.peak_concurrency for point in points)), percent(hit_rate(points))]
        in_slo = percent(average(point.good_share for point in points))
        rows.append([*cells, in_slo] if report.slo else cells)
    return Cells([*columns, N_("in SLO")] if report.slo else columns, rows, frozenset({"arm"}))


def times(report: PerfReport) -> Cells:
    """Median / 99th percentile, each the mean over the repeats, in milliseconds."""
    rows = [
        [
            load_words(row.load),
            row.arm,
            median_and_tail([point.ttft for point in points]),
            median_and_tail([point.tpot for point in points]),
            median_and_tail([point.itl for point in points]),
            median_and_tail([point.latency for point in points]),
        ]
        for row, points in grouped(report)
    ]
    return Cells(labels("load", "arm", "TTFT", "TPOT", "ITL", "latency"), rows, frozenset({"arm"}))


def median_and_tail(spreads: Sequence[Spread | Unmeasured]) -> str:
    """The two percentiles that a person looks at."""
    median, tail = average(each.p50 for each in spreads), average(each.p99 for each in spreads)
    return f"{milliseconds(median)} / {milliseconds(tail)}"


def ratios(report: PerfReport, base: str, other: str) -> Cells:
    """A row a load and figure."""
    rows = []
    for row in report.comparison:
        if (row.base, row.other) == (base, other):
            ends = "-" if row.ci95 is None else "{:.3f} - {:.3f}".format(*row.ci95)
            ratio = "-" if row.ratio is None else f"{row.ratio:.3f}"
            words = figure_words(row.figure), verdict_words(row.verdict)
            rows.append([load_words(row.load), words[0], ratio, ends, words[1]])
    columns = labels("load", "figure", "ratio", "95 % interval", "verdict")
    return Cells(columns, rows, frozenset({"figure", "verdict"}))


def front(report: PerfReport) -> Cells:
    """Score and rate; a star where no other arm and load is ahead in both."""
    rows = [
        [
            load_words(row.load),
            row.arm,
            row.benchmark,
            percent(row.accuracy),
            "{:.1%} - {:.1%}".format(*row.ci95),
            number(row.output_tokens_per_s),
            "*" if row.front else "",
        ]
        for row in report.pareto
    ]
    columns = labels("load", "arm", "benchmark", "score", "95 %", "out tok/s", "front")
    return Cells(columns, rows, frozenset({"arm", "benchmark"}))


def grouped(report: PerfReport) -> Iterator[tuple[SummaryRow, Sequence[PerfPoint]]]:
    """Every row of the summary with its points."""
    points = by_load(report.points)
    for row in report.summary:
        yield row, list(points[row.load][row.arm].values())


def average(values: Iterable[float | None]) -> float | None:
    """The mean of what was measured."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def hit_rate(points: Sequence[PerfPoint]) -> float | None:
    """Share of prompt tokens that came from the server's prefix cache."""
    return average(point.hit_rate for point in points)


def mean_of(figures: Mapping[str, Estimate], name: str) -> str:
    """A figure's mean, where it was measured."""
    return number(figures[name].mean if name in figures else None)


def half_width(estimate: Estimate | None) -> str:
    """How far the interval reaches, to be read after a +-."""
    if estimate is None or estimate.ci95 is None:
        return "-"
    return f"±{number(estimate.ci95[1] - estimate.mean)}"


def number(value: float | None) -> str:
    """Three digits that count."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def percent(value: float | None) -> str:
    """A share."""
    return "-" if value is None else f"{value:.1%}"


def milliseconds(value: float | None) -> str:
    """Seconds as milliseconds."""
    return "-" if value is None else number(value * 1000)
