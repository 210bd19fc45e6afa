"""What a dry run says that a run would take."""

from pathlib import Path

import orjson
import pytest

from evaluator.runs.estimate import prompt_tokens
from tests.conftest import Cli
from tests.stub import Reply, StubServer

WORDS = ("run", "gsm8k", "--model", "stub", "--data", "builtin", "--out", "mine")
PRICES = "[stub]\nprompt = 1000\ncompletion = 2000\n"


@pytest.mark.parametrize(("text", "tokens"), [("abcd" * 10, 10), ("水的化学式", 5 / 1.5), ("", 0)])
def test_tokens_of_a_prompt_by_its_text(text: str, tokens: float) -> None:
    assert prompt_tokens({"messages": [{"content": text}]}) == pytest.approx(tokens)
    assert prompt_tokens({"prompt": text}) == pytest.approx(tokens)


def test_of_several_benchmarks_each_tells_its_samples(cli: Cli) -> None:
    done = cli(*WORDS, "--limit", 4, "arc", "--dry-run")

    assert done.returncode == 0, done.stderr
    assert "8 samples: gsm8k 4, arc 4" in done.stdout


def test_before_anything_was_asked_the_limit_of_replies_bounds_them(
    cli: Cli, tmp_path: Path
) -> None:
    (tmp_path / "prices.toml").write_text(PRICES)

    done = cli(*WORDS, "--limit", 10, "--dry-run", "--prices", "prices.toml")

    assert done.returncode == 0, done.stderr
    assert "10 requests to 'stub'; nothing is sent in a dry run" in done.stdout
    assert "and at most 10,240 of replies, prompts by their text" in done.stdout
    assert "cost: at most 2" in done.stdout and " USD (model 2" in done.stdout
    assert "minutes" not in done.stdout  # no speed is known


def test_recorded_replies_tell_of_those_that_are_left(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "prices.toml").write_text(PRICES)
    said = Reply("Answer: 1", prompt_tokens=100, output_tokens=50)
    with StubServer(reply=lambda body: said) as server:
        assert cli(*WORDS, "--limit", 10, "--base-url", server.base_url).returncode == 0

    again = cli(*WORDS, "--limit", 20, "--dry-run", "--prices", "prices.toml").stdout
    reused = (*WORDS[:-1], "other", "--limit", 20, "--reuse", "mine", "--dry-run")

    assert "about 10 of the requests are answered in mine already" in again
    assert "model: about 1,000 prompt tokens and about 500 of replies, as long as those" in again
    assert "cost: about 2.0000 USD (model 2.0000)" in again
    report = orjson.loads((tmp_path / "mine/report.json").read_bytes())
    rate = report["serving"]["requests_per_s"]
    assert f"minutes, at the {rate:,.1f} requests/s of mine" in again
    assert "about 2,000 prompt tokens and about 1,000 of replies" in cli(*reused).stdout


def test_what_a_judge_would_read_is_not_known(cli: Cli) -> None:
    words = ("--model", "stub", "--data", "builtin", "--judge-model", "self", "--dry-run")

    done = cli("run", "alignbench", *words, "--limit", 3)

    assert "judge: the tokens of 3 requests are not known before some were sent" in done.stdout
