"""A comparison for a terminal: all benchmarks and categories, subjects only with a finding."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from evaluator.comparison import tables
from evaluator.comparison.warnings import warnings
from evaluator.locale import N_
from evaluator.report.tables import Cells
from evaluator.report.terminal import plain_text, table
from evaluator.results.benchmark_comparison import ComparisonRow
from evaluator.results.comparison import Comparison, ModelComparison

INDENTS = {"benchmark": "", "category": "  ", "subject": "    "}


def terminal(comparison: Comparison) -> RenderableType:
    """The whole comparison, in 80 columns."""
    parts: list[RenderableType] = []
    if len(comparison.comparisons) > 1:
        parts += [narrow(tables.overview(comparison)), Text()]
    for model in comparison.comparisons:
        parts += [*model_parts(comparison, model), Text()]
    parts += [narrow(tables.serving(comparison)), Text()]
    return Group(*parts, *(plain_text(line, "dim") for line in tables.legend(comparison)))


def model_parts(comparison: Comparison, model: ModelComparison) -> Iterator[RenderableType]:
    """One model beside the base."""
    title = N_(
        "{model} ({run}) compared with {base}",
        model=model.model,
        run=model.run,
        base=comparison.base.model,
    )
    shown = [row for row in model.rows if row.level != "subject" or row.verdict in tables.FINDINGS]
    yield narrow(indented(tables.differences(shown), shown), title)
    if hidden := len(model.rows) - len(shown):
        told = N_("not shown: {n} {n:subject|subjects} without a finding", n=hidden)
        yield plain_text(told, "dim")
    if changed := [row for row in shown if row.up or row.down]:
        yield from (Text(), narrow(indented(tables.causes(changed), changed)))
    for cells in (tables.form(model), tables.further_figures(model)):
        if cells.rows:
            yield from (Text(), narrow(cells))
    yield from (Text(), narrow(tables.changes(comparison, model)))
    yield from (plain_text(line, "yellow") for line in warnings(model))


def indented(cells: Cells, rows: Sequence[ComparisonRow]) -> Cells:
    """The same table with short names: categories and subjects stand indented below a benchmark."""
    names = (INDENTS[row.level] + row.name for row in rows)
    short = [[name, *line[1:]] for name, line in zip(names, cells.rows, strict=True)]
    return Cells(cells.columns, short, cells.wordy)


def narrow(cells: Cells, title: str = "") -> Table:
    """A table with its columns closer together."""
    made = table(cells, title)
    made.padding = (0, 1, 0, 0)
    for column in made.columns[1:]:
        column.no_wrap = True  # on a narrow screen the names wrap, not the figures
    return made
