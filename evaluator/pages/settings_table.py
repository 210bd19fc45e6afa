"""Settings as a table for people."""

from collections.abc import Mapping

from evaluator.report.tables import Cells


def settings(recorded: Mapping[str, object]) -> Cells:
    """Settings by key, as they are written in a file; empty ones are left out."""
    rows = [[name, worded(value)] for name, value in recorded.items() if value not in ({}, [], "")]
    return Cells(["setting", "value"], rows, frozenset({"value"}))


def worded(value: object) -> str:
    """A setting's value in words."""
    if isinstance(value, bool) or value is None:
        return {True: "on", False: "off", None: "not given"}[value]
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {worded(each)}" for name, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(worded, value))
    return str(value)
