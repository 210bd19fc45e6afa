"""What a run says of the servers behind it, from its start to its report."""

import time
from pathlib import Path

import pytest

from evaluator import evaluate
from evaluator.client import health
from tests.cli.test_cli import report
from tests.conftest import Cli
from tests.stub import Fault, Reply, StubServer


def run(cli: Cli, stub: StubServer, *more: object) -> str:
    words = ("run", "arc", "--model", "stub", "--base-url", stub.base_url, "--data", "builtin")
    done = cli(*words, "--limit", 6, "--out", "r", "--progress", "plain", *more)

    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_a_server_that_counts_no_tokens_of_a_stream_has_no_rate_of_them(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    said = "Extra inputs are not permitted, field: 'stream_options'"
    stub.faults = lambda _, body: Fault(400, message=said) if "stream_options" in body else None
    shown = run(cli, stub, "--stream")

    serving = report(tmp_path / "r")["serving"]
    assert (serving["output_tokens"], serving["output_tokens_per_s"]) == (None, None)
    assert (serving["uncounted"], serving["ttft"]["p50"] > 0) == (6, True)
    assert said in serving["refused"][stub.base_url]["stream_options"]
    assert "the server does not count tokens" in shown
    assert "0 output tokens/s" not in shown and "· 0 tokens/s" not in shown


def test_what_came_from_the_prefix_cache_is_in_the_report(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    stub.metrics = False
    stub.reply = Reply("Answer: B", prompt_tokens=100, cached_tokens=40)
    shown = run(cli, stub)

    assert report(tmp_path / "r")["serving"]["prefix_hit_rate"] == 0.4
    assert "40% of the prompt tokens from the prefix cache" in " ".join(shown.split())
    run(cli, stub)  # which sends nothing
    assert report(tmp_path / "r")["serving"]["prefix_hit_rate"] == 0.4


def test_a_run_goes_on_elsewhere_when_an_endpoint_freezes(
    stub: StubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOOK_EVERY", "SILENT", "TO_ANSWER"):
        monkeypatch.setattr(health, name, 0.1)

    def freeze(index: int, body: object) -> None:
        if index == 0:
            time.sleep(3)  # the whole server stands still

    with StubServer(faults=freeze) as frozen:
        given = {"base_url": [stub.base_url, frozen.base_url], "concurrency": 2, "limit": 6}
        got = evaluate("arc", model="stub", data="builtin", out=tmp_path / "r", **given)

    assert got.benchmarks["arc"].errors == 0
    assert got.serving.faults["frozen endpoint"] >= 1
    assert got.serving.retries == 0
