"""`make eval` as a newcomer types it, a few samples of each benchmark, on the real vLLM server."""

import os
import subprocess
from pathlib import Path
from typing import Any

import orjson
import psutil
import pytest

from tests.vllm.serving import run, unattended

SAMPLES = 3
BENCHMARKS = "arc bbh ceval cmmlu gsm8k ifeval math500 mmlu"


def make_eval(out: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = ["make", "eval", f"OUT={out}", f"LIMIT={SAMPLES}", f"BENCHMARKS={BENCHMARKS}", *words]
    environment = {k: v for k, v in os.environ.items() if k != "MAKEFLAGS"}
    return run(*command, beside=environment)


@pytest.mark.vllm
def test_make_eval_measures_on_a_real_server_and_a_second_time_sends_nothing(
    tmp_path: Path,
) -> None:
    words = ("DATA_DIR=", "ARGS=--param max_tokens=48 --progress plain --stream")
    before = set(psutil.pids())
    done = make_eval(tmp_path / "run", *words)
    left = unattended(set(psutil.pids()) - before)
    first = report(tmp_path / "run")
    again = make_eval(tmp_path / "run", *words)
    second = report(tmp_path / "run")

    assert done.returncode == again.returncode == 0, done.stderr
    rows = first["benchmarks"]
    samples = {name: row["samples"] for name, row in rows.items()}
    assert samples == dict.fromkeys(BENCHMARKS.split(), SAMPLES)
    assert all("built-in samples" in row["data"] for row in rows.values())
    assert sum(row["errors"] for row in rows.values()) == 0
    assert first["serving"]["output_tokens"] > len(rows) * SAMPLES
    assert 0 < first["serving"]["ttft"]["p50"] < first["serving"]["latency"]["p50"]
    assert 0 < first["serving"]["tpot"]["p50"] < 10
    assert "no process of it is left" in done.stderr
    assert left == []
    assert "server: " in done.stderr  # its own figures were read
    assert (second["serving"]["requests"], second["serving"]["replayed"]) == (
        0,
        len(rows) * SAMPLES,
    )
    assert second["benchmarks"] == rows
    assert "vLLM" not in again.stderr  # nothing was started


def report(run: Path) -> Any:
    return orjson.loads((run / "report.json").read_bytes())
