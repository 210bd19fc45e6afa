"""What a run may spend, and what it has spent, over all its processes.

The budget is the run's as a whole: what its journal holds is spent already. Whoever asks keeps a
row of sums of its own and reads those of all, so that no lock is needed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluator.errors import BudgetSpent
from evaluator.locale import N_
from evaluator.results.spending import RolePrice
from evaluator.types import Request, Response

ROWS = 1024  # processes at most, the first row being that of the journal
COLUMNS = ("requests", "begun", "tokens", "cost", "uncounted")
BEGUN = COLUMNS.index("begun")
JOURNAL = 0  # the row of what earlier sessions spent
SIZE = 8 * ROWS * len(COLUMNS)  # bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that may be spent; None sets no bound."""

    requests: int | None = None
    tokens: int | None = None
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """What was spent: `begun` are requests without a reply so far, `uncounted` replies without
    tokens."""

    requests: int
    begun: int
    tokens: int
    cost: float
    uncounted: int


class Ledger:
    """Sums by process, in memory or in a file that several processes share."""

    def __init__(self, path: Path | None = None) -> None:
        import numpy as np  # few runs have a budget

        self.path = path
        shape = ROWS, len(COLUMNS)
        self.rows: Any = (
            np.memmap(path, dtype=float, mode="r+", shape=shape) if path else np.zeros(shape)
        )

    @property
    def spent(self) -> Spent:
        """What all of them have spent."""
        requests, begun, tokens, cost, uncounted = self.rows.sum(axis=0).tolist()
        return Spent(round(requests), round(begun), round(tokens), cost, round(uncounted))

    def close(self) -> None:
        """Lets go of the file; what was spent by then is still known."""
        self.rows = self.rows.copy()


class Budget:
    """Lets requests pass while there is something left; `number` is the process's row."""

    def __init__(
        self,
        limits: Limits,
        prices: Mapping[str, RolePrice],
        ledger: Ledger,
        number: int = 1,
    ) -> None:
        self.limits = limits
        self.prices = prices
        self.ledger = ledger
        self._number = number
        ledger.rows[number, BEGUN] = 0  # of a client that died in whose place this is

    @property
    def currency(self) -> str:
        """What the cost is in; empty where nothing has a price."""
        return next((price.currency for price in self.prices.values()), "")

    def begin(self) -> None:
        """Takes a request from the budget.  Raises BudgetSpent where there is none left."""
        self.ledger.rows[self._number, BEGUN] += 1
        spent, most = self.ledger.spent, self.limits.requests
        if most is not None and spent.requests + spent.begun > most:
            self.ledger.rows[self._number, BEGUN] -= 1
            raise BudgetSpent(reached("--max-requests", f"{most:,}"))

    def check(self, request: Request) -> None:
        """Raises BudgetSpent where tokens or money are spent, before the request is sent."""
        spent, limits = self.ledger.spent, self.limits
        if limits.tokens is None and limits.cost is None:
            return
        if spent.uncounted:
            raise BudgetSpent(
                N_(
                    "a server does not count the tokens of its replies, so that no budget of "
                    "tokens or money can be held; give --max-requests in its place"
                )
            )
        if limits.tokens is not None and spent.tokens >= limits.tokens:
            of = f"{limits.tokens:,} ({spent.tokens:,} tokens)"
            raise BudgetSpent(reached("--max-tokens-total", of))
        if limits.cost is not None and spent.cost >= limits.cost:
            of = f"{limits.cost:g} ({spent.cost:.4f} {self.currency})"
            raise BudgetSpent(reached("--max-cost", of))

    def end(self, role: str, response: Response | None) -> None:
        """What a request came to that was begun; None where no reply came of it."""
        if response:
            self.pay(role, response, self._number)
        self.ledger.rows[self._number, BEGUN] -= 1  # last: others never see too little

    def pay(self, role: str, reply: Response, number: int = JOURNAL) -> None:
        """Adds a reply to a row."""
        price, cached = self.prices.get(role), reply.cached_tokens or 0
        cost = price.cost(reply.prompt_tokens, cached, reply.output_tokens) if price else 0.0
        tokens = reply.prompt_tokens + reply.output_tokens
        self.ledger.rows[number] += (1, 0, tokens, cost, not reply.counted)


def reached(option: str, limit: str) -> str:
    """What to say of a budget that is spent."""
    return (
        f"{option} {limit} is spent, and some samples are not measured; what was answered is kept: "
        "the same command with a larger budget goes on"
    )
