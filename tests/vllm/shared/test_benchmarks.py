"""Every benchmark of the table, with the demo model on a real vLLM server."""

import sys
from pathlib import Path

import orjson
import pytest

from evaluator.benchmarks import BENCHMARKS
from tests.vllm.serving import Environment, run

WORDS = (  # the demo model neither calls tools by itself nor ends its replies
    *("--data", "builtin", "--limit", "1", "--param", "max_tokens=24"),
    *("--judge-model", "self", "--judge-param", "max_tokens=160", "--allow-code"),
    *("--protocol", "react", "--no-smoke", "--progress", "none"),
)
SAID = {"scored", "unparsed", "truncated", "refused", "judge_unparsed"}


@pytest.mark.vllm
def test_every_benchmark_is_asked_scored_and_ends_in_a_state(
    beside_demo: Environment, tmp_path: Path
) -> None:
    words = ["run", *BENCHMARKS, *WORDS, "--out", tmp_path / "run"]
    done = run(sys.executable, "-m", "evaluator", *words, beside=beside_demo, timeout=1800)

    lines = (tmp_path / "run/outcomes.jsonl").read_bytes().splitlines()
    outcomes = [orjson.loads(line) for line in lines]
    assert {each["benchmark"] for each in outcomes} == {*BENCHMARKS}, done.stderr
    assert {each["status"] for each in outcomes} <= SAID, done.stderr
    assert done.returncode in (0, 1), done.stderr  # 1: a judge that could not be read
