"""The report as Markdown, for a pull request or a wiki."""

from collections.abc import Iterator, Mapping
from typing import Any

from evaluator.report import tables


def markdown(report: Mapping[str, Any]) -> str:
    """The whole report."""
    blocks = [
        f"# {inline(report['model'])}",
        f"Run {inline(report['run'])}, started {report['started_at']}.",
        "\n".join(table(tables.benchmarks(report))),
    ]
    for further in (tables.totals(report), tables.categories(report)):
        if further.rows:
            blocks.append("\n".join(table(further)))
    notes = [*tables.data(report), tables.serving(report), *tables.warnings(report)]
    notes[:0] = (f"**{line}**" for line in tables.alarms(report))
    blocks.append("\n".join(f"- {inline(line)}" for line in notes))
    return "\n\n".join(blocks) + "\n"


def table(cells: tables.Cells) -> Iterator[str]:
    """The lines of a table."""
    yield row(cells.columns)
    yield row(["---" if i == 0 or c in cells.wordy else "--:" for i, c in enumerate(cells.columns)])
    yield from map(row, cells.rows)


def row(cells: list[str]) -> str:
    """One line of a table."""
    return f"| {' | '.join(map(inline, cells))} |"


def inline(text: str) -> str:
    """Text that stays on its line and in its cell, and cannot become HTML."""
    escaped = text.replace("|", "\\|").replace("<", "&lt;")
    return " ".join(escaped.split())
