"""Which model a run measured, on the real vLLM server: restarts are told from other weights."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

ROOT = Path(__file__).parents[2]


def evaluate(out: Path, model: str, *flags: str) -> "subprocess.CompletedProcess[str]":
    """A run beside a server of that model, which is served as "same" whichever it is."""
    served = ["--", "--served-model-name", "same", *flags]
    words = ["with", "--model", model, "--log", str(out.with_suffix(".log")), *served, "--"]
    words += [sys.executable, "-m", "evaluator", "run", "arc", "--model", "same"]
    words += ["--data", "builtin", "--limit", "3", "--param", "max_tokens=8", "--out", str(out)]
    command = [sys.executable, "-m", "launch", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)


def identity(out: Path) -> Any:
    return orjson.loads((out / "run.json").read_bytes())["identity"]["model:same"]


@pytest.mark.vllm
def test_a_restarted_server_resumes_and_other_weights_do_not(tmp_path: Path) -> None:
    first = evaluate(tmp_path / "r", "demo")
    restarted = evaluate(tmp_path / "r", "demo", "--max-num-seqs", "2")
    other = evaluate(tmp_path / "r", "demo-forgetful")
    found = identity(tmp_path / "r")
    unseen = found | {"root": "", "weights": None}  # as of a server on another machine
    about = orjson.loads((tmp_path / "r/run.json").read_bytes())
    about["identity"]["model:same"] = unseen
    (tmp_path / "r/run.json").write_bytes(orjson.dumps(about))
    by_replies = evaluate(tmp_path / "r", "demo-forgetful")

    assert first.returncode == restarted.returncode == 0, restarted.stderr
    assert "0 requests sent · 3 replayed" in restarted.stdout
    assert Path(found["root"]).is_dir()
    assert found["weights"]["files"] >= 1
    assert found["version"]
    assert len(found["replies"]) == len([each for each in found["logprobs"] if each]) == 5
    assert other.returncode == by_replies.returncode == 2
    assert "root '" in other.stderr
    assert "replies at temperature 0 are others" in by_replies.stderr
