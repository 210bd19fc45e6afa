"""Shapes of charts in Vega-Lite, declared once for pages and for papers.

They are Vega-Lite's own JSON rather than Altair's classes: importing Altair takes longer than
everything else that a run does after its last reply. Tests check each against Altair's schema.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle
from typing import Any

from evaluator.locale import N_
from evaluator.pages.theme import SERIES

Chart = dict[str, Any]  # a Vega-Lite specification, without size, colours and fonts of its own
Points = Sequence[Mapping[str, object]]  # rows of a chart's data

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
BAR = 22  # pixels of a bar and the space around it
SHARES: Chart = {
    **{"field": "samples", "stack": "normalize"},
    "axis": {"format": ".0%", "tickCount": 6},
}
GREY = "#8a94a6"  # of what has no colour of its own, light or dark
DASHES = [[1, 0], [7, 3], [2, 2]]
SIGNED: Chart = {"labelExpr": "(datum.value > 0 ? '+' : '') + datum.label"}  # an axis


def chart(values: Points, **parts: Any) -> Chart:
    """A chart over these rows, as wide as its place."""
    fit = {"type": "fit-x", "contains": "padding"}
    data = {"values": list(values)}
    return {"$schema": SCHEMA, "data": data, "width": "container", "autosize": fit, **parts}


def names_axis(rows: Points, field: str = "name") -> Chart:
    """The encoding of names from top to bottom, in the order of the rows."""
    names = list(dict.fromkeys(row[field] for row in rows))
    return {"field": field, "type": "nominal", "title": None, "sort": names}


TIP_WORDS = {  # what a reader sees of the fields of a row
    "name": N_("name"),
    "axis": N_("name"),
    "series": N_("of"),
    "score": N_("score"),
    "interval": N_("95 % interval"),
    "n": N_("n"),
    "outcome": N_("outcome"),
    "samples": N_("samples"),
    "base": N_("base"),
    "other": N_("other"),
    "difference": N_("difference"),
    "p": N_("p"),
    "verdict": N_("verdict"),
    "pairs": N_("pairs"),
    "cause": N_("cause"),
    "points": N_("points"),
    "rank": N_("rank"),
    "rating": N_("rating"),
    "battles": N_("battles"),
    "row": N_("player"),
    "column": N_("against"),
    "won": N_("won"),
    "tied": N_("tied"),
    "lost": N_("lost"),
    "load": N_("load"),
    "percentile": N_("percentile"),
    "shown": N_("value"),
    "front": N_("Pareto front"),
    "ratio": N_("ratio"),
}


def tips(*fields: str) -> list[Chart]:
    """What a reader sees who points at a mark."""
    return [{"field": field, "type": "nominal", "title": TIP_WORDS[field]} for field in fields]


def legend(field: str, colours: Mapping[Any, str] | None = None) -> Chart:
    """The encoding of a colour, with its legend above."""
    found: Chart = {"field": field, "type": "nominal", "title": None}
    found["legend"] = {"orient": "top"}
    if colours:
        found["scale"] = {"domain": list(colours), "range": list(colours.values())}
    return found


def colours_of(rows: Points, field: str, colours: Mapping[Any, str]) -> dict[Any, str]:
    """The colours that the rows have, in the order of all of them."""
    seen = {row[field] for row in rows}
    return {name: colour for name, colour in colours.items() if name in seen}


def series(names: Iterable[str]) -> Chart:
    """The encoding of the colours of models or servers, in their order."""
    return legend("series", dict(zip(names, cycle(SERIES), strict=False)))


def placed(rows: Points) -> tuple[Chart, Chart]:
    """Where rows stand, from top to bottom, and the height of each.

    Rows of one name, as of several models, stand below each other, each of another `series`.
    """
    several = list(dict.fromkeys(row.get("series") for row in rows))
    y = {"y": names_axis(rows)}
    if len(several) < 2:
        return y, {"step": BAR}
    y["yOffset"] = {"field": "series", "type": "nominal", "sort": several}
    return y, {"step": 14}  # of each series


def bars(rows: Points, color: Chart | None = None) -> Chart:
    """A bar for each row, a share, with a line for its interval."""
    x: Chart = {"field": "value", "type": "quantitative", "title": None}
    x["scale"] = {"domain": [0, 1]}
    x["axis"] = {"format": ".0%", "tickCount": 6}
    color = color or {"value": "#3f7cac"}
    y, height = placed(rows)
    thin = {} if "yOffset" in y else {"height": {"band": 0.62}}
    thick = {"type": "bar", "opacity": 0.85, "cornerRadiusEnd": 2, **thin}
    tick = {"type": "tick", "size": 9, "thickness": 1.6}
    return chart(
        rows,
        height=height,
        encoding={**y, "tooltip": tips("name", "score", "interval", "n")},
        layer=[
            {"mark": thick, "encoding": {"x": x, "color": color}},
            {"mark": {"type": "rule", "strokeWidth": 1.6}, "encoding": interval_ends(x)},
            {"mark": tick, "encoding": end(x, "low")},
            {"mark": tick, "encoding": end(x, "high")},
        ],
    )


def interval_ends(x: Chart) -> Chart:
    """The encoding of a line from an interval's one end to the other."""
    return {**end(x, "low"), "x2": {"field": "high"}}


