"""Draws a chart into a file, by vl-convert: no browser and no network."""

from pathlib import Path
from typing import Any

from evaluator.errors import UsageError
from evaluator.locale import N_
from evaluator.pages.charts import Chart
from evaluator.pages.theme import LEGEND_ENTRY, LIGHT, chart_config
from evaluator.report.escaping import harmless_within

WIDTH = 640  # pixels of the plot itself, without names and legend
VERSION = "6.4"  # of Vega-Lite
SHARP = 2.0  # pixels of a PNG for one of the chart
SUFFIXES = (".svg", ".png", ".pdf")


def check(path: Path) -> None:
    """Raises UsageError for a file that cannot be drawn."""
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(
            N_(
                "--out {path!r}: give a file that ends in {suffixes}",
                path=str(path),
                suffixes=", ".join(SUFFIXES),
            )
        )


def draw(chart: Chart, path: Path) -> None:
    """Writes the chart in the format that the file's name says.  Raises UsageError."""
    check(path)
    content = drawn(sized(harmless_within(chart)), path.suffix.lower())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise UsageError(
            N_("--out: cannot write {path!r}: {strerror}", path=str(path), strerror=error.strerror)
        ) from error


def drawn(chart: Chart, suffix: str) -> bytes:
    """The chart in a format."""
    import vl_convert

    how: dict[str, Any] = {"vl_version": VERSION, "config": config()}
    if suffix == ".svg":
        return vl_convert.vegalite_to_svg(chart, **how).encode()
    if suffix == ".pdf":
        return vl_convert.vegalite_to_pdf(chart, **how)
    return vl_convert.vegalite_to_png(chart, scale=SHARP, **how)


def config() -> Chart:
    """The look of light pages, on paper."""
    made = chart_config(LIGHT)
    legend = {**made["legend"], "columns": WIDTH // LEGEND_ENTRY}
    return {**made, "background": "white", "legend": legend, "axisY": {"labelLimit": 260}}


def sized(chart: Chart) -> Chart:
    """The chart, and those within it, with a width of its own."""
    made = {key: value for key, value in chart.items() if key != "autosize"}
    if "hconcat" in made:
        made["hconcat"] = [{**part, "width": WIDTH // 2} for part in made["hconcat"]]
    else:
        made["width"] = WIDTH
    return made
