"""A comparison as tables for a terminal: all benchmarks and categories, subjects only if found."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from evaluator.comparison import tables as words
from evaluator.report.tables import Cells
from evaluator.report.terminal import said, table

INDENTED = {"benchmark": "", "category": "  ", "subject": "    "}


def terminal(comparison: Mapping[str, Any]) -> RenderableType:
    """The whole comparison, in 80 columns."""
    parts: list[RenderableType] = []
    if len(comparison["comparisons"]) > 1:
        parts += [narrow(words.overview(comparison)), Text()]
    for side in comparison["comparisons"]:
        parts += [*one(comparison, side), Text()]
    parts += [narrow(words.serving(comparison)), Text()]
    return Group(*parts, *(said(line, "dim") for line in words.legend(comparison)))


def one(comparison: Mapping[str, Any], side: Mapping[str, Any]) -> Iterator[RenderableType]:
    """One model beside the base."""
    title = f"{side['model']} ({side['run']}) beside {comparison['base']['model']}"
    shown = [
        row for row in side["rows"] if row["level"] != "subject" or row["verdict"] in words.FOUND
    ]
    yield narrow(nested(words.differences(shown), shown), title)
    if hidden := len(side["rows"]) - len(shown):
        yield Text(f"not shown: {hidden} subjects without a finding", style="dim")
    if changed := [row for row in shown if row["up"] or row["down"]]:
        yield from (Text(), narrow(nested(words.causes(changed), changed)))
    for cells in (words.form(side), words.further(side)):
        if cells.rows:
            yield from (Text(), narrow(cells))
    yield from (Text(), narrow(words.changes(comparison, side)))
    yield from (said(line, "yellow") for line in words.warnings(side))


def nested(cells: Cells, rows: Sequence[Mapping[str, Any]]) -> Cells:
    """The same with short names: a part stands below its benchmark, moved in."""
    names = (INDENTED[row["level"]] + row["name"] for row in rows)
    short = [[name, *line[1:]] for name, line in zip(names, cells.rows, strict=True)]
    return Cells(cells.columns, short, cells.wordy)


def narrow(cells: Cells, title: str = "") -> Table:
    """A table with its columns closer together."""
    made = table(cells, title)
    made.padding = (0, 1, 0, 0)
    for column in made.columns[1:]:
        column.no_wrap = True  # where it is narrow, names give way
    return made
