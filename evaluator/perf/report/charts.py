"""The charts of a throughput run."""

from collections.abc import Iterator, Sequence
from operator import attrgetter

from evaluator.locale import N_, joined
from evaluator.pages.charts import (
    SCHEMA,
    Chart,
    Points,
    colours_of,
    curves,
    forest,
    legend,
    series,
    tips,
)
from evaluator.perf.report.summary import GOODPUT, OUTPUT, REQUESTS
from evaluator.perf.report.tables import (
    average,
    figure_words,
    grouped,
    load_words,
    number,
    over,
    percent,
    verdict_words,
)
from evaluator.results.figures import Spread, Unmeasured
from evaluator.results.perf import Estimate, PerfReport, SummaryRow
from evaluator.results.perf_point import PerfPoint

LOADS = {  # how the x-axis of a kind of load is called
    "concurrency": N_("requests in flight"),
    "rate": N_("requests sent per second"),
}
TIMES = {  # by field of a point
    "ttft": N_("Time to the first token (TTFT)"),
    "tpot": N_("Time per output token (TPOT)"),
    "itl": N_("Gap between tokens (ITL)"),
    "latency": N_("Latency of a whole reply"),
}
ON_FRONT, BEHIND = N_("on the front"), N_("behind")
PERCENTILES = ("p50", "p90", "p99")
FIGURE_WORDS = {  # on axes
    REQUESTS: N_("requests/s"),
    OUTPUT: N_("output tokens/s"),
    GOODPUT: N_("goodput/s"),
}
HEADINGS = {  # above charts
    REQUESTS: N_("Requests/s"),
    OUTPUT: N_("Output tokens/s"),
    GOODPUT: N_("Replies per second that meet the SLO"),
}
VERDICTS = {  # colours by verdict
    N_("better"): "#2a9d5c",
    N_("worse"): "#c8324b",
    N_("no difference shown"): "#8a94a6",
}
VERDICT_WORDS = {str(each): each for each in VERDICTS}
UNSURE = N_("cannot tell")  # every other verdict, which is told in full where the mouse is
Row = dict[str, object]
Measured = tuple[SummaryRow, Sequence[PerfPoint]]


def loads(report: PerfReport) -> dict[str, list[Measured]]:
    """The rows of the summary by kind of load; "all at once" has no place on an axis."""
    found: dict[str, list[Measured]] = {}
    for row, points in grouped(report):
        kind = next((kind for kind in LOADS if getattr(points[0], kind) is not None), None)
        if kind:
            found.setdefault(kind, []).append((row, points))
    return found


def rate_figure(report: PerfReport) -> str:
    """The figure of throughput: output tokens, or requests where the server counts no tokens."""
    counted = any(OUTPUT in row.figures for row in report.summary)
    return OUTPUT if counted else REQUESTS


def charts(report: PerfReport) -> dict[str, Chart]:
    """All charts that there is something for, by heading."""
    found: dict[str, Chart] = {}
    figure = rate_figure(report)
    for kind, measured in loads(report).items():
        load = LOADS[kind]
        found[against(HEADINGS[figure], load)] = against_load(measured, kind, figure)
        if any(GOODPUT in row.figures for row, _ in measured):
            found[against(HEADINGS[GOODPUT], load)] = against_load(measured, kind, GOODPUT)
        heading = N_("Latency against throughput, by {load}", load=load)
        found[heading] = trade(measured, figure)
        for name, words in TIMES.items():
            rows = list(times(measured, kind, name))
            if any(row["value"] for row in rows):  # all 0 where replies come in one piece
                found[against(words, load)] = percentiles(rows, kind)
    return found


def against(figure: str, load: str) -> str:
    """What stands above a figure that is drawn by load."""
    return N_("{figure} against {load}", figure=figure, load=load)


def overview(report: PerfReport) -> Chart | None:
    """Throughput by load, and beside it what it costs in latency; None without such a load."""
    figure = rate_figure(report)
    for kind, measured in loads(report).items():
        both = against_load(measured, kind, figure), trade(measured, figure)
        kept = ("data", "layer", "encoding", "height")
        parts = [{key: chart[key] for key in kept} for chart in both]
        return {"$schema": SCHEMA, "hconcat": parts}
    return None


def against_load(measured: Sequence[Measured], kind: str, figure: str) -> Chart:
    """A figure, with its interval over the repeats, by load."""
    rows = [
        {"series": row.arm, "load": load_words(row.load), "x": getattr(points[0], kind), "place": i}
        | of(row.figures[figure])
        for i, (row, points) in enumerate(measured)
        if figure in row.figures
    ]
    return by_load(rows, kind, FIGURE_WORDS[figure])


def by_load(rows: Points, kind: str, title: str, dash: str = "") -> Chart:
    """Rows as curves over the load."""
    tooltip = tips("series", "load", *([dash] if dash else []), "shown")
    return curves(rows, {"title": LOADS[kind]}, {"title": title}, tooltip, dash)


