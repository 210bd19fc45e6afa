"""Benchmarks that end when their score is known precisely enough."""

import random
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import pytest

from evaluator.engine.precision import FIRST_LOOK, LOOK_EVERY, SamplesUntilPrecise, shuffled
from evaluator.statistics.intervals import wilson
from evaluator.types import Outcome, Sample, Score
from tests.cli.test_cli import outcomes, report
from tests.conftest import Cli
from tests.stub import StubServer

MANY = [Sample(f"{group}/{i}", {}, "", group) for group in "ab" for i in range(2000)]


def ended(sample: Sample, value: float, status: Any = "scored") -> Outcome:
    return Outcome("b", sample.id, sample.group, status, Score(value, "x"))


def test_every_beginning_of_the_order_has_each_groups_share() -> None:
    samples = [*MANY, *(Sample(f"c/{i}", {}, "", "c") for i in range(400))]
    order = shuffled(samples)

    assert sorted(order, key=repr) == sorted(samples, key=repr)
    for n in (100, 500, 3000):
        shares = Counter(sample.group for sample in order[:n])
        assert [shares[group] / n for group in "abc"] == pytest.approx(
            [2000 / 4400, 2000 / 4400, 400 / 4400], abs=3 / n
        )


def test_the_order_is_random_within_a_group_and_the_same_each_time() -> None:
    order = shuffled(MANY)
    numbers = [int(sample.id[2:]) for sample in order if sample.group == "a"]

    assert shuffled(reversed(MANY)) == order
    assert abs(sum(numbers[:200]) / 200 - 1000) < 150
    assert numbers[:200] != sorted(numbers[:200])


def counted(
    precise: SamplesUntilPrecise, values: dict[str, float], ahead: int, seed: int
) -> list[Outcome]:
    """What counts of samples that end in a random order, `ahead` of them being in flight."""
    shuffle, samples, flying = random.Random(seed), iter(precise), list[Sample]()
    found: list[Outcome] = []
    while True:
        flying += islice(samples, ahead - len(flying))
        if not flying:
            return found
        sample = flying.pop(shuffle.randrange(len(flying)))
        found += precise.count(ended(sample, values[sample.id]))


def test_where_it_stops_does_not_hang_on_who_answers_first() -> None:
    luck = random.Random(3)
    values = {sample.id: float(luck.random() < 0.9) for sample in MANY}
    runs = [
        counted(SamplesUntilPrecise(shuffled(MANY), 0.02), values, ahead, seed)
        for ahead, seed in ((1, 0), (64, 1), (500, 2))
    ]

    assert runs[0] == runs[1] == runs[2]
    low, high = wilson(sum(o.score.value for o in runs[0] if o.score), len(runs[0]))
    assert (high - low) / 2 <= 0.02
    assert (len(runs[0]) - FIRST_LOOK) % LOOK_EVERY == 0
    assert FIRST_LOOK < len(runs[0]) < 1500


def test_too_few_samples_are_all_counted() -> None:
    few = MANY[:130]
    precise = SamplesUntilPrecise(few, 0.01)
    values = {sample.id: 1.0 for sample in few}

    assert len(counted(precise, values, 16, 0)) == 130
    assert not precise.stopped


def test_what_has_ended_is_not_lost_when_the_run_ends() -> None:
    precise = SamplesUntilPrecise(MANY, 0.02)
    assert not [o for sample in MANY[:99] for o in precise.count(ended(sample, 1.0))]

    assert len(list(precise.rest())) == 99


def test_samples_that_were_not_measured_count_but_add_nothing() -> None:
    precise = SamplesUntilPrecise(MANY, 0.02)
    found = [o for s in MANY[:100] for o in precise.count(ended(s, 1.0, "judge_unparsed"))]

    assert len(found) == 100
    assert not precise.stopped


