"""The examples do what they say, the notebook in a real Jupyter kernel."""

import subprocess
import sys
from pathlib import Path

import nbformat
import orjson
import pytest
from nbclient import NotebookClient

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


def test_the_notebook_runs_in_a_jupyter_kernel(
    stub: StubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASE_URL", stub.base_url)
    monkeypatch.setenv("MODEL", "stub")
    kernels = tmp_path / "kernels" / "this"
    kernels.mkdir(parents=True)  # one that runs this Python, whatever else is installed
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": command, "display_name": "this", "language": "python"}
    (kernels / "kernel.json").write_bytes(orjson.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    notebook = nbformat.read(EXAMPLES / "notebook.ipynb", as_version=4)
    shown = nbformat.v4.new_code_cell(
        "print(sorted(report.benchmarks), cold.benchmarks['arc'].samples)"
    )
    notebook.cells.append(shown)

    NotebookClient(
        notebook, timeout=120, kernel_name="this", resources={"metadata": {"path": tmp_path}}
    ).execute()

    assert shown.outputs[0].text == "['arc', 'gsm8k'] 10\n"
