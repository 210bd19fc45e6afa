"""A run that may spend so much: what is asked, what is said, and how it goes on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.conftest import Cli
from tests.stub import Reply, StubServer

QUESTIONS = 60
IN_FLIGHT = 4
UNCOUNTED = Reply("Answer: 1", prompt_tokens=0, output_tokens=0)
PRICES = """
currency = "CNY"

[stub]
prompt = 1_000
completion = 2_000.0
cached = 500
"""


@pytest.fixture
def questions(tmp_path: Path) -> tuple[str, ...]:
    rows = [{"question": f"What is {n} modulo 4?", "answer": str(n % 4)} for n in range(QUESTIONS)]
    (tmp_path / "q.jsonl").write_bytes(b"\n".join(map(orjson.dumps, rows)))
    (tmp_path / "prices.toml").write_text(PRICES)
    words = ("run", "qa:q.jsonl", "--model", "stub", "--progress", "plain", "--out", "mine")
    return (*words, "--no-smoke", "--concurrency", str(IN_FLIGHT))


@pytest.fixture
def server() -> Iterator[StubServer]:
    with StubServer(reply=lambda body: "Answer: 1", latency=0.01) as stub:
        yield stub


def report(folder: Path) -> Any:
    return orjson.loads((folder / "report.json").read_bytes())


def lines(path: Path) -> list[Any]:
    return list(map(orjson.loads, path.read_bytes().splitlines()))


def spent(folder: Path) -> int:
    """Tokens of all replies that the journal holds."""
    replies = lines(folder / "responses.jsonl")
    return sum(each["prompt_tokens"] + each["output_tokens"] for each in replies)


@pytest.mark.parametrize("clients", [1, 2])
def test_a_run_sends_no_more_requests_than_it_may_and_goes_on_with_more(
    cli: Cli, questions: tuple[str, ...], server: StubServer, tmp_path: Path, clients: int
) -> None:
    words = (*questions, "--base-url", server.base_url, "--clients", clients)

    first = cli(*words, "--max-requests", 20)

    assert first.returncode == 3, first.stderr
    assert "--max-requests 20 is spent" in first.stderr
    replies = lines(tmp_path / "mine/responses.jsonl")
    assert len(replies) <= 20 and len(replies) >= 20 - clients
    (result,) = report(tmp_path / "mine")["benchmarks"].values()
    assert result["samples"] == len(replies) and result["planned"] == QUESTIONS
    assert result["scored"] == len(replies) and result["errors"] == 0  # none asked, none a 0

    again = cli(*words, "--max-requests", 20)
    assert again.returncode == 3
    assert len(lines(tmp_path / "mine/responses.jsonl")) <= 20
    (result,) = report(tmp_path / "mine")["benchmarks"].values()
    assert result["samples"] == len(replies)

    whole = cli(*words, "--max-requests", QUESTIONS)
    assert whole.returncode == 0, whole.stderr
    assert len(lines(tmp_path / "mine/outcomes.jsonl")) == QUESTIONS
    assert not list((tmp_path / "mine").glob("*.tmp"))


@pytest.mark.parametrize("clients", [1, 2])
def test_tokens_go_beyond_the_budget_by_what_was_in_flight_at_most(
    cli: Cli, questions: tuple[str, ...], server: StubServer, tmp_path: Path, clients: int
) -> None:
    words = (*questions, "--base-url", server.base_url, "--clients", clients)

    done = cli(*words, "--max-tokens-total", 200)

    assert done.returncode == 3, done.stderr
    assert "--max-tokens-total 200 (" in done.stderr
    replies = lines(tmp_path / "mine/responses.jsonl")
    most = max(each["prompt_tokens"] + each["output_tokens"] for each in replies)
    assert 200 <= spent(tmp_path / "mine") < 200 + IN_FLIGHT * most


def test_the_cost_bounds_a_run_and_stands_in_its_report(
    cli: Cli, questions: tuple[str, ...], server: StubServer, tmp_path: Path
) -> None:
    words = (*questions, "--base-url", server.base_url, "--prices", "prices.toml")

    done = cli(*words, "--max-cost", 0.2)

    assert done.returncode == 3, done.stderr
    assert "--max-cost 0.2 (" in done.stderr and "CNY" in done.stderr
    of = report(tmp_path / "mine")["serving"]["spending"]["model"]
    assert of["currency"] == "CNY" and of["model"] == "stub"
    assert of["cost"] == pytest.approx(
        (of["prompt_tokens"] * 1000 + of["output_tokens"] * 2000) / 1e6
    )
    assert 0.2 <= of["cost"] < QUESTIONS * 0.01

    whole = cli(*words)
    assert whole.returncode == 0
    assert "cost: " in whole.stdout and "CNY for all replies recorded: model stub" in whole.stdout
    assert "cost: " in (tmp_path / "mine/report.md").read_text()
    assert "spent: " in whole.stderr  # the plain dashboard


def test_model_and_judge_are_counted_together_and_told_apart(
    cli: Cli, server: StubServer, tmp_path: Path
) -> None:
    prices = "[stub]\nprompt = 1\ncompletion = 1\n[judge]\nprompt = 3\ncompletion = 3\n"
    (tmp_path / "prices.toml").write_text(prices)
    with StubServer(reply=lambda body: "Rating: [[6]]", models=["judge"]) as judge:
        words = ("run", "mtbench", "--data", "builtin", "--model", "stub", "--out", "mine")
        words += ("--base-url", server.base_url, "--prices", "prices.toml", "--progress", "none")
        words += ("--judge-model", "judge", "--judge-base-url", judge.base_url)
        done = cli(*words, "--limit", 3)
        stopped = cli(*words, "--max-requests", 14)

    assert done.returncode == 0, done.stderr
    roles = report(tmp_path / "mine")["serving"]["spending"]
    assert roles["judge"]["model"] == "judge" and roles["judge"]["cost"] > roles["model"]["cost"]
    assert "judge judge" in done.stdout
    assert stopped.returncode == 3
    assert len(lines(tmp_path / "mine/responses.jsonl")) == 14


def test_replies_of_another_run_cost_nothing(
    cli: Cli, questions: tuple[str, ...], server: StubServer, tmp_path: Path
) -> None:
    words = (*questions, "--base-url", server.base_url)
    cli(*words, "--limit", 30)

    more = (*words[:-6], "--no-smoke", "--concurrency", IN_FLIGHT, "--base-url", server.base_url)
    reused = (*more, "--out", "other", "--reuse", "mine", "--max-requests", 30)
    done = cli(*reused)
    again = cli(*reused)

    assert done.returncode == again.returncode == 0, done.stderr
    assert len(lines(tmp_path / "other/outcomes.jsonl")) == QUESTIONS


def test_tokens_that_nobody_counts_hold_no_budget(
    cli: Cli, questions: tuple[str, ...], tmp_path: Path
) -> None:
    with StubServer(reply=lambda body: UNCOUNTED) as server:
        done = cli(*questions, "--base-url", server.base_url, "--max-tokens-total", 10_000)

    assert done.returncode == 3
    assert "a server does not count the tokens" in done.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--max-cost", 1), "--max-cost without --prices"),
        (("--max-cost", 1, "--prices", "none.toml"), "--prices: cannot read 'none.toml'"),
        (("--max-cost", 1, "--prices", "other.toml"), "has no price of 'stub'"),
        (("--prices", "wrong.toml"), "--prices: wrong.toml: stub.prompt"),
        (("--max-requests", 0), "--max-requests '0': give a whole number of 1 or more"),
    ],
)
def test_mistakes_come_before_any_request(
    cli: Cli, questions: tuple[str, ...], server: StubServer, tmp_path: Path, words: Any, told: str
) -> None:
    (tmp_path / "other.toml").write_text("[another]\nprompt = 1\ncompletion = 1\n")
    (tmp_path / "wrong.toml").write_text('[stub]\nprompt = "1"\ncompletion = 1\n')

    done = cli(*questions, "--base-url", server.base_url, *words)

    assert done.returncode == 2
    assert told in done.stderr
    assert not (tmp_path / "mine").exists()
