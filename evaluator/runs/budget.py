"""The budget of a run: what its journal holds is spent, and all its clients share the rest."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from evaluator.engine.budget import SIZE, Budget, Ledger, Limits
from evaluator.errors import UsageError
from evaluator.journal import Journal
from evaluator.journal.lines import records, response
from evaluator.locale import N_
from evaluator.options.settings import Settings
from evaluator.results.run import RunInfo

if TYPE_CHECKING:
    from evaluator.runs.clients.messages import Start

LEDGER = "budget.tmp"  # in the run's folder while several clients ask


@contextmanager
def of_run(settings: Settings, info: RunInfo, journal: Journal) -> Iterator[Budget | None]:
    """The budget, with what was spent before; None where nothing is bounded or priced.

    Raises UsageError where replies in the journal have no price that could be counted.
    """
    if settings.replay or not (settings.budgeted or info.prices):
        yield None
        return
    path = settings.out / LEDGER  # a run that was killed may have left one
    if shared := settings.clients != 1:
        path.write_bytes(bytes(SIZE))
    ledger = Ledger(path if shared else None)
    try:
        budget = Budget(limits(settings), info.prices or {}, ledger)
        add_recorded(budget, settings, journal)
        yield budget
    finally:
        ledger.close()
        path.unlink(missing_ok=True)


@contextmanager
def of_client(start: "Start") -> Iterator[Budget | None]:
    """The part of one of several clients in the run's budget."""
    if start.ledger is None:
        yield None
        return
    ledger = Ledger(start.ledger)
    try:
        yield Budget(limits(start.settings), start.prices, ledger, start.share.number)
    finally:
        ledger.close()


def limits(settings: Settings) -> Limits:
    """The bounds that the user gave."""
    return Limits(settings.max_requests, settings.max_tokens_total, settings.max_cost)


def add_recorded(budget: Budget, settings: Settings, journal: Journal) -> None:
    """Counts what the journal holds, but for what came from a reused run."""
    for record in records(journal.path):
        role = record["role"]
        if journal.reused(bytes.fromhex(record["key"])):
            continue
        if settings.max_cost and role not in budget.prices:
            raise UsageError(
                N_(
                    "--max-cost: {path!r} holds replies of {role!r} from an earlier session, "
                    "whose price is not known; give another --out",
                    path=str(journal.path),
                    role=role,
                )
            )
        budget.pay(role, response(record))
