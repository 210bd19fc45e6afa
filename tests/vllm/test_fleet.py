"""A model and its judge from one file, both on the real vLLM: loaded side by side, and measured."""

import subprocess
import sys
from pathlib import Path

import orjson
import pytest

ROOT = Path(__file__).parents[2]
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
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1200)

    report = orjson.loads((tmp_path / "demo/report.json").read_bytes())
    row = report["benchmarks"]["alignbench"]
    assert done.returncode in (0, 1), done.stderr  # 1: this judge rarely gives a verdict
    assert (row["samples"], row["errors"]) == (2, 0)
    assert row["scored"] + row["judge_unparsed"] == 2
    assert "answers: judge" in done.stderr
    assert "no process of it is left" in done.stderr
