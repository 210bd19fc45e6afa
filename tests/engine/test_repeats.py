"""Samples asked several times."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from evaluator.engine.repeats import combined, majority, pass_at
from evaluator.types import Outcome, Score, Status
from tests.benchmarks.test_alignbench import names_in
from tests.cli.test_cli import BASICS, outcomes, report
from tests.conftest import Cli
from tests.stub import StubServer


def read(answer: str | None, right: bool = False) -> Score:
    return Score(float(right), answer, dimensions={"strict": float(right), "in_format": 1.0})


def repeat(status: Status, score: Score | None = None, error: str = "") -> Outcome:
    return Outcome("b", "1", "g", status, score, error, "B", ["k"])


@pytest.mark.parametrize(
    ("k", "right", "n", "chance"),
    [  # n over k drawn without putting back, counted by hand
        (1, 1, 4, 1 / 4),
        (2, 1, 4, 1 / 2),
        (2, 2, 4, 5 / 6),
        (4, 1, 4, 1.0),
        (3, 2, 4, 1.0),
        (2, 0, 4, 0.0),
    ],
)
def test_pass_at_k_is_the_chance_of_one_right_among_k(
    k: int, right: int, n: int, chance: float
) -> None:
    assert pass_at(k, right, n) == pytest.approx(chance)


@pytest.mark.parametrize(
    ("scores", "value"),
    [
        ([read("B", True), read("A"), read("B", True)], 1.0),
        ([read("A"), read("A"), read("B", True)], 0.0),
        ([read("A"), read("B", True)], 0.5),
        ([read("A"), read("C"), read("B", True)], 1 / 3),
        ([read("1/2", True), read("0.5", True), read("3"), read("3"), read("3")], 0.0),
        ([read("1/2", True), read("0.5", True), read("3")], 1.0),
        ([read(None), read(None), read("B", True)], 1.0),
        ([read(None), read(None)], 0.0),
    ],
)
def test_the_majority_decides(scores: list[Score], value: float) -> None:
    assert majority(scores) == pytest.approx(value)


def test_repeats_become_one_sample() -> None:
    three = [read("B", True), read("A"), read(None)]
    score = combined(
        [repeat("scored", three[0]), repeat("scored", three[1]), repeat("unparsed", three[2])]
    )

    assert score.status == "scored"
    assert score.score
    assert score.score.value == pytest.approx(1 / 3)
    assert score.score.dimensions == {
        "strict": pytest.approx(1 / 3),
        "in_format": 1.0,
        "unread": pytest.approx(1 / 3),
        "pass@2": pytest.approx(2 / 3),
        "pass@3": 1.0,
        "majority@3": 0.5,
    }
    assert score.response_keys == ["k", "k", "k"]


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        (["scored", "error"], "error"),
        (["judge_unparsed", "scored"], "judge_unparsed"),
        (["unparsed", "truncated"], "truncated"),
        (["unparsed", "unparsed"], "unparsed"),
        (["truncated", "scored"], "scored"),
    ],
)
def test_a_sample_is_measured_when_all_its_repeats_are(
    statuses: list[Status], status: Status
) -> None:
    made = [
        repeat(s, None if s == "error" else read(None), "bad" * (s == "error")) for s in statuses
    ]
    outcome = combined(made)

    assert outcome.status == status
    assert outcome.error == ("1 of 2 repeats failed: bad" if status == "error" else "")
    assert (outcome.score is None) == (status == "error")


def test_ratings_have_a_mean_and_no_pass() -> None:
    outcome = combined([repeat("scored", Score(7.0, "7")), repeat("scored", Score(8.0, "8"))])

    assert outcome.score == Score(7.5, "7", dimensions={"unread": 0.0})


RUN = ("run", "arc", *BASICS, "--limit", 5, "--out", "r", "--param", "temperature=0.7")


def test_every_sample_is_asked_as_often_as_wanted_and_more_only_adds(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    assert cli(*RUN, "--base-url", stub.base_url).returncode == 0
    assert stub.count == 5
    done = cli(*RUN, "--base-url", stub.base_url, "--repeats", 3)

    assert done.returncode == 0, done.stderr
    assert stub.count == 15
    row = report(tmp_path / "r")["benchmarks"]["arc"]
    assert (row["samples"], row["repeats"]) == (5, 3)
    assert row["dimensions"]["pass@3"]["value"] == row["value"]
    assert all(len(set(o["response_keys"])) == 3 for o in outcomes(tmp_path / "r"))
    assert "arc / majority@3" in done.stdout
    assert "each asked 3 times" in done.stdout
    assert "at temperature 0" not in done.stdout


def test_repeats_at_temperature_0_are_warned_of(cli: Cli, stub: StubServer) -> None:
    done = cli(*RUN[:-1], "temperature=0", "--base-url", stub.base_url, "--repeats", 2)

    assert "2 repeats at temperature 0" in " ".join(done.stderr.split())
    assert "2 repeats at temperature 0" in " ".join(done.stdout.split())


def test_a_failed_repeat_leaves_its_sample_unmeasured_and_is_asked_again(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    stub.faults = [None, None, None, 400]
    words: tuple[Any, ...] = (*RUN, "--base-url", stub.base_url, "--repeats", 2)
    done = cli(*words)
    row = report(tmp_path / "r")["benchmarks"]["arc"]

    assert done.returncode == 1
    assert (row["errors"], row["scored"], stub.count) == (1, 4, 10)
    assert next(iter(row["error_messages"])).startswith("1 of 2 repeats failed: ")

    assert cli(*words).returncode == 0
    assert stub.count == 11


def test_a_dry_run_counts_the_repeats(cli: Cli) -> None:
    done = cli(*RUN, "--base-url", "http://nowhere/v1", "--repeats", 4, "--dry-run")

    assert done.stdout.startswith("20 requests")


def test_a_dimension_is_the_mean_of_the_repeats_that_have_it() -> None:
    judged = Score(8.0, "8", dimensions={"清晰度": 8.0, "cut_off": 0.0})
    empty = Score(1.0, None, dimensions={"cut_off": 1.0})
    outcome = combined([repeat("scored", judged), repeat("unparsed", empty)])

    assert outcome.score
    assert outcome.score.dimensions == {"清晰度": 8.0, "cut_off": 0.5, "unread": 0.5}
    assert outcome.score.repeats == {"清晰度": 1}
    assert outcome.states == {"scored": 1, "unparsed": 1}


def test_replies_are_counted_where_samples_are_asked_again(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    asked: Counter[str] = Counter()

    def reply(body: Any) -> str:
        prompt = body["messages"][0]["content"]
        if "参考答案" in prompt:
            return repr({**dict.fromkeys(names_in(prompt), 8), "综合得分": 8})
        asked[prompt] += 1
        return "一个答案。" if asked[prompt] % 2 else ""

    stub.reply = reply
    words = ("run", "alignbench", *BASICS, "--base-url", stub.base_url, "--judge-model", "self")
    done = cli(*words, "--repeats", 2, "--param", "temperature=0.7", "--out", "r")

    assert done.returncode == 0, done.stderr
    row = report(tmp_path / "r")["benchmarks"]["alignbench"]
    assert (row["samples"], row["scored"], row["unparsed"]) == (16, 16, 0)
    assert row["replies"] == {"scored": 16, "unparsed": 16}
    rated = row["dimensions"]["事实正确性"]
    assert (rated["value"], rated["replies"], rated["ci95"]) == (8.0, rated["samples"], None)
    assert row["totals"]["事实正确性"]["value"] == 8.0
    said = " ".join(done.stdout.split())
    assert "16/32" in said
    assert "16 answers judged" in said
    assert "the replies that have the figure: 事实正确性 16 of 32, 满足用户需求 16 of 32" in said
    assert "alignbench / unread 16 50.0%" in said
    assert "16 unparsed, 0 truncated and 0 failed of 32 replies" in said
