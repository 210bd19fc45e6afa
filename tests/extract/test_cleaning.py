"""What is left of a reply before anything is read in it, and what a report says of the rest."""

import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from evaluator.extract.choices import choice
from evaluator.extract.cleaning import Cleaned, cleaned, only_thinks, template_tokens
from evaluator.extract.numbers import number
from evaluator.extract.yes_no import yes_no
from tests.cli.test_cli import outcomes, report
from tests.conftest import Cli
from tests.runs.test_odd import mirror, question

REPLIES = Path(__file__).parents[1] / "replies"


def table(name: str) -> list[dict[str, Any]]:
    lines = (REPLIES / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("row", table("cleaned"), ids=lambda row: row["reply"][-40:])
def test_only_the_reply_proper_is_left(row: dict[str, Any]) -> None:
    expected = Cleaned(row["left"], row.get("leaked", False), row.get("ran_on", False))

    assert cleaned(row["reply"], one_answer=True) == expected


@pytest.mark.parametrize(
    "essay",
    [
        "The answer is 4.\n\nQuestion: what is 2 + 3?\nAnswer: 5",
        "答案：见下。\n\n问题一：为什么？\n答：因为。",
        "B\n\nUser: A line of a dialogue.\nAssistant: Another one.",
    ],
)
def test_an_essay_may_ask_questions(essay: str) -> None:
    assert cleaned(essay) == Cleaned(essay)


def test_a_token_that_the_question_asks_for_is_part_of_the_reply() -> None:
    reply = "[正确答案]A<eoa>。因为B不对。</s>"
    wanted = template_tokens("写成[正确答案]X<eoa>的样子", reply)

    assert wanted == {"<eoa>"}
    assert template_tokens("写成X<eoa>的样子", "A") == frozenset()
    assert cleaned(reply, wanted=wanted) == Cleaned("[正确答案]A<eoa>。因为B不对。", leaked=True)
    assert cleaned(reply).text == "[正确答案]A"


@pytest.mark.parametrize("row", table("cut_off"), ids=lambda row: row["reply"][-40:])
def test_thinking_that_was_cut_off(row: dict[str, Any]) -> None:
    assert only_thinks(row["reply"]) is row["thinking"]


@pytest.mark.parametrize("end", ["<|im_end|>", "</s>", " <eoa>", "<end_of_turn>\n", " [/INST]"])
def test_a_leaked_end_token_leaves_every_reader_its_format(end: str) -> None:
    assert choice(f"Answer: C{end}").strict == "C"
    assert number(f"Answer: 18{end}").strict == "18"
    assert yes_no(f"Answer: no{end}").strict == "no"


ROWS = [  # reply, why it ended, status, value, leaked, ran on
    ("Answer: B<|im_end|>", "stop", "scored", 1.0, 1, 0),
    ("Answer: B</s>", "stop", "scored", 1.0, 1, 0),
    ("Answer: B.user\n\nNext?assistant\n\nAnswer: D", "stop", "scored", 1.0, 0, 1),
    ("Answer: D\n\nHuman: Next?\n\nAssistant: Answer: B", "stop", "scored", 0.0, 0, 1),
    ("<|im_end|>\n<|im_start|>user\nNext?<|im_end|>", "stop", "unparsed", 0.0, 1, 1),
    ("Okay, so the answer may be B. Let me", "length", "truncated", 0.0, 0, 0),
    ("analysisThe answer may be B.", "length", "truncated", 0.0, 0, 0),
    ("Answer: B", "stop", "scored", 1.0, 0, 0),
]


def test_the_report_counts_what_a_wrong_template_left(cli: Cli, tmp_path: Path) -> None:
    data = mirror(tmp_path, [question(f"q{i}", "ABCD", "B") for i in range(len(ROWS))])
    lines = [
        orjson.dumps({"id": f"q{i}", "response": reply, "finish_reason": why})
        for i, (reply, why, *_) in enumerate(ROWS)
    ]
    (tmp_path / "r.jsonl").write_bytes(b"\n".join(lines))
    words = ("score", "arc", "--responses", "r.jsonl", "--data-dir", data, "--out", "r")
    done = cli(*words)

    assert done.returncode == 0, done.stderr
    found = [
        tuple(o[k] for k in ("status", "value", "leaked", "ran_on"))
        for o in outcomes(tmp_path / "r")
    ]
    assert found == [row[2:] for row in ROWS]
    of = report(tmp_path / "r")["benchmarks"]["arc"]
    assert (of["leaked"], of["ran_on"]) == (3, 3)
    assert of["dimensions"]["in_format"]["value"] == pytest.approx(5 / 8)
    said = " ".join(done.stdout.split())
    assert "arc: 3 replies held tokens of the chat template" in said
    assert "arc: 3 replies went on with a turn that nobody asked for" in said
    assert "stop token is likely not the model's" in said
    assert cli(*words).returncode == 0  # replayed
    assert report(tmp_path / "r")["benchmarks"]["arc"]["leaked"] == 3
