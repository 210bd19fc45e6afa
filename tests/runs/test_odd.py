"""Odd data and odd replies, each with its one outcome: what docs/benchmarks.md promises."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.cli.test_cli import outcomes, report
from tests.conftest import Cli
from tests.stub import StubServer


def question(key: str, labels: str, answer: str) -> dict[str, Any]:
    texts = [f"thing {label}" for label in labels]
    choices = {"label": [*labels], "text": texts}
    return {"id": key, "question": "Which?", "choices": choices, "answerKey": answer}


def mirror(root: Path, rows: list[Any], dataset: str = "allenai/ai2_arc") -> Path:
    for config in ("ARC-Challenge", "ARC-Easy"):
        path = root / f"data/{dataset}/{config}/test.jsonl"
        path.parent.mkdir(parents=True)
        path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
        rows = []
    return root / "data"


REPLIES = [  # labels, right answer, reply, why it ended, status, value
    ("ABC", "C", "Answer: C", "stop", "scored", 1.0),
    ("ABC", "C", "Answer: D", "stop", "unparsed", 0.0),
    ("ABCDE", "E", "The answer is E.", "stop", "scored", 1.0),
    ("1234", "3", "Answer: 3", "stop", "scored", 1.0),
    ("1234", "3", "So it must be C.", "stop", "scored", 1.0),
    ("ABCD", "B", "", "stop", "unparsed", 0.0),
    ("ABCD", "B", " \n\n", "length", "truncated", 0.0),
    ("ABCD", "B", "<think>Surely B. Answer: B</think>", "stop", "unparsed", 0.0),
    ("ABCD", "B", "<think>Let us see, B may", "length", "truncated", 0.0),
    ("ABCD", "B", "<think>A?</think>Answer: B", "length", "scored", 1.0),
    ("ABCD", "B", "rain " * 200_000, "length", "truncated", 0.0),
    ("ABCD", "B", "rain " * 200_000 + "\n\nAnswer: B", "stop", "scored", 1.0),
]


def test_every_odd_reply_has_its_outcome(cli: Cli, tmp_path: Path) -> None:
    rows = [question(f"q{i:02}", labels, key) for i, (labels, key, *_) in enumerate(REPLIES)]
    data = mirror(tmp_path, rows)
    lines = [
        orjson.dumps({"id": f"q{i:02}", "response": reply, "finish_reason": why})
        for i, (_, _, reply, why, *_) in enumerate(REPLIES)
    ]
    (tmp_path / "r.jsonl").write_bytes(b"\n".join(lines))
    done = cli("score", "arc", "--responses", "r.jsonl", "--data-dir", data, "--out", "r")

    assert done.returncode == 0, done.stderr
    found = [(o["status"], o["value"]) for o in outcomes(tmp_path / "r")]
    assert found == [(status, value) for *_, status, value in REPLIES]
    row = report(tmp_path / "r")["benchmarks"]["arc"]
    assert (row["samples"], row["errors"], row["value"]) == (12, 0, pytest.approx(6 / 12))


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ({"id": "q"}, "test.jsonl:1: no field 'choices'"),
        (question("q", "AB", "C"), "answer 'C' is none of the labels A, B"),
        (7, "test.jsonl:1: a row must be an object, got 7"),
    ],
)
def test_a_malformed_row_ends_the_run_before_anything_is_sent(
    cli: Cli, stub: StubServer, tmp_path: Path, row: Any, complaint: str
) -> None:
    data = mirror(tmp_path, [row])
    words = ("run", "arc", "--model", "stub", "--base-url", stub.base_url, "--data-dir", data)
    done = cli(*words)

    assert (done.returncode, stub.count) == (2, 0)
    assert complaint in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_missing_split_is_named_with_where_it_was_looked_for(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    data = mirror(tmp_path, [], "someone/else")
    words = ("run", "arc", "--model", "stub", "--base-url", stub.base_url, "--data-dir", data)
    done = cli(*words)

    assert (done.returncode, stub.count) == (2, 0)
    assert "data set 'allenai/ai2_arc' (ARC-Challenge, test) not found" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
