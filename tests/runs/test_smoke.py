"""The look at the first replies before a full run."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from evaluator.runs.smoke import LARGE, SAMPLES, reason_to_stop
from tests.cli.test_cli import report
from tests.conftest import Cli
from tests.judging.test_judge_verdicts import QUESTIONS, answer, verdict
from tests.stub import Reply, StubServer
from tests.stub.replies import prompt_text

MANY = LARGE + 10
CUT = Reply("Let us look at it first. As we", finish_reason="length")


@pytest.mark.parametrize(
    ("statuses", "reason"),
    [
        (["scored"] + ["unparsed"] * 4, None),
        (["unparsed"] * 5, "no answer could be read in any of the first 5 replies"),
        (["truncated"] * 3 + ["scored"] * 2, "3 of the first 5 replies were cut off"),
        (["truncated"] * 2 + ["scored"] * 2, None),
        (["truncated", "unparsed"], "no answer could be read"),
        (["judge_unparsed"] * 5, "no verdict on the first 5 replies could be read"),
        (["error"] * 5, None),
        (["error"] * 4 + ["unparsed"], "any of the first 1 replies"),
    ],
)
def test_what_promises_nothing(statuses: list[Any], reason: str | None) -> None:
    found = reason_to_stop(statuses)

    assert found is None if reason is None else found and reason in found


@pytest.fixture
def words(stub: StubServer, tmp_path: Path) -> tuple[Any, ...]:
    rows = [{"question": f"{i} + 1?", "answer": f"#### {i + 1}"} for i in range(MANY)]
    folder = tmp_path / "data/openai/gsm8k/main"
    folder.mkdir(parents=True)
    (folder / "test.jsonl").write_bytes(b"\n".join(map(orjson.dumps, rows)))
    command = ("run", "gsm8k", "--model", "stub", "--base-url", stub.base_url, "--out", "r")
    return (*command, "--data-dir", tmp_path / "data", "--progress", "plain")


def test_the_first_replies_are_shown_and_asked_only_once(
    cli: Cli, stub: StubServer, words: tuple[Any, ...], tmp_path: Path
) -> None:
    stub.reply = "Adding one.\nAnswer: 1"
    done = cli(*words)

    assert done.returncode == 0, done.stderr
    assert stub.count == MANY
    assert "smoke gsm8k: 5 of 5 scored, 0 truncated, 0 failed" in done.stderr
    assert "reply, stop: 'Adding one.\\nAnswer: 1' -> '1', 1 (target '1')" in done.stderr
    serving = report(tmp_path / "r")["serving"]
    assert (serving["requests"], serving["replayed"]) == (MANY, 0)
    page = (tmp_path / "r/smoke.md").read_text()
    assert page.count("\n## gsm8k ") == SAMPLES
    assert "Prompt:\n\n```text\n" in page


def test_a_server_without_a_tokenizer_shows_the_prompt_as_it_was_sent(
    cli: Cli, stub: StubServer, words: tuple[Any, ...]
) -> None:
    stub.reply = "Answer: 1"
    done = cli(*words, "--transport", "sdk")

    assert done.returncode == 0, done.stderr
    assert "  prompt before the chat template, " in done.stderr


@pytest.mark.parametrize(
    ("reply", "complaint"),
    [
        ("I like turtles.", "no answer could be read in any of the first 5 replies"),
        (CUT, "5 of the first 5 replies were cut off"),
    ],
)
def test_replies_that_promise_nothing_stop_the_run_until_it_is_told_otherwise(
    cli: Cli, stub: StubServer, words: tuple[Any, ...], reply: Any, complaint: str
) -> None:
    stub.reply = reply
    stopped, again = cli(*words), cli(*words)
    stub_count = stub.count
    told = cli(*words, "--no-smoke")

    assert (stopped.returncode, again.returncode, told.returncode) == (2, 2, 0)
    assert stub_count == SAMPLES
    assert stub.count == MANY
    for done in (stopped, again):
        assert complaint in done.stderr.splitlines()[-1]
        assert "--no-smoke" in done.stderr.splitlines()[-1]


def test_a_run_that_is_past_it_goes_on(
    cli: Cli, stub: StubServer, words: tuple[Any, ...], tmp_path: Path
) -> None:
    stub.reply = "I like turtles."
    assert cli(*words, "--no-smoke").returncode == 0
    journal = tmp_path / "r/responses.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[: LARGE // 2]))
    resumed = cli(*words)

    assert resumed.returncode == 0, resumed.stderr
    assert "smoke" not in resumed.stderr


def test_mended_settings_are_looked_at_anew(
    cli: Cli, stub: StubServer, words: tuple[Any, ...]
) -> None:
    stub.reply = lambda body: "Answer: 1" if body["max_tokens"] > 5000 else CUT
    assert cli(*words).returncode == 2
    mended = cli(*words, "--param", "max_tokens=6000")

    assert mended.returncode == 0, mended.stderr
    assert "smoke gsm8k: 5 of 5 scored" in mended.stderr


def test_what_failed_is_asked_again_by_the_run(
    cli: Cli, stub: StubServer, words: tuple[Any, ...], tmp_path: Path
) -> None:
    stub.reply, stub.faults = "Answer: 1", ["too_long"] * 3
    done = cli(*words)

    assert done.returncode == 0, done.stderr
    assert "smoke gsm8k: 2 of 5 scored, 0 truncated, 3 failed" in done.stderr
    assert report(tmp_path / "r")["benchmarks"]["gsm8k"]["errors"] == 0


def test_small_runs_are_asked_as_a_whole(
    cli: Cli, stub: StubServer, words: tuple[Any, ...], tmp_path: Path
) -> None:
    stub.reply = "I like turtles."
    done = cli(*words, "--limit", LARGE)

    assert done.returncode == 0
    assert not (tmp_path / "r/smoke.md").exists()


def test_what_was_looked_at_is_exported_once(cli: Cli, stub: StubServer, tmp_path: Path) -> None:
    stub.reply = lambda body: (
        verdict(body) if "[助手的答案开始]" in prompt_text(body) else answer(body)
    )
    words = ("run", "alignbench", "--model", "stub", "--base-url", stub.base_url, "--out", "r")
    done = cli(
        *words, "--data", "builtin", "--judge-model", "self", "--repeats", 4, "--max-errors", 2
    )

    assert done.returncode == 0, done.stderr
    assert "smoke alignbench: 5 of 5 scored" in done.stderr
    assert len((tmp_path / "r/alignbench.jsonl").read_bytes().splitlines()) == 4 * len(QUESTIONS)