def of(estimate: Estimate) -> Row:
    """A value, the ends of its interval, and both in words."""
    low, high = estimate.ci95 or (estimate.mean, estimate.mean)
    ends = f" ({number(low)} to {number(high)})" if estimate.ci95 else ""
    return {"value": estimate.mean, "low": low, "high": high, "shown": number(estimate.mean) + ends}


def times(measured: Sequence[Measured], kind: str, name: str) -> Iterator[Row]:
    """Percentiles of a time, in milliseconds, each the mean over the repeats."""
    for i, (row, points) in enumerate(measured):
        for percentile in PERCENTILES:
            value = milliseconds(points, name, percentile)
            if value is not None:
                at = {"x": getattr(points[0], kind), "place": i, "low": value, "high": value}
                words = {"percentile": percentile, "shown": f"{number(value)} ms"}
                yield {
                    "series": row.arm,
                    "load": load_words(row.load),
                    "value": value,
                    **at,
                    **words,
                }


def milliseconds(points: Sequence[PerfPoint], name: str, percentile: str) -> float | None:
    """A percentile of a time, the mean over the repeats; None where it was not measured."""
    spreads: list[Spread | Unmeasured] = [getattr(point, name) for point in points]
    seconds = average(map(attrgetter(percentile), spreads))
    return None if seconds is None else 1000 * seconds


def percentiles(rows: Points, kind: str) -> Chart:
    """Median and tails of a time by load."""
    return by_load(rows, kind, N_("ms"), "percentile")


def trade(measured: Sequence[Measured], figure: str) -> Chart:
    """What throughput costs in latency: the loads of a server in their order."""
    rows: list[Row] = []
    for row in times(measured, "concurrency", "latency"):
        summary = measured[int(str(row["place"]))][0]
        if figure in summary.figures and row["percentile"] != "p90":
            rate = summary.figures[figure].mean
            rows.append({**row, "x": rate, "shown": f"{number(rate)} {figure}, {row['shown']}"})
    tooltip = tips("series", "load", "percentile", "shown")
    return curves(
        rows, {"title": FIGURE_WORDS[figure]}, {"title": N_("latency, ms")}, tooltip, "percentile"
    )


def ratios(report: PerfReport, base: str, other: str) -> Chart | None:
    """The ratios of two servers' figures, with intervals, and a line where they are the same."""
    rows = [
        {
            "name": joined(", ", (figure_words(row.figure), load_words(row.load))),
            "value": row.ratio,
            "verdict": verdict_words(row.verdict),
        }
        | {"low": (row.ci95 or (row.ratio,))[0], "high": (row.ci95 or (row.ratio,))[-1]}
        | {"shows": VERDICT_WORDS.get(row.verdict, UNSURE)}
        | {"ratio": number(row.ratio)}
        for row in report.comparison
        if (row.base, row.other) == (base, other) and row.ratio
    ]
    scale = {"type": "log", "nice": False, "padding": 12}
    x = {"field": "value", "title": over(other, base), "scale": scale, "axis": {"tickCount": 7}}
    colours = colours_of(rows, "shows", {**VERDICTS, UNSURE: "#e9b44c"})
    tooltip = tips("name", "ratio", "verdict")
    return forest(rows, x, legend("shows", colours), tooltip, 1) if rows else None


def pareto(report: PerfReport) -> Chart | None:
    """Score and rate of every load; the filled ones have no other that is ahead in both."""
    rows = [
        {"series": point.arm, "load": load_words(point.load), "x": point.output_tokens_per_s}
        | {"value": point.accuracy, "low": point.ci95[0], "high": point.ci95[1], "place": i}
        | {"shown": f"{percent(point.accuracy)}, {number(point.output_tokens_per_s)} tokens/s"}
        | {"front": ON_FRONT if point.front else BEHIND}
        for i, point in enumerate(report.pareto)
        if point.output_tokens_per_s is not None
    ]
    if not rows:
        return None
    names = dict.fromkeys(str(row["series"]) for row in rows)
    up = {"type": "quantitative", "title": N_("score"), "axis": {"format": ".0%"}}
    up |= {"scale": {"zero": False}}
    across = {"field": "x", "type": "quantitative", "title": FIGURE_WORDS[OUTPUT]}
    filled: Chart = {"field": "front", "type": "nominal", "legend": None}
    filled |= {"scale": {"domain": [ON_FRONT, BEHIND], "range": [1, 0.15]}}
    made = curves(rows, across, up, tips("series", "load", "shown", "front"))
    rule, point = made["layer"][1:]
    point["encoding"] |= {"fillOpacity": filled, "stroke": {**series(names), "legend": None}}
    point["mark"] |= {"size": 110, "opacity": 1, "strokeWidth": 1.5}
    made["layer"] = [rule, point]
    made["encoding"]["color"] = series(names)
    return made
