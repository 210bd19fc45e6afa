"""Every row of replies/expression.jsonl: does this reply give that reference answer?"""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from evaluator.extract import boxed, expression, expression_equal

ROWS = [
    json.loads(line)
    for line in (Path(__file__).parent / "replies" / "expression.jsonl")
    .read_text("utf-8")
    .splitlines()
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['gold'][:20]} {row['reply'][-30:]}")
def test_reply_gives_the_reference_or_not(row: dict[str, Any]) -> None:
    assert expression_equal(row["reply"], row["gold"]) is row["equal"]


@pytest.mark.parametrize(
    ("reply", "content"),
    [
        (r"\boxed{12}", "12"),
        (r"\boxed{\frac{1}{\sqrt{2}}} and so on", r"\frac{1}{\sqrt{2}}"),
        (r"\boxed{1}, later \boxed{2}", "2"),
        (r"\boxed{2} and then \boxed{3", "2"),
        (r"\boxed{}", None),
        ("12", None),
        ("", None),
    ],
)
def test_last_box_with_balanced_braces(reply: str, content: str | None) -> None:
    assert boxed(reply) == content


def test_boxes_joined_by_and_are_one_answer() -> None:
    assert expression(r"$x=\boxed{1}$ or $x=\boxed{-2}$") == "1, -2"


def test_comparison_needs_no_main_thread() -> None:
    """math-verify's time limits are signals, which a thread cannot set."""
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(expression_equal, r"\boxed{2(k+1)}", "2k+2").result()


def test_comparison_within_a_running_loop() -> None:
    async def compare() -> bool:
        return expression_equal(r"\boxed{k^2-1}", "(k-1)(k+1)")

    assert asyncio.run(compare())
