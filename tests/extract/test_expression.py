"""Every row of replies/expression.jsonl: does this reply give that reference answer?"""

import json
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from evaluator.extract.equality import equal
from evaluator.extract.expressions import boxed, expression, expression_equal

ROWS = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "replies" / "expression.jsonl")
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
        (r"\boxed{1}, later \fbox{2}", "2"),
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


PIECES = [
    *(r"\frac", r"\sqrt", r"\binom", r"\sin", r"\log_", r"\left(", r"\begin{pmatrix}", r"\\"),
    *(r"\end{pmatrix}", r"\cup", r"\pm", r"\le", r"\{", r"\}", r"\text{a}", r"\lfloor", r"\infty"),
    *("99999", "1000!", "x", "i", "e", "^", "_", "{", "}", "(", ")", "[", "|", "-", "/", "=", "<"),
    *(",", "½", "²", "٣", "°", "%", "$", " ", "\x00", "pi", "e99", "\\", "≈", "&", "'"),
]


@pytest.mark.parametrize("gold", ["3", "x=5", "1,-2", "(3,4]", "x^2+1", "52_8", r"\text{even}"])
def test_any_mixture_equals_the_reference_or_not_but_never_raises(gold: str) -> None:
    dice = random.Random(6)
    for _ in range(500):
        answer = "".join(dice.choices(PIECES, k=dice.choice([3, 8, 40])))
        assert equal(answer, gold) in (True, False)


@pytest.mark.parametrize(
    "answer",
    [
        *("(" * 400, "9^{9^{9^{9}}}", "9^{99999}", "1000!^{1000!}", "1000!" * 80, "x^{99999}" * 40),
        *(r"\sqrt" * 80 + "2", r"\ln" * 130 + "x", "|" * 400, "-" * 399 + "1", "1," * 199 + "1"),
        *(r"\frac" * 80, r"\binom{1000}{500}^{15}" * 18, "x^" * 199 + "x", "9e999" * 80, "1" * 400),
    ],
    ids=lambda answer: answer[:20],
)
def test_an_answer_made_to_take_long_is_only_wrong(answer: str) -> None:
    assert not equal(answer, "3")


def test_comparison_needs_no_main_thread() -> None:
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(expression_equal, r"\boxed{2(k+1)}", "2k+2").result()
