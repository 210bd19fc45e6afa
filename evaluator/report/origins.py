"""Where figures are from, in words: which model gave the replies, and what made the totals."""

from collections.abc import Iterator, Mapping
from typing import Any

TOTALS_FROM = {  # what to say of a benchmark's own totals that were not made of the outcomes
    "run": "its own totals are those of its run; the benchmark is not known here",
    "nothing": "its own totals are missing, as the benchmark is not known here; run it again",
}


def identity(report: Mapping[str, Any]) -> Iterator[str]:
    """Who gave the replies, a line for the model and each judge."""
    for key, one in report.get("identity", {}).items():
        role, _, name = key.partition(":")
        unasked = (
            "" if one["asked"] else f"; not asked in this session, last on {one['checked_at']}"
        )
        yield f"{role} {name}: {one['words']}{unasked}"


def cautions(report: Mapping[str, Any]) -> Iterator[str]:
    """What makes it doubtful that all replies are of one model."""
    for one in report.get("identity", {}).values():
        if "caution" in one:
            yield one["caution"]


def totals(name: str, row: Mapping[str, Any]) -> Iterator[str]:
    """What to say of a benchmark's own totals, if anything."""
    if words := TOTALS_FROM.get(row.get("totals_from") or ""):
        yield f"{name}: {words}"
