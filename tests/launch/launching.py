"""Starts `python -m launch` on a small fake of vLLM, and proves that nothing of it is left."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from launch.processes import process_tree
from tests import waiting

ROOT = Path(__file__).parents[2]
wait_until = partial(waiting.wait_until, patience=10.0)

# What a fake server writes down. At its start it looks whether another one lives on its devices:
# one that was killed could not note its end.
TIMELINE = """
def note(*words):
    with open("timeline", "a") as file:
        print(*words, file=file)

def lives(pid):
    try:
        return open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False

def note_start(name):
    mine = os.environ["CUDA_VISIBLE_DEVICES"]
    note("start", os.getpid(), name, mine)
    for what, pid, *rest in map(str.split, open("timeline")):
        if what == "start" and pid != str(os.getpid()) and len(rest) > 1 and lives(pid):
            for device in set(rest[1].split(",")) & set(mine.split(",")):
                note("shared", device)
"""

FAKE_VLLM = f"""#!{sys.executable} -S
import json, os, signal, subprocess, sys, time

if sys.argv[1] == "-c":  # whether vLLM is installed, and for what
    print(os.environ.get("FAKE_BUILD", ""))
    sys.exit(int(os.environ.get("FAKE_MISSING", "0")))

if sys.argv[1].endswith("hub_snapshot.py"):
    with open("fetched", "a") as file:
        print(*sys.argv[2:], file=file)
    print(os.environ.get("FAKE_HUB", ""))
    sys.exit("FAKE_HUB" in os.environ)

{TIMELINE}
def leave(*_):
    note("stop", os.getpid())
    os._exit(0)

flag = lambda name: sys.argv[sys.argv.index(name) + 1]
signal.signal(signal.SIGTERM, leave)
note_start(flag("--served-model-name"))
mode = "dies" if flag("--served-model-name") == "bad" else os.environ.get("FAKE_MODE", "ready")
if os.environ["CUDA_VISIBLE_DEVICES"] == os.environ.get("FAKE_BROKEN"):
    mode = "dies"
sleep = "import time; time.sleep(60)"
child = subprocess.Popen([sys.executable, "-S", "-c", sleep])
with open("pids", "a") as file:
    print(os.getpid(), child.pid, file=file)
if mode == "dies":
    print("loading\\nRuntimeError: CUDA out of memory.", flush=True)
    note("stop", os.getpid())
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
            names = [name, *(word.split("=")[0] for word in sys.argv if "=" in word)]
            names += [json.loads(word)["name"] for word in sys.argv if word.startswith("{{")]
            listing = {{"data": [{{"id": each}} for each in names]}}
            self.wfile.write(json.dumps(listing).encode())

HTTPServer(("127.0.0.1", int(flag("--port"))), Handler).serve_forever()
"""

# Four cards, unless the test says otherwise
FAKE_SMI = """#!/bin/sh
test -z "$FAKE_CARDS" || { printf "$FAKE_CARDS"; exit; }
for index in 0 1 2 3; do echo "$index, NVIDIA H100, 580.65.06, 9.0"; done
"""

Launch = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    """Starts `python -m launch WORDS...` in tmp_path; afterwards nothing of it may be left.

    In no test two servers live on one device at the same time.
    """
    fake = tmp_path / "fake-python"
    fake.write_text(FAKE_VLLM, encoding="utf-8")
    fake.chmod(0o755)
    smi = tmp_path / "bin" / "nvidia-smi"
    smi.parent.mkdir()
    smi.write_text(FAKE_SMI)
    smi.chmod(0o755)
    outer = {
        name: value
        for name, value in os.environ.items()
        if name not in ("EVALUATOR_ENDPOINTS", "CUDA_VISIBLE_DEVICES")
    }
    started = []

    def start(*words: str, **variables: str) -> subprocess.Popen[str]:
        environment = {
            **outer,
            "PATH": f"{smi.parent}{os.pathsep}{os.environ['PATH']}",
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
    assert shared_devices(tmp_path) == []


def server_pids(directory: Path) -> list[int]:
    path = directory / "pids"
    return [int(pid) for pid in path.read_text().split()] if path.exists() else []


def timeline(directory: Path) -> list[list[str]]:
    """What servers did: start PID MODEL DEVICES, stop PID, and shared DEVICE."""
    path = directory / "timeline"
    return [line.split() for line in path.read_text().splitlines()] if path.exists() else []


def starts_of(directory: Path, model: str) -> int:
    return sum(event[0] == "start" and event[2] == model for event in timeline(directory))


def shared_devices(directory: Path) -> list[str]:
    """The devices that two servers occupied at the same time, at any time."""
    return [device for what, device, *_ in timeline(directory) if what == "shared"]


def living(pids: list[int]) -> list[int]:
    """Without those that ended and that init has not collected yet."""
    return [
        pid
        for pid in pids
        if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    ]


def python(code: str) -> tuple[str, ...]:
    return ("--", sys.executable, "-S", "-c", code)
