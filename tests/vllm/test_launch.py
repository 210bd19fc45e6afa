"""The real vLLM on the CPU, started and stopped with the demo model. Needs .venv-vllm."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]

ASK = """
import json, os, urllib.request
(endpoint,) = json.load(open(os.environ["EVALUATOR_ENDPOINTS"]))["endpoints"]
print(urllib.request.urlopen(endpoint["base_url"] + "/models").read().decode())
"""


@pytest.mark.vllm
def test_the_demo_model_is_served_and_nothing_is_left(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    words = ["with", "--model", "demo", "--log", str(log), "--", sys.executable, "-c", ASK]
    before = set(psutil.pids())
    done = subprocess.run(
        [sys.executable, "-m", "launch", *words], cwd=ROOT, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    assert '"id":"demo"' in done.stdout
    assert [line for line in map(command_line, set(psutil.pids()) - before) if "vllm" in line] == []


def command_line(pid: int) -> str:
    try:
        process = psutil.Process(pid)
        return f"{process.name()} {' '.join(process.cmdline())}".lower()
    except psutil.NoSuchProcess:
        return ""
