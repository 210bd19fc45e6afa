"""A real vLLM server for as long as a test, or several, ask it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import PIPE

import psutil

ROOT = Path(__file__).parents[2]
# The COMMAND: tells where the endpoints are noted, and ends when its input does.
STAY = "import os, sys; print(os.environ['EVALUATOR_ENDPOINTS'], flush=True); sys.stdin.read()"

Environment = Mapping[str, str]


@contextmanager
def served(model: str, log: Path, *flags: str) -> Iterator[Environment]:
    """The environment that `launch with` gives a COMMAND beside a server of the model."""
    words = ["with", "--model", model, "--log", str(log), *(["--", *flags, "--"] if flags else [])]
    command = [sys.executable, "-m", "launch", *words, sys.executable, "-c", STAY]
    with subprocess.Popen(command, cwd=ROOT, stdin=PIPE, stdout=PIPE, text=True) as process:
        assert process.stdin and process.stdout
        try:
            endpoints = process.stdout.readline().strip()
            assert endpoints, f"{model} was not served; {log}"
            yield {**os.environ, "EVALUATOR_ENDPOINTS": endpoints}
        finally:
            process.stdin.close()
    assert process.returncode == 0


def run(
    *command: object, beside: Environment | None = None, timeout: float = 900
) -> "subprocess.CompletedProcess[str]":
    """A command in the project's folder, by itself or beside a server."""
    return subprocess.run(
        list(map(str, command)),
        cwd=ROOT,
        env=beside,
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def url_of(beside: Environment) -> str:
    """Of the server that a COMMAND finds there, as ENDPOINT= takes it."""
    listing = json.loads(Path(beside["EVALUATOR_ENDPOINTS"]).read_bytes())
    return str(listing["endpoints"][0]["base_url"])


def unattended(pids: Iterable[int]) -> list[str]:
    """Those of the processes that are vLLM's, run here, and have no test above them."""
    tests = {os.getpid(), os.getppid()}  # the second: of xdist, above the other worker too
    found = []
    for pid in pids:
        with suppress(psutil.Error):
            process = psutil.Process(pid)
            line = f"{process.name()} {' '.join(process.cmdline())}"
            above = {each.pid for each in process.parents()}
            if "vllm" in line.lower() and process.cwd() == str(ROOT) and not tests & above:
                found.append(line)
    return found
