"""Settings as a table for people."""

from collections.abc import Mapping

from evaluator.locale import labels
from evaluator.report.tables import Cells
from evaluator.report.values import in_words


def settings(recorded: Mapping[str, object]) -> Cells:
    """Settings by key, as they are written in a file; empty ones are left out."""
    rows = [
        [name, in_words(value)] for name, value in recorded.items() if value not in ({}, [], "")
    ]
    return Cells(labels("setting", "value"), rows, frozenset({"value"}))
