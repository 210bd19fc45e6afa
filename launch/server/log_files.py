"""Where the logs of servers lie, and how a model's name becomes part of a file name."""

import os
import re
import time
from pathlib import Path


def file_name(name: str) -> str:
    """A hub id or a path as part of a file name."""
    return re.sub(r"[^\w.-]+", "-", name).strip("-.") or "server"


def run_log(name: str) -> Path:
    """runs/logs/NAME-TIME-PROCESS.log in the current folder, with the local time.

    Two processes may serve models of one name in the same second, as the tasks of a Slurm array do.
    """
    stamp = time.strftime("%Y%m%d-%H%M%S")
    return Path("runs", "logs", f"{file_name(name)}-{stamp}-{os.getpid()}.log")
