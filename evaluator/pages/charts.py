"""A run's charts in Vega-Lite, declared once for the page and for papers.

They are Vega-Lite's own JSON rather than Altair's classes: importing Altair takes longer than
everything else that a run does after its last reply. Tests check each against Altair's schema.
"""

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from evaluator.report.tables import ci, score
from evaluator.results.figures import Figure
from evaluator.results.names import ENDS, SHARE, End, Scale
from evaluator.results.report import BenchmarkResult, RunReport
from evaluator.results.timeline import BarCounts, Timeline

Chart = dict[str, Any]  # a Vega-Lite specification, without size, colours and fonts of its own
Points = Sequence[Mapping[str, object]]  # rows of a chart's data

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
BAR = 22  # pixels of a bar and the space around it
COLOURS: Mapping[End, str] = {  # of what became of samples, in the order in which a bar shows it
    "right": "#2a9d5c",
    "rated": "#3f7cac",
    "partly right": "#9ccf8a",
    "wrong": "#8a94a6",
    "refused": "#b07cc6",
    "unparsed": "#e9b44c",
    "truncated": "#e07a3f",
    "judge_unparsed": "#6c8ebf",
    "error": "#c8324b",
}


def chart(values: Points, **parts: Any) -> Chart:
    """A chart over these rows."""
    fit = {"type": "fit-x", "contains": "padding"}
    data = {"values": list(values)}
    return {"$schema": SCHEMA, "data": data, "width": "container", "autosize": fit, **parts}


def figure_rows(figures: Mapping[str, Figure], scale: Scale) -> Iterator[dict[str, object]]:
    """Rows of figures that were measured: the name, the value and its interval, as shares."""
    for name, of in figures.items():
        if of.value is None:
            continue
        on = of.scale or scale
        low, high = of.ci95 or (of.value, of.value)
        value, low, high = (share_of(each, on) for each in (of.value, low, high))
        if not 0 <= value <= 1:  # on a scale that is not known
            continue
        shown = {"score": score(of.value, on), "interval": ci(of.ci95, on), "n": of.samples}
        yield {"name": name, "value": value, "low": low, "high": high, **shown}


def share_of(value: float, scale: Scale) -> float:
    """Where a value lies between the least and the most that it can be."""
    least, most = scale
    return (value - least) / (most - least)


def bars(rows: Points, colour: str | None = None) -> Chart:
    """A bar for each row with a line for its interval."""
    y: Chart = {"field": "name", "type": "nominal", "title": None}
    y["sort"] = [row["name"] for row in rows]
    y["axis"] = {"labelLimit": 260}
    x: Chart = {"field": "value", "type": "quantitative", "title": None}
    x["scale"] = {"domain": [0, 1]}
    x["axis"] = {"format": ".0%", "tickCount": 6}
    tooltip = [{"field": field, "type": "nominal"} for field in ("name", "score", "interval", "n")]
    painted: Chart = {"value": "#3f7cac"}
    if colour:
        painted = {"field": colour, "type": "nominal", "title": None}
    thick = {"type": "bar", "height": {"band": 0.62}, "opacity": 0.85, "cornerRadiusEnd": 2}
    return chart(
        rows,
        height={"step": BAR},
        encoding={"y": y, "tooltip": tooltip},
        layer=[
            {"mark": thick, "encoding": {"x": x, "color": painted}},
            {"mark": {"type": "rule", "strokeWidth": 1.6}, "encoding": interval_ends(x)},
            {"mark": {"type": "tick", "size": 9, "thickness": 1.6}, "encoding": end(x, "low")},
            {"mark": {"type": "tick", "size": 9, "thickness": 1.6}, "encoding": end(x, "high")},
        ],
    )


def interval_ends(x: Chart) -> Chart:
    """The encoding of a line from an interval's one end to the other."""
    return {**end(x, "low"), "x2": {"field": "high"}}


def end(x: Chart, field: str) -> Chart:
    """The encoding of a mark at one end of an interval."""
    return {"x": {**x, "field": field}}


def scores(report: RunReport) -> Chart | None:
    """Every benchmark's score with its interval; those on other scales as shares of theirs."""
    rows = [
        row
        for name, of in report.benchmarks.items()
        for row in figure_rows({name: score_of(of)}, of.scale)
    ]
    return bars(rows) if rows else None


