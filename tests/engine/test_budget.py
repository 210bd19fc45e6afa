"""What may be spent, counted over processes."""

from pathlib import Path

import pytest

from evaluator.engine.budget import SIZE, Budget, Ledger, Limits
from evaluator.errors import BudgetSpent
from evaluator.results.spending import RolePrice
from evaluator.types import Request, Response

PRICE = RolePrice(model="m", currency="EUR", prompt=10.0, completion=20.0, cached=1.0)
REQUEST = Request("exam", "1", "model", {})
REPLY = Response("k", "A", prompt_tokens=1000, output_tokens=100, cached_tokens=400)


def test_a_price_is_of_a_million_tokens_and_less_where_they_were_cached() -> None:
    assert PRICE.cost(1_000_000, 0, 1_000_000) == 30.0
    assert PRICE.cost(1_000_000, 500_000, 0) == 5.5


def test_processes_share_what_is_left(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    path.write_bytes(bytes(SIZE))
    one, other = (Budget(Limits(requests=3), {}, Ledger(path), number) for number in (1, 2))

    one.begin()
    one.end("model", REPLY)
    other.begin()
    one.begin()

    for each in (one, other):
        with pytest.raises(BudgetSpent, match="--max-requests 3 is spent"):
            each.begin()
    other.end("model", None)  # it failed, and costs nothing
    other.begin()
    assert one.ledger.spent.requests == 1 and one.ledger.spent.begun == 2


def test_a_client_in_the_place_of_a_dead_one_has_nothing_under_way(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    path.write_bytes(bytes(SIZE))
    dead = Budget(Limits(requests=3), {}, Ledger(path), 1)
    dead.begin()
    dead.end("model", REPLY)
    dead.begin()

    spent = Budget(Limits(requests=3), {}, Ledger(path), 1).ledger.spent

    assert (spent.requests, spent.begun) == (1, 0)


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        (Limits(tokens=1100), "--max-tokens-total 1,100 (1,100 tokens) is spent"),
        (Limits(cost=0.0084), "--max-cost 0.0084 (0.0084 EUR) is spent"),
    ],
)
def test_nothing_is_sent_once_tokens_or_money_are_spent(limits: Limits, told: str) -> None:
    budget = Budget(limits, {"model": PRICE}, Ledger())
    budget.check(REQUEST)
    budget.begin()
    budget.end("model", REPLY)

    with pytest.raises(BudgetSpent) as error:
        budget.check(REQUEST)
    assert told in str(error.value)


def test_a_role_without_a_price_counts_in_tokens_only() -> None:
    budget = Budget(Limits(tokens=10_000), {"model": PRICE}, Ledger())
    budget.pay("judge", REPLY)

    assert (budget.ledger.spent.tokens, budget.ledger.spent.cost) == (1100, 0.0)
