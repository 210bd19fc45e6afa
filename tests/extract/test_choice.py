"""Every row of replies/choice*.jsonl says what a careful person reads, or null where none could."""

import json
from pathlib import Path
from typing import Any

import pytest

from evaluator.extract.choices import choice
from evaluator.extract.text import Reading

REPLIES = Path(__file__).parents[1] / "replies"
ROWS = [
    json.loads(line)
    for path in sorted(REPLIES.glob("choice*.jsonl"))
    for line in path.read_text("utf-8").splitlines()
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["reply"][-40:])
def test_reply_is_read_as_a_person_reads_it(row: dict[str, Any]) -> None:
    labels, options = tuple(row.get("labels", "ABCD")), row.get("options", ())
    reading = choice(row["reply"], labels, options, row.get("question", ""))

    assert reading == Reading(row["answer"], row["answer"] if row.get("strict") else None)


def test_the_table_is_large_and_bilingual() -> None:
    assert len(ROWS) >= 700
    assert sum(not row["reply"].isascii() for row in ROWS) >= 250


@pytest.mark.parametrize("label", "ABCD")
@pytest.mark.parametrize(
    "form",
    [
        "Answer: {}",
        "The answer is {}.",
        "**{}**",
        "答案：{}",
        "故选{}。",
        "\\boxed{{{}}}",
        "{} is correct.",
        "正确答案是 {}。",
        "### Answer\n{}",
    ],
)
def test_every_label_is_read_alike(label: str, form: str) -> None:
    """The letter A, an English word, is no exception."""
    assert choice(form.format(label)).tolerant == label


@pytest.mark.parametrize("labels", ["ABC", "ABCDE", "ABCDEFGHIJ", "1234", "123"])
def test_labels_of_any_number_and_kind(labels: str) -> None:
    for label in labels:
        assert choice(f"Answer: {label}", labels) == Reading(label, label)
        assert choice(f"所以答案是（{label}）。", labels).tolerant == label


def test_a_digit_is_no_letter() -> None:
    assert choice("Answer: 2") == Reading(None, None)


def test_in_format_means_the_asked_line() -> None:
    assert choice("Answer: B").in_format
    assert not choice("The answer is B").in_format
