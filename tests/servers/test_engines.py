"""Engines other than vLLM, started for real by `launch`: measured, and nothing of them is left."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
import psutil
import pytest

from tests.servers.running import ROOT, VLLM_PYTHON, cut_demo_model

pytestmark = pytest.mark.servers
PATIENCE = 900.0
OWN = (
    f"{VLLM_PYTHON} -m vllm.entrypoints.openai.api_server --model {{model}} "
    "--served-model-name {name} --host {host} --port {port} --enforce-eager --max-model-len 2048"
)
ENGINES = {
    "transformers": ("--engine", "transformers", "--vllm-python", str(VLLM_PYTHON)),
    "command": ("--engine", "command", "--engine-command", OWN),
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield cut_demo_model(tmp_path_factory.mktemp("engines"))


def ours(word: str) -> list[str]:
    """Command lines of processes with the word in them."""
    found = [each.info["cmdline"] or [] for each in psutil.process_iter(["cmdline"])]
    return [" ".join(words) for words in found if any(word in each for each in words)]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_model_is_served_and_measured(engine: str, model: Path, tmp_path: Path) -> None:
    words = ["--model", str(model), *ENGINES[engine], "--benchmarks", "arc", "--limit", "2"]
    words += ["--data", "builtin", "--out", f"{tmp_path}/{{model}}"]
    words += ["--args", "--param max_tokens=8 --progress none --shots 0"]
    command = [sys.executable, "-m", "launch", "eval", *words]
    environment = {**os.environ, "VLLM_CPU_KVCACHE_SPACE": "1"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE
    )

    assert done.returncode == 0, done.stderr
    report = orjson.loads((tmp_path / model.name / "report.json").read_bytes())
    row = report["benchmarks"]["arc"]
    assert (row["samples"], row["errors"]) == (2, 0)
    assert "no process of it is left" in done.stderr
    assert ours(str(model)) == []
