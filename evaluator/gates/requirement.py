"""One thing that must be so of a run, and the three answers to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal

from evaluator.comparison.tables import signed
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
            return f"{self.benchmark} at least {score(self.limit, self.scale)}"
        drop = signed(-self.limit, self.scale).lstrip("+")
        return f"{self.benchmark} at most {drop} points below the base"

    @property
    def reason(self) -> str:
        """Why the answer is what it is, in one line."""
        if self.value is None:
            return "no sample was measured"
        said = f"{self.shown(self.value)} on {self.n:,} {self.counted}"
        match self.answer:
            case "passes":
                return f"{said}, surely {self.shown(self.low)} or more"
            case "fails":
                return f"{said}, surely {self.shown(self.high)} or less"
        between = f"{self.shown(self.low)} to {self.shown(self.high)}"
        return f"{said}, so it may be anything from {between}{self._more}"

    @property
    def counted(self) -> str:
        """What `n` counts."""
        return "pairs" if self.kind == "drop" else "samples"

    def shown(self, value: float) -> str:
        """A score, or a difference with its sign."""
        return score(value, self.scale) if self.kind == "min" else signed(value, self.scale)

    @property
    def _more(self) -> str:
        """How many samples would tell, if they are like these."""
        if self.missing:
            return f"; {self.missing:,} that were not measured may be right or wrong"
        needed = self.needed
        return f"; about {needed:,} {self.counted} like these would tell" if needed else ""

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
