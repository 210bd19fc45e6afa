"""Thinking, yes and no, refusals, and what no reader may do on any reply: hang or raise."""

import json
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from evaluator.extract.choices import choice
from evaluator.extract.cleaning import strip_thinking
from evaluator.extract.expressions import boxed, expression
from evaluator.extract.numbers import number
from evaluator.extract.refusals import refused
from evaluator.extract.text import Reading
from evaluator.extract.yes_no import yes_no

YES_NO = [
    json.loads(line)
    for path in sorted((Path(__file__).parents[1] / "replies").glob("yes_no*.jsonl"))
    for line in path.read_text("utf-8").splitlines()
]
READERS: list[Callable[[str], object]] = [
    choice,
    partial(choice, options=("one", "not a cat"), question="Which is not a cat?"),
    partial(choice, question="下列说法错误的、不属于单质的是"),
    partial(yes_no, question="Do you return?"),
    number,
    expression,
    boxed,
    yes_no,
    refused,
    strip_thinking,
]
PIECES = [
    *(
        "A",
        "B",
        "a ",
        "I ",
        " or ",
        " and ",
        "Answer: ",
        "the answer is ",
        "答案：",
        "故选",
        "不是",
    ),
    *("\\boxed{", "}", "{", "$", "\\frac", "\\text{", "1,", "1/", "= ", "18", "-", ".", "\n", " "),
    *(
        "<think>",
        "</think>",
        "**",
        "wait, ",
        "if ",
        "一",
        "分之",
        "万",
        "：",
        "Question: ",
        "(",
        "[",
    ),
    *("<|im_end|>", "</s>", "<s>", "user\n", "assistant\n", "<|channel|>", "◁think▷", "[INST]"),
    *("的是", "错误的", "除A外", "all except A ", "the incorrect ", "is not a ", "第一项", "✓"),
    *("x?\nA. x\nB. y\n", "\n用户：", "(a) ", "(ii) ", "so you do not return. "),
    *("not A but ", "\\(", "\\]", "`", "10^", "e9", "％", "\x00", "\ud800", "٣", "²", "İ"),
]


@pytest.mark.parametrize(
    ("reply", "left"),
    [
        ("Answer: B", "Answer: B"),
        ("<think>A?</think>Answer: B", "Answer: B"),
        ("<THINK>A?</Think>\nAnswer: B", "Answer: B"),
        ("<thinking>A?</thinking>Answer: B", "Answer: B"),
        ("<reasoning>A?</reasoning>Answer: B", "Answer: B"),
        ("<think>A?</think>One. <think>C?</think>Two.", "One. Two."),
        ("A? C?</think>Answer: B", "Answer: B"),
        ("A?</think>C?</think>Answer: B", "Answer: B"),
        ("<think>I open a <think> here</think>Answer: B", "Answer: B"),
        ("Answer: B<think>or C", "Answer: B"),
        ("<think>the answer is B", ""),
        ("<think></think>", ""),
        ("</think>", ""),
        ("", ""),
        ("1 < 2 and <b>", "1 < 2 and <b>"),
    ],
)
def test_thinking_is_no_part_of_the_reply(reply: str, left: str) -> None:
    assert strip_thinking(reply) == left


@pytest.mark.parametrize("row", YES_NO, ids=lambda row: row["reply"][-40:])
def test_yes_or_no_as_a_person_reads_it(row: dict[str, Any]) -> None:
    expected = Reading(row["answer"], row["answer"] if row.get("strict") else None)

    assert yes_no(row["reply"], row.get("question", "")) == expected


@pytest.mark.parametrize(
    ("reply", "declines"),
    [
        ("I'm sorry, but I can't help with that.", True),
        ("I’m sorry, but I can’t assist with that request.", True),
        ("I cannot answer this question.", True),
        ("I won't answer that.", True),
        ("As an AI language model, I cannot give medical advice.", True),
        ("抱歉，我无法回答这个问题。", True),
        ("对不起，我不能提供该信息。", True),
        ("作为一个人工智能，我无法回答。", True),
        ("<think>Should I?</think>I am unable to help with this.", True),
        ("", False),
        ("The answer is B.", False),
        ("I'm sorry for the confusion. The answer is B.", False),
        ("I'm sorry, I cannot say for sure, but the answer is C.", False),
        ("I'm not sure.", False),
        ("He cannot help it.", False),
        ("We cannot provide more than 3 apples, so 18.", False),
        ("我不知道", False),
        ("他不能完成作业，所以选B。", False),
        ("I cannot help with that. " + "Here is what I can say. " * 40, False),
    ],
)
def test_refusals_are_short_and_give_no_answer(reply: str, declines: bool) -> None:
    assert refused(reply) is declines


@pytest.mark.parametrize("piece", [*PIECES, "x\nQuestion: ", "A or ", "answer is A or ", "yes "])
def test_a_megabyte_of_anything_is_read(piece: str) -> None:
    reply = piece * (1_000_000 // len(piece))

    for reader in READERS:
        assert isinstance(reader(reply), Reading | str | bool | None)


def test_any_mixture_is_read_or_not_but_never_raises() -> None:
    dice = random.Random(4)
    for _ in range(3_000):
        reply = "".join(dice.choices(PIECES, k=dice.randint(1, 30)))
        for reader in READERS:
            assert isinstance(reader(reply), Reading | str | bool | None)
        assert choice(reply).tolerant in {"A", "B", "C", "D", None}
        assert yes_no(reply).tolerant in {"yes", "no", None}


@pytest.mark.parametrize("reader", [choice, number, yes_no])
def test_strict_is_never_without_tolerant(reader: Callable[[str], Reading]) -> None:
    dice = random.Random(5)
    for _ in range(2_000):
        reading = reader("".join(dice.choices(PIECES, k=dice.randint(1, 8))))
        assert reading.strict in {None, reading.tolerant}


@pytest.mark.parametrize("opening", ["x " * 600_000, "题目" * 300_000])
def test_an_answer_after_a_megabyte_counts(opening: str) -> None:
    assert choice(opening + "\n\nSo the answer is **B**.").tolerant == "B"
    assert number(opening + "\n\nSo the answer is **18**.").tolerant == "18"


def test_an_answer_before_a_megabyte_counts() -> None:
    assert choice("The answer is B.\n\n" + "Plants are green. " * 60_000).tolerant == "B"
    assert number("The answer is 18.\n\n" + "Plants are green. " * 60_000).tolerant == "18"