def score_of(result: BenchmarkResult) -> Figure:
    """A benchmark's score, over the samples that were measured."""
    measured = sum(group.samples for group in result.groups.values())
    return Figure(value=result.value, ci95=result.ci95, samples=measured)


def groups(result: BenchmarkResult, categories: Mapping[str, str]) -> Chart | None:
    """The groups of a benchmark, the best first, in the colour of their category."""
    rows = list(figure_rows(result.groups, result.scale))
    if len(rows) < 2:
        return None
    for row in rows:
        row["category"] = categories.get(str(row["name"]), "")
    rows.sort(key=itemgetter("value"), reverse=True)
    return bars(rows, colour="category" if any(categories.values()) else None)


def figures(of: Mapping[str, Figure], scale: Scale = SHARE) -> Chart | None:
    """Further figures of a benchmark, such as its dimensions, in their own order."""
    rows = list(figure_rows(of, scale))
    return bars(rows) if rows else None


def accounting(report: RunReport) -> Chart | None:
    """What became of all samples of each benchmark, as shares of them."""
    rows = [
        {"benchmark": name, "end": end, "place": place, "samples": result.ends[end]}
        for name, result in report.benchmarks.items()
        for place, end in enumerate(ENDS)
        if end in result.ends
    ]
    if not rows:
        return None
    seen = [end for end in ENDS if any(row["end"] == end for row in rows)]
    colours = {"domain": seen, "range": [COLOURS[end] for end in seen]}
    x = {"field": "samples", "type": "quantitative", "stack": "normalize", "title": None}
    y = {"field": "benchmark", "type": "nominal", "title": None, "sort": None}
    color = {"field": "end", "type": "nominal", "scale": colours, "title": None}
    fields = (("benchmark", "nominal"), ("end", "nominal"), ("samples", "quantitative"))
    return chart(
        rows,
        height={"step": BAR},
        mark={"type": "bar", "height": {"band": 0.7}},
        encoding={
            "y": {**y, "axis": {"labelLimit": 260}},
            "x": {**x, "axis": {"format": ".0%"}},
            "color": {**color, "legend": {"orient": "top", "columns": 9}},
            "order": {"field": "place", "type": "quantitative"},
            "tooltip": [{"field": field, "type": kind} for field, kind in fields],
        },
    )


def over_time(of: Timeline, values: Sequence[float], title: str) -> Chart:
    """A curve over the run's seconds."""
    rows = [{"s": (i + 0.5) * of.step, "value": value} for i, value in enumerate(values)]
    x = {"field": "s", "type": "quantitative", "title": "seconds"}
    y = {"field": "value", "type": "quantitative", "title": title}
    line = {"type": "area", "line": True, "opacity": 0.25, "interpolate": "monotone"}
    return chart(rows, height=150, mark=line, encoding={"x": x, "y": y, "tooltip": [x, y]})


def spread(of: BarCounts, title: str) -> Chart:
    """A histogram; its last bar holds all that lies beyond."""
    rows = [
        {"from": low, "to": high, "replies": count}
        for low, high, count in zip(of.edges, of.edges[1:], of.counts, strict=False)
    ]
    x = {"field": "from", "type": "quantitative", "bin": {"binned": True}, "title": title}
    y = {"field": "replies", "type": "quantitative", "title": "replies"}
    places = [{"field": field, "type": "quantitative"} for field in ("from", "to", "replies")]
    encoding = {"x": x, "x2": {"field": "to"}, "y": y, "tooltip": places}
    return chart(rows, height=150, mark="bar", encoding=encoding)


def serving(of: Timeline) -> dict[str, Chart]:
    """The charts of how replies came, by heading."""
    found = {
        "Replies per second": over_time(of, of.replies_per_s, "replies/s"),
        "Requests in flight": over_time(of, of.in_flight, "in flight"),
        "Latency": spread(of.latency, "seconds"),
    }
    if of.output_tokens:
        tokens = over_time(of, of.output_tokens_per_s, "tokens/s")
        found |= {"Output tokens per second": tokens}
        found |= {"Length of replies": spread(of.output_tokens, "tokens")}
    if of.ttft:
        found["Time to the first token"] = spread(of.ttft, "seconds")
    return found
