"""Answers judged on the real vLLM: by the model itself, and by a server of the judge's own."""

import os
import subprocess
from pathlib import Path
from typing import Any

import orjson
import pytest

ROOT = Path(__file__).parents[2]


def make_eval(out: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    arguments = "--param max_tokens=48 --judge-param max_tokens=160 --progress plain"
    command = ["make", "eval", f"OUT={out}", "BENCHMARKS=alignbench", "DATA_DIR=", *words]
    environment = {k: v for k, v in os.environ.items() if k != "MAKEFLAGS"}
    return subprocess.run(
        [*command, f"ARGS={arguments}"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
    )


def report(run: Path) -> Any:
    return orjson.loads((run / "report.json").read_bytes())


@pytest.mark.vllm
@pytest.mark.parametrize(("judge", "servers"), [("self", 1), ("demo", 2)])
def test_every_answer_is_judged_or_counted(tmp_path: Path, judge: str, servers: int) -> None:
    run = tmp_path / "run"
    done = make_eval(run, f"JUDGE={judge}", "LIMIT=4")
    first = report(run)
    again = make_eval(run, f"JUDGE={judge}", "LIMIT=4")

    row = first["benchmarks"]["alignbench"]
    assert done.returncode == int(row["judge_unparsed"] > 0), done.stderr
    assert (row["samples"], row["errors"]) == (4, 0)
    assert row["scored"] > 0  # the schema makes even this judge readable
    assert row["dimensions"]["repaired"]["value"] > 0
    assert any("self-judged" in line for line in row["about"])
    assert done.stderr.count("no process of it is left") == servers
    assert again.returncode == done.returncode
    assert report(run)["benchmarks"] == first["benchmarks"]
    assert "vLLM" not in again.stderr  # nothing was started
