"""Servers that `launch` adds to its file while a run asks the others."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.stub import StubServer
from tests.waiting import wait_until

KEY = "FLEET_KEY"


def listed(file: Path, *entries: tuple[StubServer, str], died: Path) -> None:
    """The file of `launch`, with these servers and roles."""
    more = {"api_key_env": KEY, "gpus": 1, "died": str(died)}
    found = [
        {"role": role, "model": (stub.models or ["stub"])[0], "base_url": stub.base_url, **more}
        for stub, role in entries
    ]
    scratch = file.with_suffix(".new")
    scratch.write_text(json.dumps({"endpoints": found}))
    scratch.replace(file)


def run(folder: Path, file: Path, *words: str) -> "subprocess.Popen[str]":
    rows = [f"What is the number {i}?,B" for i in range(60)]
    (folder / "q.csv").write_text("\n".join(["question,answer", *rows, ""]))
    command = [sys.executable, "-m", "evaluator", "run", *words, "--progress", "none"]
    return subprocess.Popen(
        [*command, "--out", "out", "--concurrency", "2"],
        cwd=folder,
        env={**os.environ, "EVALUATOR_ENDPOINTS": str(file), KEY: "secret"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_a_server_that_joins_is_asked_and_one_that_left_is_not_missed(tmp_path: Path) -> None:
    """Its key is read from the variable that the file names."""
    file, died = tmp_path / "endpoints.json", tmp_path / "died"
    slow = {"latency": 0.5, "api_key": "secret", "models": ["a"]}
    with StubServer(**slow) as first, StubServer(**slow) as second:
        listed(file, (first, "model"), died=died)
        process = run(tmp_path, file, "qa:q.csv")
        wait_until(lambda: first.count)
        listed(file, (first, "model"), (second, "model"), died=died)
        wait_until(lambda: second.count)
        first.stop()
        said, _ = process.communicate(timeout=60)
        first.start()  # its own end stops it

    assert process.returncode == 0, said
    report = json.loads((tmp_path / "out/report.json").read_text())
    assert report["benchmarks"]["qa:q.csv"]["errors"] == 0
    assert "secret" not in "".join(each.read_text() for each in (tmp_path / "out").glob("*.json"))


def test_a_judge_that_joins_is_asked_with_its_key(tmp_path: Path) -> None:
    file, died = tmp_path / "endpoints.json", tmp_path / "died"
    slow = {"latency": 0.4, "api_key": "secret", "reply": "Rating: [[6]]"}
    with (
        StubServer(models=["a"], api_key="secret") as model,
        StubServer(models=["j"], **slow) as judge,
        StubServer(models=["j"], **slow) as other,
    ):
        listed(file, (model, "model"), (judge, "judge"), died=died)
        words = ("mtbench", "--data", "builtin", "--judge-concurrency", "1")
        process = run(tmp_path, file, *words)
        wait_until(lambda: judge.count)
        listed(file, (model, "model"), (judge, "judge"), (other, "judge"), died=died)
        said, _ = process.communicate(timeout=60)

    assert process.returncode == 0, said
    assert other.count
