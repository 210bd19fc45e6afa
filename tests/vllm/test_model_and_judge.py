"""A model and its judge, both on the real vLLM: each started by one command, and measured.

They stand in one file so that not four servers are in memory at once.
"""

import sys
from pathlib import Path

import orjson
import pytest

from tests.vllm.judging import check_judged_run
from tests.vllm.serving import run

FLEET = """
[[server]]
model = "demo"

[[server]]
model = "demo-forgetful"
name = "judge"
role = "judge"
flags = ["--max-num-seqs", "8"]
"""


@pytest.mark.vllm
def test_a_model_and_its_judge_are_served_from_one_file(tmp_path: Path) -> None:
    (tmp_path / "fleet.toml").write_text(FLEET)
    words = ["--fleet", f"{tmp_path}/fleet.toml", "--benchmarks", "alignbench", "--limit", "2"]
    words += ["--data", "builtin", "--out", f"{tmp_path}/{{model}}"]
    args = "--param max_tokens=16 --judge-param max_tokens=32 --progress none --no-smoke"
    command = [sys.executable, "-m", "launch", "eval", *words, f"--args={args}"]
    done = run(*command, timeout=1200)

    report = orjson.loads((tmp_path / "demo/report.json").read_bytes())
    row = report["benchmarks"]["alignbench"]
    assert done.returncode in (0, 1), done.stderr  # 1: this judge rarely gives a verdict
    assert (row["samples"], row["errors"]) == (2, 0)
    assert row["scored"] + row["judge_unparsed"] == 2
    assert "answers: judge" in done.stderr
    assert "no process of it is left" in done.stderr


@pytest.mark.vllm
def test_every_answer_is_judged_by_a_server_of_the_judges_own(tmp_path: Path) -> None:
    check_judged_run(tmp_path / "run", "JUDGE=demo", servers=2)
