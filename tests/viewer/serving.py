"""The viewer as a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.processes import started


@contextmanager
def served(*words: object) -> Iterator[str]:
    """`evaluator view` with these words; the address that it prints, without the last slash."""
    command = [sys.executable, "-m", "evaluator", "view", *map(str, words)]
    with started(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout
        line = process.stdout.readline()
        assert line.startswith("http://"), line + process.stdout.read()
        yield line.strip().rstrip("/")
