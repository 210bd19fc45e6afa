"""Replies of a benchmark whose samples are asked several times, counted apart from its samples."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from evaluator.types import MEASURED

NAMED = 3  # dimensions that a line names


@dataclass(slots=True)
class Replies:
    """Where every reply ended; and of each dimension how many have it, and the sum over them.

    `asked` counts the replies to the samples that have the dimension at all.
    """

    states: Counter[str] = field(default_factory=Counter)
    having: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    sums: dict[str, float] = field(default_factory=dict)

    def add(self, outcome: Mapping[str, Any]) -> None:
        """Takes a line of outcomes.jsonl; only one of repeats tells more than its status."""
        if not (states := outcome.get("states")):
            return
        self.states.update(states)
        if outcome["status"] not in MEASURED:
            return
        every, some = sum(states.values()), outcome.get("repeats", {})
        for name, value in outcome["dimensions"].items():
            count = some.get(name, every)
            self.having[name] += count
            self.asked[name] += every
            self.sums[name] = self.sums.get(name, 0.0) + count * value

    def beside(self, figures: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
        """The dimensions' figures, each with the replies that have it and its sum over them."""
        return {name: {**of, **self._counts(name)} for name, of in figures.items()}

    def _counts(self, name: str) -> dict[str, float]:
        if name not in self.having:
            return {}
        counts = {"replies": self.having[name], "replies_asked": self.asked[name]}
        return {**counts, "sum": self.sums[name]}


def unread(row: Mapping[str, Any]) -> int:
    """Replies without a readable answer or verdict, of a benchmark in a report."""
    counts = states(row)
    return int(counts.get("unparsed", 0) + counts.get("judge_unparsed", 0))


def states(row: Mapping[str, Any]) -> Mapping[str, int]:
    """Where the replies ended: the samples, where each was asked once."""
    single = ("scored", "unparsed", "truncated", "judge_unparsed")
    return row.get("replies") or {**{s: row[s] for s in single}, "error": row["errors"]}


def counted(row: Mapping[str, Any], count: int) -> str:
    """A number of replies, with how many there are where these are not the samples."""
    return f"{count}/{sum(row['replies'].values())}" if row.get("replies") else str(count)


def partial(row: Mapping[str, Any]) -> Iterator[str]:
    """Which dimensions are means of some of the replies only."""
    some = [
        f"{name} {of['replies']} of {of['replies_asked']}"
        for name, of in row["dimensions"].items()
        if of.get("replies", 0) < of.get("replies_asked", 0)
    ]
    if some:
        more = f" and {len(some) - NAMED} more" if len(some) > NAMED else ""
        yield f"means of the replies that have the figure: {', '.join(some[:NAMED])}{more}"
