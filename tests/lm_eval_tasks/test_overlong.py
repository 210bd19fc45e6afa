"""Texts longer than the model's context: cut, or asked for in windows, as lm-eval does."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cli
from tests.lm_eval_tasks import harness
from tests.lm_eval_tasks.mirror import put
from tests.stub import StubServer
from tests.stub.replies import Body

CONTEXT = 64  # tokens of the stub's model
TASK = """
task: long_{kind}
dataset_path: me/long
output_type: {kind}
test_split: test
doc_to_text: "{text}"
doc_to_target: "{target}"
{more}
"""
KINDS = {  # what is shown, what is scored, and further settings
    "loglikelihood": ("{{story}}", " {{end}}", ""),
    "loglikelihood_rolling": ("", "{{story}}", "metric_list: [{metric: byte_perplexity}]"),
    "generate_until": (
        "{{story}}",
        " {{end}}",
        "generation_kwargs: {until: ['.'], max_gen_toks: 9}\nmetric_list: [{metric: exact_match}]",
    ),
}
LENGTHS = (8, 62, 63, 64, 125, 200)  # words of the stories
FITTED = {"loglikelihood": 5, "loglikelihood_rolling": 4, "generate_until": 5}
INFO = json.dumps({"bos_token": harness.BEGINNING, "eos_token": harness.BEGINNING}).encode()


def reply(body: Body) -> str:
    """What hangs on the words that are left of a prompt, and how many these are."""
    if body.get("echo"):
        return " so"
    return f" end{len(body['prompt'].split()) % 5}"


@pytest.fixture(scope="module")
def server() -> Iterator[StubServer]:
    pages = {"/tokenizer_info": INFO}
    with StubServer(reply=reply, max_model_len=CONTEXT, pages=pages) as started:
        yield started


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("mirror")
    stories = ["".join(f" word{i}of{n}" for i in range(n)) for n in LENGTHS]
    put(root, "me/long/default/test", [{"story": each, "end": "end2 end3"} for each in stories])
    return root


def run(cli: Cli, server: StubServer, mirror: Path, own: Path, *more: object) -> Any:
    words = ("--model", "stub", "--base-url", server.base_url, "--data-dir", mirror)
    options = ("--progress", "none", "--no-smoke", "--api", "completions", "--out", "run")
    return cli("run", f"lm-eval:{own}", *words, *options, *more)


def flat(shown: str) -> str:
    return " ".join(shown.split())


def write_task(folder: Path, kind: str) -> Path:
    text, target, more = KINDS[kind]
    path = folder / f"long_{kind}.yaml"
    path.write_text(TASK.format(kind=kind, text=text, target=target, more=more))
    return path


def prompts(server: StubServer) -> list[str]:
    """All that was asked and answered, each prompt as its text; forgotten by that."""
    asked = [
        (server.prompts(each.body["prompt"])[0], max(1, each.body["max_tokens"]))
        for each in server.requests
    ]
    server.requests.clear()
    return sorted(text for text, more in asked if len(text.split()) + more <= CONTEXT)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_asked_and_its_value_are_those_of_lm_eval(
    server: StubServer, mirror: Path, cli: Cli, tmp_path: Path, kind: str
) -> None:
    own = write_task(tmp_path, kind)
    server.requests.clear()
    made = run(cli, server, mirror, own, "--prefix-token", harness.BEGINNING)
    assert made.returncode == 0, made.stderr
    asked = prompts(server)

    model = harness.with_tokens(server.base_url, CONTEXT)
    expected = harness.theirs(harness.results(model, mirror, str(own))[f"long_{kind}"])
    (ours,) = harness.ours(tmp_path / "run").values()
    for metric, value in expected.items():
        # lm-eval adds up each window by itself: the last digit may be another
        assert ours[metric] == pytest.approx(value, rel=1e-14), metric
    assert asked == prompts(server)
    assert f"{FITTED[kind]} prompts were longer than the model's context" in flat(made.stdout)


def test_a_resumed_run_tells_of_it_again(
    server: StubServer, mirror: Path, cli: Cli, tmp_path: Path
) -> None:
    own = write_task(tmp_path, "loglikelihood")
    run(cli, server, mirror, own)
    (tmp_path / "run/report.json").unlink()
    server.requests.clear()
    again = run(cli, server, mirror, own)

    assert not server.requests
    assert "5 prompts were longer" in flat(again.stdout)


def test_where_tokens_cannot_be_known_the_sample_is_an_error_that_says_what_to_do(
    mirror: Path, cli: Cli, tmp_path: Path
) -> None:
    own = write_task(tmp_path, "loglikelihood")
    with StubServer(reply=reply, max_model_len=CONTEXT, pages={"/tokenize": b"{}"}) as server:
        made = run(cli, server, mirror, own)

    assert made.returncode == 1
    assert "does not tell the prompt's tokens" in flat(made.stdout + made.stderr)


def test_a_text_that_is_scored_whole_needs_a_token_before_it(
    server: StubServer, mirror: Path, cli: Cli, tmp_path: Path
) -> None:
    own = write_task(tmp_path, "loglikelihood_rolling")
    made = run(cli, server, mirror, own)

    assert made.returncode == 1
    assert "has no logprob without --prefix-token" in flat(made.stdout + made.stderr)
