"""Which model a run measured, on the real vLLM server: restarts are told from other weights."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.vllm.serving import Environment, run, served


def evaluate(out: Path, beside: Environment) -> "subprocess.CompletedProcess[str]":
    """A run beside a server of a model that is served as "demo" whichever it is."""
    words = ["run", "arc", "--model", "demo", "--data", "builtin", "--limit", "3"]
    words += ["--param", "max_tokens=8", "--out", str(out)]
    return run(sys.executable, "-m", "evaluator", *words, beside=beside)


def read(out: Path) -> Any:
    return orjson.loads((out / "run.json").read_bytes())


@pytest.mark.vllm
def test_a_restarted_server_resumes_and_other_weights_do_not(
    beside_demo: Environment, tmp_path: Path
) -> None:
    out = tmp_path / "r"
    first = evaluate(out, beside_demo)
    with served("demo", tmp_path / "log", "--max-num-seqs", "2") as beside_another:
        restarted = evaluate(out, beside_another)
    found = read(out)["identity"]["model:demo"]
    name = ("--served-model-name", "demo")
    with served("demo-forgetful", tmp_path / "log2", *name) as beside_forgetful:
        other = evaluate(out, beside_forgetful)
        about = read(out)
        unseen = found | {"root": "", "weights": None}  # as of a server on another machine
        about["identity"]["model:demo"] = unseen
        (out / "run.json").write_bytes(orjson.dumps(about))
        by_replies = evaluate(out, beside_forgetful)

    assert first.returncode == restarted.returncode == 0, restarted.stderr
    assert "0 requests sent · 3 replayed" in restarted.stdout
    assert Path(found["root"]).is_dir()
    assert found["weights"]["files"] >= 1
    assert found["version"]
    assert len(found["replies"]) == len([each for each in found["logprobs"] if each]) == 5
    assert other.returncode == by_replies.returncode == 2
    assert "root '" in other.stderr
    assert "replies at temperature 0 are others" in by_replies.stderr
