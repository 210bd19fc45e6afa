"""One thing that must be so of a run, and the three answers to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal

from evaluator.comparison.tables import signed
from evaluator.locale import N_, joined
from evaluator.report.tables import score
from evaluator.results.names import Scale

Answer = Literal["passes", "fails", "cannot tell"]
MOST_TOLD = 10_000_000  # samples: so many that would be needed are as good as endless


@dataclass(frozen=True, slots=True)
class Requirement:
    """What was asked of a benchmark, and what its samples say. All values are on its scale.

    `limit` is the least that the score may be, or the difference to the base. `low` and `high` are
    what it is at least and at most, with what is `missing` taken as the worst and as the best.
    `value` is None, and nothing is known, where nothing was measured. `notes` are for people.
    """

    benchmark: str
    kind: Literal["min", "drop"]
    limit: float
    scale: Scale
    n: int = 0
    missing: int = 0
    value: float | None = None
    low: float = float("-inf")
    high: float = float("inf")
    notes: tuple[str, ...] = ()

    @property
    def answer(self) -> Answer:
        """Whether what is asked is surely so, surely not, or neither."""
        if self.low >= self.limit:
            return "passes"
        return "fails" if self.high < self.limit else "cannot tell"

    @property
    def text(self) -> str:
        """What was asked, in words."""
        if self.kind == "min":
            least = score(self.limit, self.scale)
            return N_("{benchmark} at least {limit}", benchmark=self.benchmark, limit=least)
        drop = signed(-self.limit, self.scale).lstrip("+")
        return N_(
            "{benchmark} at most {limit} points below the base",
            benchmark=self.benchmark,
            limit=drop,
        )

    @property
    def reason(self) -> str:
        """Why the answer is what it is, in one line."""
        if self.value is None:
            return N_("no sample was measured")
        found, low, high = (self.shown(each) for each in (self.value, self.low, self.high))
        told = N_("{value} on {counted}", value=found, counted=self.counted(self.n))
        match self.answer:
            case "passes":
                return N_("{told}, surely {low} or more", told=told, low=low)
            case "fails":
                return N_("{told}, surely {high} or less", told=told, high=high)
        between = N_(
            "{told}, so it may be anything from {low} to {high}", told=told, low=low, high=high
        )
        return joined("", (between, self._more))

    def counted(self, n: int) -> str:
        """So many of what `n` counts."""
        if self.kind == "drop":
            return N_("{n:,} {n:pair|pairs}", n=n)
        return N_("{n:,} {n:sample|samples}", n=n)

    def shown(self, value: float) -> str:
        """A score, or a difference with its sign."""
        return score(value, self.scale) if self.kind == "min" else signed(value, self.scale)

    @property
    def _more(self) -> str:
        """How many samples would tell, if they are like these."""
        if self.missing:
            return N_(
                "; {n:,} that {n:was|were} not measured may be right or wrong", n=self.missing
            )
        if needed := self.needed:
            return N_("; about {counted} like these would tell", counted=self.counted(needed))
        return ""

    @property
    def needed(self) -> int | None:
        """About how many samples would give an answer, if all are like these; None: no telling."""
        if self.value is None or self.missing or self.value == self.limit:
            return None
        above = self.value > self.limit
        reach = self.value - self.low if above else self.high - self.value
        needed = ceil(self.n * (reach / (self.value - self.limit)) ** 2)
        return needed if self.n < needed <= MOST_TOLD else None


def together(requirements: Sequence[Requirement]) -> Answer:
    """The answer to all: one that fails decides, and else one that cannot be told."""
    answers = {each.answer for each in requirements}
    if "fails" in answers:
        return "fails"
    return "cannot tell" if "cannot tell" in answers else "passes"
