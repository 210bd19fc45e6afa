"""lm-eval's tasks come out as by lm-eval itself, on the same server, to the last digit."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Cli
from tests.lm_eval_tasks import harness
from tests.lm_eval_tasks.mirror import write_mirror, write_tasks
from tests.stub import StubServer
from tests.stub.replies import Body, prompt_text

BASICS = ("--model", "stub", "--progress", "none", "--prefix-token", harness.BEGINNING)


def reply(body: Body) -> str:
    """One token after an echo; else words that are right for some of the questions."""
    if body.get("echo"):
        return " so"
    if boxes := re.findall(r"has (\d+) boxes", prompt_text(body)):
        number = int(boxes[-1])
        return f"That makes {number}.\n#### {2 * number + number % 2 * 2 + 2}"
    return " Le sel (test)"


@pytest.fixture(scope="module")
def server() -> Iterator[StubServer]:
    with StubServer(reply=reply) as started:
        yield started


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_mirror(tmp_path_factory.mktemp("mirror"))


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tasks(tmp_path_factory.mktemp("tasks"))


def test_likelihoods_are_those_of_local_completions(
    server: StubServer, mirror: Path, cli: Cli, tmp_path: Path
) -> None:
    names = ("arc_easy", "lambada_openai", "wikitext", "truthfulqa_mc2")
    tasks = [f"lm-eval:{name}" for name in names]
    made = cli("run", *tasks, *BASICS, *at(server, mirror), "--out", "run")
    assert made.returncode == 0, made.stderr

    expected = harness.results(harness.Completions(server.base_url), mirror, *names)
    ours = harness.ours(tmp_path / "run")
    for name in names:
        for metric, value in harness.theirs(expected[name]).items():
            assert ours[name][metric] == value, (name, metric)


@pytest.mark.parametrize("api", ["chat", "completions"])
def test_replies_are_scored_as_by_lm_eval(
    server: StubServer, mirror: Path, own: Path, cli: Cli, tmp_path: Path, api: str
) -> None:
    names = ("gsm8k", "tiny_translate")
    tasks = [f"lm-eval:{name}" for name in names]
    options = ("--include-path", own, "--api", api)
    made = cli("run", *tasks, *BASICS, *at(server, mirror), *options, "--out", "run")
    assert made.returncode == 0, made.stderr

    model = harness.chat if api == "chat" else harness.Completions
    expected = harness.results(model(server.base_url), mirror, *names, include=own)
    ours = harness.ours(tmp_path / "run")
    for name in names:
        for metric, value in harness.theirs(expected[name]).items():
            assert ours[name][metric] == value, (name, metric)
    assert 0 < ours["gsm8k"]["exact_match,flexible-extract"] < 1
    assert ours["tiny_translate"]["chrf"] > 0


def test_groups_are_aggregated_as_by_lm_eval(
    server: StubServer, mirror: Path, own: Path, cli: Cli, tmp_path: Path
) -> None:
    options = ("--include-path", own, "--out", "run")
    made = cli("run", "lm-eval:tiny_pairs", *BASICS, *at(server, mirror), *options)
    assert made.returncode == 0, made.stderr

    model = harness.Completions(server.base_url)
    expected = harness.results(model, mirror, "tiny_pairs", include=own)
    ours = harness.ours(tmp_path / "run")["tiny_pairs"]
    for metric, value in harness.theirs(expected["tiny_pairs"]).items():
        assert ours[f"tiny_pairs: {metric}"] == value, metric
    for name in ("tiny_left", "tiny_right"):
        assert ours[f"{name}: f1"] == harness.theirs(expected[name])["f1"]


def at(server: StubServer, mirror: Path) -> tuple[object, ...]:
    return ("--base-url", server.base_url, "--data-dir", mirror)
