"""Processes that tests start, and that are over when the test is."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def started(command: Sequence[str | Path], **options: Any) -> Iterator["subprocess.Popen[Any]"]:
    """A process with the options of `subprocess.Popen`, which ends with the block at the latest."""
    with subprocess.Popen(command, **options) as process:
        try:
            yield process
        finally:
            process.kill()  # changes nothing once it has ended
