"""What this machine has: a Python with vLLM, GPUs, a free port, disk space, a cache folder."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from ..errors import StartError, UsageError
from .command_line import HOST
from .placement import Placement

CPU_PYTHON = Path(".venv-vllm/bin/python")  # as `make` installs them
GPU_PYTHON = Path(".venv-vllm-gpu/bin/python")
QUERY_TIMEOUT = 20.0  # seconds


def vllm_python(chosen: Path | None, placement: Placement) -> Path:
    """The Python that runs vLLM: `chosen`, else that of `make`'s environment, else ours.

    Raises UsageError or StartError where it does not run or has no vLLM.
    """
    if chosen is not None and shutil.which(chosen) is None:
        raise UsageError(f"--vllm-python {str(chosen)!r} is no program; name a Python interpreter")
    installed = (CPU_PYTHON,) if placement.on_cpu else (GPU_PYTHON, CPU_PYTHON)
    found = next((path for path in installed if path.exists()), Path(sys.executable))
    # absolute(), not resolve(): a venv's Python is a symbolic link to the system's
    python = (chosen or found).absolute()
    if not _has_vllm(python):
        remedy = "`make eval` makes .venv-vllm" if placement.on_cpu else "pip install .[vllm]"
        raise StartError(
            f"vLLM is not installed for {str(python)!r}; {remedy}, or name another --vllm-python"
        )
    return python


def unused_gpus(placement: Placement) -> int:
    """How many GPUs this machine has, if the placement uses none of them."""
    if not placement.on_cpu or shutil.which("nvidia-smi") is None:
        return 0
    try:
        listing = subprocess.run(
            ["nvidia-smi", "-L"], capture_output=True, text=True, timeout=QUERY_TIMEOUT
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    return sum(line.startswith("GPU ") for line in listing.stdout.splitlines())


def free_port(wanted: int | None) -> int:
    """The wanted port; without one, any free port. Raises UsageError if it is taken."""
    with socket.socket() as listener:
        # as vLLM does: the port of a server that has just ended counts as free
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
    """$EVALUATOR_CACHE_DIR, else `evaluator` in the user's cache folder."""
    if chosen := environment.get("EVALUATOR_CACHE_DIR"):
        return Path(chosen).absolute()
    home = environment.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return Path(home).absolute() / "evaluator"


def require_disk_space(directory: Path, gigabytes: float, purpose: str) -> None:
    """Raises StartError where the disk of `directory` has less free space."""
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
