"""Questions of the user's own from file to report: what is asked, and what is refused."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.cli.test_cli import report
from tests.conftest import Cli
from tests.stub import StubServer

AT = ("--model", "stub", "--progress", "none", "--out", "r")
TALK = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "2 + 2?"},
    {"role": "assistant", "content": "4"},
    {"role": "user", "content": "And 3 + 3?"},
]


def own(path: Path, *rows: Any) -> str:
    path.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    return path.name


def asked(stub: StubServer) -> Any:
    """The body of the one question, without those that look at the server."""
    (body,) = (each.body for each in stub.requests if "3 + 3?" in str(each.body))
    return body


def test_a_conversation_is_asked_with_its_turns(cli: Cli, stub: StubServer, tmp_path: Path) -> None:
    file = own(tmp_path / "q.jsonl", {"messages": TALK, "answer": "6"})
    done = cli("run", f"qa:{file}", *AT, "--base-url", stub.base_url)

    assert done.returncode == 0, done.stderr
    *before, last = asked(stub)["messages"]
    assert before == TALK[:3]
    assert last["role"] == "user" and last["content"].startswith("Question: And 3 + 3?")


def test_the_users_system_prompt_goes_before_that_of_a_row(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    file = own(tmp_path / "q.jsonl", {"query": "3 + 3?", "response": "6", "system": "Be brief."})
    done = cli("run", f"qa:{file}", *AT, "--base-url", stub.base_url, "--system", "Be kind.")

    assert done.returncode == 0, done.stderr
    system, question = asked(stub)["messages"]
    assert (system["content"], question["role"]) == ("Be kind.", "user")


def test_a_base_model_goes_on_with_the_conversation(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    file = own(tmp_path / "q.jsonl", {"messages": TALK, "A": "5", "B": "6", "answer": "B"})
    words = ("--api", "completions", "--base-url", stub.base_url)
    done = cli("run", f"mcq:{file}", *AT, *words)

    assert done.returncode == 0, done.stderr
    begins = "Be brief.\n\nUser: 2 + 2?\n\nAssistant: 4\n\nQuestion: And 3 + 3?"
    assert asked(stub)["prompt"].startswith(begins)


def test_several_right_options_from_a_file_to_the_report(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    options = {"A": "2", "B": "4", "C": "3", "D": "9"}
    rows = [
        {"id": 1, "question": "Which are even?", **options, "answer": "AB"},
        {"id": 2, "question": "Which are odd?", **options, "answer": ["C", "D"]},
    ]
    file = own(tmp_path / "q.jsonl", *rows)
    replies = [{"id": 1, "response": "Answer: AB"}, {"id": 2, "response": "Answer: C"}]
    done = cli("score", f"mcq:{file}", "--responses", own(tmp_path / "r.jsonl", *replies))
    words = ("run", f"mcq:{file}", *AT, "--base-url", stub.base_url, "--mode", "logprobs")
    refused = cli(*words)

    assert done.returncode == 0, done.stderr
    row = report(tmp_path / "runs/scored-r")["benchmarks"][f"mcq:{file}"]
    assert (row["value"], row["dimensions"]["credit"]["value"]) == (0.5, 0.75)
    assert refused.returncode == 2
    assert "--mode logprobs chooses one option, and questions such as '1'" in refused.stderr


@pytest.mark.parametrize("content", ["", "question,answer\n"])
def test_an_empty_file_has_nothing_to_do_with_a_hub(
    cli: Cli, stub: StubServer, tmp_path: Path, content: str
) -> None:
    (tmp_path / "q.csv").write_text(content)
    done = cli("run", "qa:q.csv", *AT, "--base-url", stub.base_url)

    assert done.returncode == 2
    told = "there are no rows in the file" if content else "the file is empty"
    assert done.stderr.strip() == f"error: q.csv: {told}"
