"""What this machine has: an interpreter with vLLM, GPUs, a free port, disk, a cache folder."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from launch.command import HOST
from launch.errors import StartError, UsageError
from launch.placement import Placement

VLLM_VENV = Path(".venv-vllm/bin/python")
QUERY_TIMEOUT = 20.0


def vllm_python(chosen: Path | None, placement: Placement) -> Path:
    """The interpreter that runs vLLM, made sure of: a missing vLLM is found before any wait."""
    if chosen is not None and shutil.which(chosen) is None:
        raise UsageError(f"--vllm-python {str(chosen)!r} is no program; name a Python interpreter")
    found = VLLM_VENV if VLLM_VENV.exists() else Path(sys.executable)
    # absolute(), not resolve(): behind its symbolic link a venv's Python is the system's
    python = (chosen or found).absolute()
    if not _has_vllm(python):
        remedy = "`make eval` makes .venv-vllm" if placement.on_cpu else "pip install .[vllm]"
        raise StartError(
            f"vLLM is not installed for {str(python)!r}; {remedy}, or name another --vllm-python"
        )
    return python


def unused_gpus(placement: Placement) -> int:
    """How many GPUs lie idle when the CPU is to do it all."""
    if not placement.on_cpu or shutil.which("nvidia-smi") is None:
        return 0
    try:
        listing = subprocess.run(
            ["nvidia-smi", "-L"], capture_output=True, text=True, timeout=QUERY_TIMEOUT
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    return sum(line.startswith("GPU ") for line in listing.stdout.splitlines())


def port_for(wanted: int | None) -> int:
    """The wanted port if it is free, else any free one."""
    with socket.socket() as listener:
        # as the server will do: a port of a server that ended just now is free
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, wanted or 0))
        except OSError as error:
            raise UsageError(
                f"port {wanted} cannot be had ({error.strerror}); choose another --port, or none"
            ) from error
        port: int = listener.getsockname()[1]
    return port


def cache_directory(environment: Mapping[str, str]) -> Path:
    if chosen := environment.get("EVALUATOR_CACHE_DIR"):
        return Path(chosen).absolute()
    home = environment.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return Path(home).absolute() / "evaluator"


def need_disk(directory: Path, gigabytes: float, purpose: str) -> None:
    existing = next(each for each in (directory, *directory.parents) if each.exists())
    free = shutil.disk_usage(existing).free / 1e9
    if free < gigabytes:
        raise StartError(
            f"{purpose} needs {gigabytes:.1f} GB and {str(existing)!r} has {free:.1f} GB free; "
            "free some, or set EVALUATOR_CACHE_DIR to a place with more"
        )


def _has_vllm(python: Path) -> bool:
    question = "import importlib.util, sys; sys.exit(importlib.util.find_spec('vllm') is None)"
    environment = {**os.environ, "PYTHONSAFEPATH": "1"}  # a folder called `vllm` here is not it
    try:
        asked = subprocess.run([python, "-c", question], env=environment, timeout=QUERY_TIMEOUT)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"{str(python)!r} does not run ({error}); name another Python") from error
    return asked.returncode == 0
