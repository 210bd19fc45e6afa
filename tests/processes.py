"""Processes that tests start, and that are over when the test is."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def printed(*words: object, cwd: Path, patience: float) -> str:
    """What a program prints.  Fails where it does, or takes longer than `patience` seconds."""
    done = subprocess.run(
        list(map(str, words)), cwd=cwd, capture_output=True, text=True, timeout=patience
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@contextmanager
def started(command: Sequence[str | Path], **options: Any) -> Iterator["subprocess.Popen[Any]"]:
    """A process with the options of `subprocess.Popen`, which ends with the block at the latest."""
    with subprocess.Popen(command, **options) as process:
        try:
            yield process
        finally:
            process.kill()  # changes nothing once it has ended
