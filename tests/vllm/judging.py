"""AlignBench with the demo model as judge, made twice by `make eval`."""

import os
from pathlib import Path
from typing import Any

import orjson

from tests.vllm.serving import run

SAMPLES = 4


def check_judged_run(out: Path, *words: str, servers: int) -> None:
    """Every answer is judged or counted, and the second time neither asks nor starts anything."""
    arguments = "--param max_tokens=48 --judge-param max_tokens=160 --progress plain"
    command = ["make", "eval", f"OUT={out}", "BENCHMARKS=alignbench", "DATA_DIR=", *words]
    command += [f"LIMIT={SAMPLES}", f"ARGS={arguments}"]
    environment = {k: v for k, v in os.environ.items() if k != "MAKEFLAGS"}
    done = run(*command, beside=environment)
    first = report(out)
    again = run(*command, beside=environment)
    second = report(out)

    row = first["benchmarks"]["alignbench"]
    assert done.returncode == int(row["judge_unparsed"] > 0), done.stderr
    assert (row["samples"], row["errors"]) == (SAMPLES, 0)
    assert row["scored"] > 0  # the schema makes even this judge readable
    assert row["dimensions"]["repaired"]["value"] > 0
    assert any("self-judged" in line for line in row["about"])
    assert done.stderr.count("no process of it is left") == servers
    assert again.returncode == done.returncode
    assert (second["benchmarks"], second["serving"]["requests"]) == (first["benchmarks"], 0)
    assert "vLLM" not in again.stderr  # nothing was started


def report(out: Path) -> Any:
    return orjson.loads((out / "report.json").read_bytes())
