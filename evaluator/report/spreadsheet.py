"""Rows as CSV that a spreadsheet opens without running what stands in it."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from evaluator.report.escaping import harmless

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet computes a cell that begins with these


def csv_lines(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The header, and a line for each row; a cell that is missing or None is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(map(cell, columns))
    for row in rows:
        yield taken(text)
        writer.writerow([cell(row.get(column)) for column in columns])
    yield taken(text)


def taken(text: io.StringIO) -> str:
    """What was written so far; the buffer is empty again."""
    written = text.getvalue()
    text.seek(0)
    text.truncate()
    return written


def cell(value: Any) -> Any:
    """A value as a cell; text that would be a formula gets a ' before it, which spreadsheets hide.

    What a model says is hostile text: `=HYPERLINK(...)` must not become a link.
    """
    if not isinstance(value, str):
        return value
    plain = harmless(value)
    return f"'{plain}" if value.lstrip(" ").startswith(FORMULA) else plain
