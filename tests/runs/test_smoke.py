"""The look at the first replies of a full run, beside it."""

import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from evaluator.engine.task import FIRST
from evaluator.runs.folder import Folder
from evaluator.runs.smoke import LARGE, reason_to_stop
from tests.cli.test_cli import report
from tests.conftest import Cli
from tests.judging.test_judge_verdicts import QUESTIONS, answer, verdict
from tests.stub import Fault, Reply, StubServer
from tests.stub.replies import prompt_text
from tests.written_runs import Said, write_run

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
        (["error"] * 4 + ["unparsed"], "any of the first 1 reply"),
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
    assert page.count("\n## gsm8k ") == FIRST
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
    cli: Cli, stub: StubServer, words: tuple[Any, ...], reply: Any, complaint: str, tmp_path: Path
) -> None:
    stub.reply = reply
    stopped = cli(*words)
    first = answered(tmp_path / "r"), stub.count
    again = cli(*words)
    second = answered(tmp_path / "r"), stub.count
    told = cli(*words, "--no-smoke")

    assert (stopped.returncode, again.returncode, told.returncode) == (2, 2, 0)
    assert first == second  # what came before the stop is kept, and nothing else is asked
    assert first[0] >= FIRST
    assert stub.count == MANY + first[1] - first[0]
    for done in (stopped, again):
        assert complaint in done.stderr.splitlines()[-1]
        assert "--no-smoke" in done.stderr.splitlines()[-1]
        assert "smoke gsm8k: 0 of 5 scored" in done.stderr


def answered(folder: Path) -> int:
    return len((folder / "responses.jsonl").read_bytes().splitlines())


def test_the_run_is_at_full_width_at_once_and_a_stop_says_how_much_that_was(
    cli: Cli, stub: StubServer, words: tuple[Any, ...]
) -> None:
    first = {f"{number} + 1?" for number in range(FIRST)}
    stub.reply = "I like turtles."
    stub.faults = lambda index, body: None if asked(body) in first else Fault("hang")
    done = cli(*words, "--concurrency", 30)

    assert done.returncode == 2
    assert "stopped with 29 requests in flight" in done.stderr


def asked(body: Any) -> str:
    return str(re.findall(r"\d+ \+ 1\?", prompt_text(body))[-1])


def test_what_a_stopped_run_would_replace_stands(
    cli: Cli, stub: StubServer, words: tuple[Any, ...], tmp_path: Path
) -> None:
    stub.reply = "Answer: 1"
    assert cli(*words, "--limit", 3).returncode == 0
    before = {file.name: file.read_bytes() for file in (tmp_path / "r").glob("[or]*.json*")}
    stub.reply = "I like turtles."
    stub.faults = lambda index, body: Fault("too_long") if asked(body) == "0 + 1?" else None
    (tmp_path / "r/responses.jsonl").write_bytes(b"")
    stopped = cli(*words)
    after = {file.name: file.read_bytes() for file in (tmp_path / "r").glob("[or]*.json*")}

    assert stopped.returncode == 2, stopped.stderr
    del before["responses.jsonl"], after["responses.jsonl"]
    assert after == before


def test_a_tokenizer_that_does_not_answer_holds_up_nothing(
    cli: Cli, stub: StubServer, words: tuple[Any, ...], tmp_path: Path
) -> None:
    stub.reply, stub.tokenizer_delay = "Answer: 1", 60.0
    done = cli(*words)

    assert done.returncode == 0, done.stderr
    assert "  prompt before the chat template, " in done.stderr
    assert "Prompt before the chat template:" in (tmp_path / "r/smoke.md").read_text()


def test_each_reply_of_a_repeated_sample_is_looked_at(
    cli: Cli, stub: StubServer, words: tuple[Any, ...]
) -> None:
    stub.reply = CUT
    done = cli(*words, "--repeats", 3)

    assert done.returncode == 2
    assert "15 of the first 15 replies were cut off" in done.stderr


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


def test_a_benchmark_is_past_it_once_all_first_samples_are_measured(tmp_path: Path) -> None:
    said = [Said("0"), Said("1", status="unparsed", answer=None), Said("2", status="error")]
    folder = Folder(write_run(tmp_path / "r", said))

    assert folder.past({"exam": ["0", "1"]}) == {"exam"}
    assert folder.past({"exam": ["0", "1", "2"]}) == set()
    assert folder.past({"exam": ["0", "17"], "other": ["0"]}) == set()


def test_mended_settings_are_looked_at_anew(
    cli: Cli, stub: StubServer, words: tuple[Any, ...]
) -> None:
    stub.reply = lambda body: "Answer: 1" if body["max_tokens"] > 5000 else CUT
    assert cli(*words).returncode == 2
    mended = cli(*words, "--param", "max_tokens=6000")

    assert mended.returncode == 0, mended.stderr
    assert "smoke gsm8k: 5 of 5 scored" in mended.stderr


def test_what_failed_is_looked_at_once_it_is_asked_again(
    cli: Cli, stub: StubServer, words: tuple[Any, ...], tmp_path: Path
) -> None:
    stub.reply, stub.faults = "Answer: 1", ["too_long"] * 3
    done, again = cli(*words), cli(*words)

    assert (done.returncode, again.returncode) == (1, 0), done.stderr
    assert "smoke gsm8k: 2 of 5 scored, 0 truncated, 3 failed" in done.stderr
    assert "smoke gsm8k: 5 of 5 scored" in again.stderr
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
