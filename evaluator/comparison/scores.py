"""Runs side by side: a table of their scores with intervals, for people and as plain rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from evaluator.comparison.settings import differences
from evaluator.report import markdown
from evaluator.report.latex import latex
from evaluator.report.spreadsheet import csv_lines
from evaluator.report.tables import Cells, macro, side_by_side
from evaluator.results.figures import Figure
from evaluator.results.report import BenchmarkResult, RunReport, read_report

TableForm = Literal["csv", "latex", "markdown"]
COLUMNS = (
    *("run", "model", "benchmark", "figure", "samples", "value", "ci95_low", "ci95_high"),
    *("scale_min", "scale_max", "tags", "note"),
)


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Reports in the order of their folders, and what differs in how they were asked."""

    reports: Sequence[RunReport]
    differences: Sequence[str]

    @property
    def cells(self) -> Cells:
        """A column a run, a row a figure."""
        return side_by_side(self.reports)


def read_side_by_side(folders: Sequence[Path]) -> SideBySide:
    """The runs in these folders.  Raises UsageError where one holds none, DataError if damaged."""
    reports = [read_report(folder) for folder in folders]
    return SideBySide(reports, differences(folders))


def written(table: SideBySide, form: TableForm) -> str:
    """The table as text of that form.  CSV has a line a figure, and nothing but figures."""
    if form == "csv":
        return "".join(csv_lines(COLUMNS, figure_rows(table.reports)))
    if form == "latex":
        return latex(table.cells, table.differences)
    notes = [f"- {markdown.inline(line)}" for line in table.differences]
    return "\n".join([*markdown.table(table.cells), *([""] if notes else []), *notes]) + "\n"


def figure_rows(reports: Sequence[RunReport]) -> Iterator[dict[str, Any]]:
    """Every score, total and category of the runs, as plain values."""
    for report in reports:
        for name, result in report.benchmarks.items():
            for figure, of in figures(result).items():
                low, high = of.ci95 or (None, None)
                least, most = of.scale or result.scale
                row = (report.run, report.model, name, figure, of.samples, of.value, low, high)
                said = (", ".join(report.tags), report.note)
                yield dict(zip(COLUMNS, (*row, least, most, *said), strict=True))


def figures(result: BenchmarkResult) -> Mapping[str, Figure]:
    """A benchmark's score, and its further figures by name."""
    score = Figure(value=result.value, ci95=result.ci95, samples=result.samples)
    return {"score": score, **macro(result), **result.totals, **result.categories}