def end(x: Chart, field: str) -> Chart:
    """The encoding of a mark at one end of an interval."""
    return {"x": {**x, "field": field}}


def forest(rows: Points, x: Chart, color: Chart, tooltip: list[Chart], middle: float) -> Chart:
    """A point with its interval for each row, and a line where nothing differs (`middle`).

    `x` is the encoding of `value`; `low` and `high` are the interval's ends.
    """
    y, height = placed(rows)
    x = {"type": "quantitative", **x}
    dashed = {"type": "rule", "strokeDash": [4, 3], "opacity": 0.6}
    line = {"type": "rule", "strokeWidth": 1.8}
    point = {"type": "point", "filled": True, "size": 55, "opacity": 1}
    shown = {**y, "color": color, "tooltip": tooltip}
    return chart(
        rows,
        height=height,
        layer=[
            {"data": {"values": [{}]}, "mark": dashed, "encoding": {"x": {"datum": middle}}},
            {"mark": line, "encoding": {**shown, **interval_ends(x)}},
            {"mark": point, "encoding": {**shown, **end(x, "value")}},
        ],
    )


def stacked(rows: Points, field: str, colours: Mapping[Any, str], x: Chart) -> Chart:
    """A bar for each name, in parts coloured by `field`, in the order of the colours."""
    seen = colours_of(rows, field, colours)
    placed = [{**row, "place": list(seen).index(row[field])} for row in rows]
    return chart(
        placed,
        height={"step": BAR},
        mark={"type": "bar", "height": {"band": 0.7}},
        encoding={
            "y": names_axis(rows),
            "x": {"type": "quantitative", "title": None, **x},
            "color": legend(field, seen),
            "order": {"field": "place", "type": "quantitative"},
            "tooltip": tips("name", field, str(x["field"])),
        },
    )


def curves(rows: Points, x: Chart, y: Chart, tooltip: list[Chart], dash: str = "") -> Chart:
    """A line with points for each `series`, and the intervals of the points that have one.

    `x` and `y` are the encodings of `x` and `value`. The points of a line are joined in the order
    of `place`. Lines of one series differ by the field `dash`.
    """
    across: Chart = {"field": "x", "type": "quantitative", **x}
    up: Chart = {"field": "value", "type": "quantitative", **y}
    known = dict.fromkeys(str(row["series"]) for row in rows)
    color = {"color": series(known) if len(known) > 1 else {**series(known), "legend": None}}
    order = {"order": {"field": "place", "type": "quantitative"}}
    grey = {"symbolStrokeColor": GREY, "symbolFillColor": GREY}
    short = {"orient": "top", "columns": len(DASHES), **grey}
    alone = len({row["x"] for row in rows}) == 1  # no line, whose dashes would tell them apart
    told, untold = (None, short) if alone else (short, None)
    dashes = {**legend(dash), "legend": told, "sort": None, "scale": {"range": DASHES}}
    of_line = {**order, **({"strokeDash": dashes} if dash else {})}
    ends = {"y": {**up, "field": "low"}, "y2": {"field": "high"}}
    split = {"shape": {**legend(dash), "legend": untold, "sort": None}} if dash else {}
    point = {"type": "point", "filled": True, "size": 45, "opacity": 1}
    return chart(
        rows,
        height=230,
        encoding={"x": across, **color},
        layer=[
            {"mark": {"type": "line", "strokeWidth": 2}, "encoding": {"y": up, **of_line}},
            {"mark": {"type": "rule", "opacity": 0.6}, "encoding": ends},
            {"mark": point, "encoding": {"y": up, "tooltip": tooltip, **split}},
        ],
    )


def heat_map(rows: Points, names: Sequence[str], tooltip: list[Chart]) -> Chart:
    """A square for each `row` and `column` of these names, coloured by `share` around one half."""
    scale = {"domain": [0, 0.5, 1], "range": ["#e59aa6", "#f3f0e6", "#93cfae"]}
    up = {"field": "row", "type": "nominal", "sort": list(names), "title": None}
    turned = {"labelLimit": 130, "title": None, "orient": "top", "labelAngle": -35}
    across = {"field": "column", "type": "nominal", "sort": list(names), "axis": turned}
    color = {"field": "share", "type": "quantitative", "scale": scale, "legend": None}
    size = {"expr": f"max(5, min(11, width / {3.4 * len(names)}))"}  # of letters, to fit a square
    written = {"type": "text", "color": "#1c2230", "fontSize": size}
    share = {"field": "share", "type": "quantitative", "format": ".0%"}
    return chart(
        rows,
        height={"step": 30},
        encoding={"x": across, "y": up, "tooltip": tooltip},
        layer=[
            {"mark": {"type": "rect", "cornerRadius": 2}, "encoding": {"color": color}},
            {"mark": written, "encoding": {"text": share}},
        ],
    )
