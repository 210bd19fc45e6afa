"""A base and two LoRA adapters on one real vLLM server: one command, one comparison."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.adapters import adapter

ROOT = Path(__file__).parents[2]
SAMPLES = 4


@pytest.mark.vllm
def test_a_base_and_its_adapters_are_measured_by_one_command(tmp_path: Path) -> None:
    one = adapter(tmp_path / "one", seed=1, weights=True)
    two = adapter(tmp_path / "two", seed=2, weights=True)
    runs = tmp_path / "runs"
    words = ["--models", f"demo demo+lora:{one} demo+lora:{two}", "--benchmarks", "gsm8k"]
    words += ["--limit", str(SAMPLES), "--data", "builtin", "--out", f"{runs}/{{model}}"]
    words += ["--args", "--param max_tokens=48 --progress plain"]

    def evaluate() -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "launch", "eval", *words]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1200)

    done = evaluate()
    again = evaluate()

    assert done.returncode == again.returncode == 0, done.stderr
    assert done.stderr.count("no process of it is left") == 1
    assert "vLLM" not in again.stderr  # nothing was started
    replies = [texts(runs / name) for name in ("demo", "one", "two")]
    assert [len(each) for each in replies] == [SAMPLES] * 3
    assert replies[0] != replies[1] != replies[2] != replies[0]
    (folder,) = runs.glob("compare-*")
    compared = read(folder / "compare.json")
    assert compared["base"]["model"] == "demo"
    assert [each["model"] for each in compared["comparisons"]] == ["one", "two"]
    identity = read(runs / "one" / "run.json")["identity"]["model:one"]
    assert (identity["root"], identity["weights"]["files"]) == (str(one), 1)


def texts(folder: Path) -> list[str]:
    lines = (folder / "samples.jsonl").read_text().splitlines()
    return [orjson.loads(line)["exchanges"][0]["reply"] for line in lines]


def read(path: Path) -> Any:
    return orjson.loads(path.read_bytes())
