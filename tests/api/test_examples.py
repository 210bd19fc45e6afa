"""The examples do what they say, the notebook's cells within a running event loop."""

import ast
import asyncio
import inspect
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cli
from tests.stub import StubServer

EXAMPLES = Path(__file__).parents[2] / "examples"


def script(name: str, *words: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(EXAMPLES / name), *words]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120)


def test_an_endpoint_is_evaluated(stub: StubServer, tmp_path: Path) -> None:
    done = script("evaluate_endpoint.py", stub.base_url, "stub", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["gsm8k", "arc"]

    stub.stop()
    gone = script("evaluate_endpoint.py", stub.base_url, "other", cwd=tmp_path)
    assert gone.returncode == 1
    assert gone.stderr.startswith("error: ")
    assert len(gone.stderr.splitlines()) == 1


def test_a_benchmark_of_ones_own_is_run_by_script_and_by_name(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    stub.reply = lambda body: "Paris"
    done = script("own_benchmark.py", stub.base_url, "stub", cwd=tmp_path)
    named = f"{EXAMPLES}/own_benchmark.py:CAPITALS"
    at = ("--model", "stub", "--base-url", stub.base_url, "--progress", "none")
    by_name = cli("run", named, *at)

    assert done.stdout == "33.3% of 3 capitals\n", done.stderr
    assert by_name.returncode == 0, by_name.stderr


def test_two_models_are_compared(stub: StubServer, tmp_path: Path) -> None:
    stub.models = ["one", "two"]
    stub.reply = lambda body: f"Answer: {'B' if body['model'] == 'one' else 'A'}"
    done = script("compare_runs.py", stub.base_url, "one", "two", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("arc: ")


def test_the_notebook_runs(
    stub: StubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BASE_URL", stub.base_url)
    monkeypatch.setenv("MODEL", "stub")
    cells = json.loads((EXAMPLES / "notebook.ipynb").read_text(encoding="utf-8"))["cells"]
    names: dict[str, Any] = {}

    async def kernel() -> None:
        for cell in cells:
            if cell["cell_type"] == "code":
                code = compile(
                    "".join(cell["source"]), "cell", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
                )
                if inspect.iscoroutine(made := eval(code, names)):
                    await made

    asyncio.run(kernel())
    assert set(names["report"].benchmarks) == {"arc", "gsm8k"}
    assert names["cold"].benchmarks["arc"].samples == 10
