"""A radar: how models spread over benchmarks, or over the categories of one."""

from collections.abc import Iterator, Mapping
from math import cos, pi, sin
from typing import Any

from evaluator.pages.charts import Chart, chart, series, tips

LEAST, MOST = 3, 16  # axes: fewer are no area, more cannot be read
MANY = 5  # categories from which on a radar tells more than their bars
RINGS = (0.25, 0.5, 0.75, 1.0)
UNIT = "min(height / 2.5, width / 3.6)"  # pixels of the radius: the names have the rest
LABELS = 1.09  # radius of the names
SIDES = {"left": 1, "center": 0, "right": -1}  # how a name is set, by the side where it stands

Spoke = tuple[float, str]  # a share from 0 to 1, and how it is written
Row = dict[str, object]


def radar(lines: Mapping[str, Mapping[str, Spoke]], least: int = LEAST) -> Chart | None:
    """A closed line for each name over the axes that all have; None where they are too few or
    too many."""
    first = next(iter(lines.values()), {})
    axes = [axis for axis in first if all(axis in of for of in lines.values())]
    if not least <= len(axes) <= MOST:
        return None
    rows = [
        {"series": name, "axis": axis, "score": of[axis][1], **at(i, len(axes), of[axis][0])}
        for name, of in lines.items()
        for i, axis in enumerate(axes)
    ]
    return chart(
        rows,
        height=300,
        layer=[*grid(axes), *polygons(list(lines))],
        encoding={"x": place("x", "width"), "y": place("y", "height")},
        resolve={"axis": {"x": "shared", "y": "shared"}},
    )


def at(i: int, of: int, radius: float) -> Row:
    """The place on an axis; the first axis goes up, the others follow clockwise."""
    angle = 2 * pi * i / of
    return {"place": i, "x": round(radius * sin(angle), 4), "y": round(radius * cos(angle), 4)}


def place(field: str, side: str) -> Chart:
    """The encoding of a coordinate, in radii: as long across as up, however wide the chart."""
    ends = {
        "domainMin": {"expr": f"-{side} / 2 / {UNIT}"},
        "domainMax": {"expr": f"{side} / 2 / {UNIT}"},
    }
    scale = {**ends, "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": None}


def polygons(names: list[str]) -> Iterator[Chart]:
    """The lines of the series, and their corners."""
    line = {"type": "line", "interpolate": "linear-closed", "strokeWidth": 2}
    filled = {"filled": True, "fillOpacity": 0.07, "strokeOpacity": 1}
    color = series(names) if len(names) > 1 else {**series(names), "legend": None}
    order = {"order": {"field": "place", "type": "quantitative"}}
    painted = {"stroke": color, "fill": color}
    yield {"mark": {**line, **filled}, "encoding": {**painted, **order}}
    corner = {"type": "point", "filled": True, "size": 40, "opacity": 1}
    tooltip = tips("series", "axis", "score")
    yield {"mark": corner, "encoding": {"fill": color, "tooltip": tooltip}}


def grid(axes: list[str]) -> Iterator[Chart]:
    """The rings, the axes and their names."""
    n = len(axes)
    rings = [{"ring": ring, **at(i, n, ring)} for ring in RINGS for i in range(n)]
    spokes = [{"axis": axis, **at(i, n, r)} for i, axis in enumerate(axes) for r in (0.0, 1.0)]
    order = {"order": {"field": "place", "type": "quantitative"}}
    yield thin(rings, {"detail": {"field": "ring", "type": "nominal"}, **order}, "linear-closed")
    yield thin(spokes, {"detail": {"field": "axis", "type": "nominal"}}, "linear")
    named = [{"axis": axis, **at(i, n, LABELS)} for i, axis in enumerate(axes)]
    for align, sign in SIDES.items():
        here = [row for row in named if side(row["x"]) == sign]
        if here:
            yield names(here, align)


def side(x: Any) -> int:
    """1 right of the middle, -1 left of it, 0 above and below."""
    return 0 if abs(x) < 0.1 else 1 if x > 0 else -1


def thin(rows: list[Row], encoding: Chart, interpolate: str) -> Chart:
    """Thin grey lines."""
    mark = {"type": "line", "interpolate": interpolate, "color": "#8a94a6"}
    return {
        "data": {"values": rows},
        "mark": {**mark, "strokeWidth": 0.6, "opacity": 0.6},
        "encoding": encoding,
    }


def names(rows: list[Row], align: str) -> Chart:
    """The names of axes; one that would leave the chart is cut short."""
    room = "width" if align == "center" else f"width / 2 - {LABELS} * {UNIT}"
    mark = {
        "type": "text",
        "align": align,
        "baseline": "middle",
        "fontSize": 11,
        "limit": {"expr": room},
    }
    text = {"field": "axis", "type": "nominal"}
    return {"data": {"values": rows}, "mark": mark, "encoding": {"text": text}}