def test_ratings_are_as_precise_as_they_spread() -> None:
    precise = SamplesUntilPrecise(MANY, 0.3, (1.0, 10.0))
    values = {sample.id: 6.0 + int(sample.id[2:]) % 3 for sample in MANY}

    assert len(counted(precise, values, 1, 0)) == 100
    assert precise.half_width == pytest.approx(1.96 * 0.8165 / 10, rel=0.02)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_looking_often_leaves_the_interval_right_about_19_times_of_20(p: float) -> None:
    luck = random.Random(7)
    samples, covered = MANY[:1000], 0
    for _ in range(200):
        values = {sample.id: float(luck.random() < p) for sample in samples}
        found = [
            o.score.value
            for o in counted(SamplesUntilPrecise(samples, 0.05), values, 1, 0)
            if o.score
        ]
        low, high = wilson(sum(found), len(found))
        covered += low <= p <= high

    assert covered / 200 > 0.9


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    folder = tmp_path / "data/openai/gsm8k/main"
    folder.mkdir(parents=True)
    rows = [{"question": f"{i} + 1?", "answer": f"#### {i % 10}"} for i in range(3000)]
    (folder / "test.jsonl").write_bytes(b"\n".join(map(orjson.dumps, rows)))
    return tmp_path / "data"


def test_a_run_stops_early_says_so_and_resumed_stops_at_the_same_sample(
    cli: Cli, stub: StubServer, mirror: Path, tmp_path: Path
) -> None:
    stub.reply = "Answer: 1"
    words = ("run", "gsm8k", "--model", "stub", "--base-url", stub.base_url, "--data-dir", mirror)
    words += ("--out", "r", "--precision", "0.04", "--concurrency", "8", "--progress", "plain")
    first = cli(*words)
    asked, row = stub.count, report(tmp_path / "r")["benchmarks"]["gsm8k"]
    again = cli(*words)
    asked_again = stub.count - asked
    journal = tmp_path / "r/responses.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[10::2]))
    resumed = cli(*words)

    assert first.returncode == again.returncode == resumed.returncode == 0, first.stderr
    low, high = row["ci95"]
    assert (high - low) / 2 <= 0.04
    assert FIRST_LOOK < row["samples"] == row["planned"] < asked < 600
    assert row["available"] == 3000
    assert f"stopped at {row['samples']} of 3,000 samples" in " ".join(first.stdout.split())
    assert f"gsm8k {row['samples']}/{row['samples']}" in first.stderr
    assert asked_again == 0
    assert stub.count > asked  # for what was taken out of the journal
    assert report(tmp_path / "r")["benchmarks"]["gsm8k"] == row
    assert len({o["id"] for o in outcomes(tmp_path / "r")}) == row["samples"]


def test_a_limit_still_holds(cli: Cli, stub: StubServer, mirror: Path, tmp_path: Path) -> None:
    stub.reply = "Answer: 1"
    words = ("run", "gsm8k", "--model", "stub", "--base-url", stub.base_url, "--data-dir", mirror)
    done = cli(*words, "--out", "r", "--precision", "0.001", "--limit", 60)

    assert done.returncode == 0, done.stderr
    row = report(tmp_path / "r")["benchmarks"]["gsm8k"]
    assert (row["samples"], row["stopped"]) == (60, None)


def test_what_is_no_longer_wanted_is_not_sent(
    cli: Cli, stub: StubServer, mirror: Path, tmp_path: Path
) -> None:
    stub.reply, stub.latency = "Answer: 1", 0.05
    done = cli(
        *("run", "gsm8k", "--model", "stub", "--base-url", stub.base_url, "--data-dir", mirror),
        *("--precision", "0.1", "--no-smoke", "--progress", "none", "--out", "r"),
    )

    row = report(tmp_path / "r")["benchmarks"]["gsm8k"]
    assert done.returncode == 0, done.stderr
    assert row["planned"] == FIRST_LOOK
    assert stub.count < FIRST_LOOK + 200  # with --concurrency auto: what was in flight, no more
