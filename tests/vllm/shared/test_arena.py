"""Two small recorded runs of the demo model, judged by itself on the real vLLM server."""

import sys
from pathlib import Path

import orjson
import pytest

from tests.vllm.serving import Environment, run

STEPS = """
import os, subprocess, sys
import orjson
os.chdir(sys.argv[1])
(endpoint,) = orjson.loads(open(os.environ["EVALUATOR_ENDPOINTS"], "rb").read())["endpoints"]
def evaluator(*words):
    subprocess.run([sys.executable, "-m", "evaluator", *words, "--progress", "none"], check=True)
for seed in ("1", "2"):
    evaluator("run", "gsm8k", "--model", "demo", "--data", "builtin", "--limit", "3", "--out", seed,
              "--param", "max_tokens=32", "--param", "temperature=1", "--param", "seed=" + seed)
judge = ("--judge-model", "demo", "--judge-base-url", endpoint["base_url"])
evaluator("arena", "1", "2", *judge, "--judge-param", "max_tokens=64", "--out", "arena")
"""


@pytest.mark.vllm
def test_the_demo_model_judges_two_runs_and_a_schema_makes_every_verdict_readable(
    beside_demo: Environment, tmp_path: Path
) -> None:
    done = run(sys.executable, "-c", STEPS, tmp_path, beside=beside_demo)

    assert done.returncode == 0, done.stderr
    made = orjson.loads((tmp_path / "arena/arena.json").read_bytes())
    battles = made["battles"]
    assert (battles["planned"], battles["errors"], battles["unreadable"]) == (3, 0, 0)
    assert made["self_family"] == ["1", "2"]
    assert all(700 < row["rating"] < 1300 for row in made["players"])
    records = (tmp_path / "arena/responses.jsonl").read_bytes().splitlines()
    replies = [orjson.loads(line)["text"] for line in records]
    assert any(text.startswith('{"verdict') or "[[" in text for text in replies)
