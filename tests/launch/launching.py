"""Starts `python -m launch` on a small fake of vLLM, and proves that nothing of it is left."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from launch.processes import process_tree

ROOT = Path(__file__).parents[2]
PATIENCE = 10.0

FAKE_VLLM = f"""#!{sys.executable} -S
import os, subprocess, sys, time

if sys.argv[1] == "-c":  # whether vLLM is installed
    sys.exit(int(os.environ.get("FAKE_MISSING", "0")))

flag = lambda name: sys.argv[sys.argv.index(name) + 1]
mode = "dies" if flag("--served-model-name") == "bad" else os.environ.get("FAKE_MODE", "ready")
sleep = "import time; time.sleep(60)"
child = subprocess.Popen([sys.executable, "-S", "-c", sleep])
with open("pids", "a") as file:
    print(os.getpid(), child.pid, file=file)
if mode == "dies":
    print("loading\\nRuntimeError: CUDA out of memory.", flush=True)
    sys.exit(1)
if mode == "loads":
    print("(EngineCore pid=7) INFO 11-22 18:29:55 [core.py:1] Loading weights", flush=True)
    time.sleep(60)

from http.server import BaseHTTPRequestHandler, HTTPServer

name = "stranger" if mode == "stranger" else flag("--served-model-name")

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        if self.path == "/v1/models":
            self.wfile.write(('{{"data": [{{"id": "%s"}}]}}' % name).encode())

HTTPServer(("127.0.0.1", int(flag("--port"))), Handler).serve_forever()
"""

Launch = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    """Starts `python -m launch WORDS...` in tmp_path; afterwards nothing of it may be left."""
    fake = tmp_path / "fake-python"
    fake.write_text(FAKE_VLLM, encoding="utf-8")
    fake.chmod(0o755)
    started = []

    def start(*words: str, **variables: str) -> subprocess.Popen[str]:
        environment = {
            **{name: value for name, value in os.environ.items() if name != "EVALUATOR_ENDPOINTS"},
            "EVALUATOR_CACHE_DIR": str(tmp_path / "cache"),
            "PYTHONPATH": str(ROOT),
            **variables,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "launch", *words],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append((process, process_tree.identity(process.pid)))
        return process

    yield start

    for process, leader in started:
        process_tree.stop(leader, timeout=0)
        process.communicate()


def server_pids(directory: Path) -> list[int]:
    path = directory / "pids"
    return [int(pid) for pid in path.read_text().split()] if path.exists() else []


def wait_until(true: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)


def living(pids: list[int]) -> list[int]:
    """Without those that ended and that init has not collected yet."""
    return [
        pid
        for pid in pids
        if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    ]


def python(code: str) -> tuple[str, ...]:
    return ("--", sys.executable, "-S", "-c", code)
