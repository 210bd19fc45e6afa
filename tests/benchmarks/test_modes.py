"""Multiple choice by the first token's logprobs and by the options' likelihood."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from evaluator.tasks.choice_modes import likeliest, of_options
from evaluator.types import Sample
from tests.conftest import Cli
from tests.stub import Fault, Reply, StubServer

BASICS = ("--model", "stub", "--data", "builtin", "--progress", "none")
CHOICES = ("arc", "c3", "ceval", "cmmlu", "mmlu", "mmlu_pro")


def sample(target: str = "B", labels: str = "ABCD") -> Sample:
    return Sample("1", {"labels": list(labels)}, target)


def files(folder: Path) -> tuple[Any, list[Any], list[Any]]:
    lines = [
        [orjson.loads(line) for line in (folder / name).read_bytes().splitlines()]
        for name in ("outcomes.jsonl", "responses.jsonl")
    ]
    return orjson.loads((folder / "report.json").read_bytes()), *lines


LOGPROBS = [  # top logprobs, the label read, the right one's share among the labels
    ({"B": -0.1, "A": -3.0, "C": -4.0, "D": -5.0}, "B", 0.923),
    ({" B": -0.5, "B": -0.5, "A": -0.4}, "B", 0.644),  # both spellings count
    ({"A": -0.7, "The": -0.2}, "A", 0.0),
    ({"A\n": -0.1, " A": -9.0}, "A", 0.0),
    ({"The": -0.1, "I": -2.0}, None, 0.0),
    ({"Answer": -0.1, "a": -0.2, "AB": -0.3}, None, 0.0),
    ({"B": -9999.0, "A": -9999.0, "C": -9999.0}, None, 0.0),  # the server ruled them out
    ({"C": -0.2, "B": -9999.0}, "C", 0.0),
    ({"A": -1.0, "B": -1.0}, "A", 0.5),  # of equals, the first
]


@pytest.mark.parametrize(("logprobs", "answer", "share"), LOGPROBS)
def test_the_likeliest_label_is_the_answer(
    logprobs: dict[str, float], answer: str | None, share: float
) -> None:
    score = likeliest(sample(), logprobs)

    assert (score.value, score.answer) == (float(answer == "B"), answer)
    assert score.dimensions["target_probability"] == pytest.approx(share, abs=1e-3)
    assert ("no label among" in score.note) == (answer is None)


def test_digit_labels_are_read_too() -> None:
    assert likeliest(sample("3", "123"), {"3": -0.2, " 1": -2.0}).value == 1.0


OPTIONS = [  # logprobs of the options, the options, what acc and acc_norm choose
    ([-4.0, -2.0, -9.0], ["yes", "no", "perhaps"], "B", "B"),
    ([-6.0, -4.0, -7.0], ["yes, it is", "no", "perhaps"], "B", "A"),  # -0.6, -2, -1 a character
    ([-3.0, -3.0], ["a", "b"], "A", "A"),
    ([-6.0, -5.0], ["六个字的答案", "两字"], "B", "A"),  # characters, not bytes
    ([-1.0, -2.0], ["", "x"], "A", "A"),
]


@pytest.mark.parametrize(("sums", "options", "acc", "acc_norm"), OPTIONS)
def test_the_likeliest_option_by_its_sum_and_by_its_length(
    sums: Sequence[float], options: Sequence[str], acc: str, acc_norm: str
) -> None:
    labels = "ABCD"[: len(options)]
    for target in labels:
        score = of_options(sample(target, labels), sums, options)

        assert (score.answer, score.value) == (acc, float(target == acc))
        assert score.dimensions["acc_norm"] == float(target == acc_norm)
    total = sum(map(math.exp, sums))
    assert score.dimensions["target_probability"] == pytest.approx(math.exp(sums[-1]) / total)


def test_logprobs_take_one_request_of_one_token_a_question(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    (tmp_path / "own.csv").write_text("question,A,B,answer\nOne?,x,y,B\n三？,x,y,A\n")
    words = (*CHOICES, "mcq:own.csv", *BASICS, "--base-url", stub.base_url, "--out", "r")
    done = cli("run", *words, "--mode", "logprobs", "--limit", 10, "--param", "max_tokens=1")
    again = cli("run", *words, "--mode", "logprobs", "--limit", 10)

    assert (done.returncode, again.returncode) == (0, 0), done.stderr
    assert stub.count == 62
    report, outcomes, _ = files(tmp_path / "r")
    assert {o["status"] for o in outcomes} == {"scored"}
    assert {o["answer"] for o in outcomes} <= {"B", "1"}  # the stub says B where it may
    for row in report["benchmarks"].values():
        assert 0 < row["dimensions"]["target_probability"]["value"] < 1
    for received in stub.requests:
        assert (received.body["max_tokens"], received.body["top_logprobs"]) == (1, 20)
        assert received.body["min_tokens"] == 1
        labels = received.body["structured_outputs"]["choice"]
        assert [f" {label}" for label in labels[: len(labels) // 2]] == labels[len(labels) // 2 :]


def test_likelihood_asks_for_every_option_after_the_same_words(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    (tmp_path / "own.jsonl").write_text('{"question": "两个？", "A": "x", "B": "y", "answer": "B"}')
    words = (*CHOICES, "mcq:own.jsonl", *BASICS, "--base-url", stub.base_url, "--out", "r")
    done = cli("run", *words, "--mode", "likelihood", "--limit", 6)
    asked = stub.count
    again = cli("run", *words, "--mode", "likelihood", "--limit", 6)

    assert (done.returncode, again.returncode) == (0, 0), done.stderr
    report, outcomes, responses = files(tmp_path / "r")
    assert stub.count == asked == len(responses) == sum(len(o["response_keys"]) for o in outcomes)
    assert {o["status"] for o in outcomes} == {"scored"}
    assert "acc_norm" in report["benchmarks"]["arc"]["dimensions"]
    assert (
        report["benchmarks"]["ceval"]["value"]
        == (report["benchmarks"]["ceval"]["dimensions"]["acc_norm"]["value"])
    )  # letters are of one length
    assert not any(record["text"] or record["top_logprobs"] for record in responses)
    kept = {
        record["benchmark"]: "".join(token for token, _ in record["token_logprobs"])
        for record in responses
    }
    assert kept["mmlu"] in {" A", " B", " C", " D"}
    assert kept["mcq:own.jsonl"] in {"A", "B"}  # no space after 答案：
    assert len(kept["arc"]) > 2  # the option's own words
    assert {received.path for received in stub.requests} == {"/v1/completions"}
    assert {received.body["max_tokens"] for received in stub.requests} == {0}


def refusal(index: int, body: Any) -> Fault | None:
    """As a strict server does."""
    return Fault("unknown_field") if "structured_outputs" in body else None


def test_an_endpoint_that_refuses_a_field_is_asked_without_it_from_then_on(
    cli: Cli, stub: StubServer
) -> None:
    stub.faults = refusal
    stub.reply = Reply("B", top_logprobs=[{"B": -0.2, "The": -1.0}])
    words = ("arc", *BASICS, "--base-url", stub.base_url, "--mode", "logprobs", "--out", "r")
    done = cli("run", *words, "--concurrency", 2)
    first = stub.count
    stub.faults = ()
    again = cli("run", *words)

    assert done.returncode == 0, done.stderr
    refused = [r for r in stub.requests if "structured_outputs" in r.body]
    assert 1 <= len(refused) <= 2  # those in flight at once, not one a question
    assert first == 30 + len(refused)
    assert all("top_k" in r.body for r in stub.requests)  # only the one field is left out
    assert (again.returncode, stub.count) == (0, first)  # what is asked is the same
    assert "refuses" in " ".join(done.stdout.split())


def test_a_reply_without_logprobs_is_an_error_and_never_a_wrong_answer(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    stub.faults, stub.reply = refusal, Reply("")
    words = ("ceval", *BASICS, "--base-url", stub.base_url, "--limit", 5, "--shots", 0)
    done = cli("run", *words, "--mode", "logprobs", "--out", "r")

    report, _, _ = files(tmp_path / "r")
    assert done.returncode == 1
    assert report["benchmarks"]["ceval"]["errors"] == 5
    assert "no logprobs; use --mode generate" in next(
        iter(report["benchmarks"]["ceval"]["error_messages"])
    )


def test_a_first_token_that_is_no_label_is_unread_and_not_cut_off(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    stub.reply = Reply("The", finish_reason="length", top_logprobs=[{"The": -0.1}])
    words = ("mmlu", *BASICS, "--base-url", stub.base_url, "--limit", 5)
    cli("run", *words, "--mode", "logprobs", "--out", "r")

    report, outcomes, _ = files(tmp_path / "r")
    assert report["benchmarks"]["mmlu"]["unparsed"] == 5
    assert "'The'" in outcomes[0]["note"]


@pytest.mark.parametrize("mode", ["logprobs", "likelihood"])
def test_what_is_no_multiple_choice_refuses_the_mode(cli: Cli, stub: StubServer, mode: str) -> None:
    words = ("gsm8k", "arc", "bbh", *BASICS, "--base-url", stub.base_url, "--mode", mode)
    done = cli("run", *words)

    assert done.returncode == 2
    assert f"--mode {mode} is for multiple choice, and not for gsm8k, bbh" in done.stderr
    assert stub.count == 0


def test_logprobs_of_a_base_model_come_after_the_cue(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    words = ("arc", *BASICS, "--base-url", stub.base_url, "--limit", 4, "--out", "r")
    done = cli("run", *words, "--mode", "logprobs", "--api", "completions")

    assert done.returncode == 0, done.stderr
    body = stub.requests[0].body
    assert body["prompt"].endswith("\nAnswer:")
    assert body["logprobs"] == 20
    assert "top_logprobs" not in body
    assert {o["status"] for o in files(tmp_path / "r")[1]} == {"scored"}
