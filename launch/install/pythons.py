"""Which Python makes an environment: the one that runs this, or a better one that is found.

Runs on any python3 from 3.6 on (see `__main__`): no newer syntax, no newer library.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Iterator, List, NamedTuple, Optional, Sequence, Tuple

from ..locale import N_, joined

Version = Tuple[int, int]

OLDEST = (3, 11)
NEWEST = {"cpu": (3, 14), "gpu": (3, 14)}  # vLLM's wheels; the project itself sets no limit
FOLDERS = {
    "project": ".venv",
    "cpu": ".venv-vllm",
    "gpu": ".venv-vllm-gpu",
    "docs": ".venv-docs",
    "litellm": ".venv-litellm",
    "llama-cpp": ".venv-llama-cpp",
    "transformers": ".venv-transformers",
    "ray": ".venv-ray",
}
# The oldest that will do comes first: packages with compiled parts reach a new Python last.
NAMES = ("python3.11", "python3.12", "python3.13", "python3.14", "python3")
SPLIT_OFF = ("venv", "ensurepip")  # Debian and Ubuntu have these in a package of their own
QUESTION = (
    "import sys; from importlib.util import find_spec; "
    "print(*sys.version_info[:3]); print(*[n for n in %r if find_spec(n) is None])" % (SPLIT_OFF,)
)
QUERY_TIMEOUT = 20.0
MARKER = ".ready"
CAN_SERVE = "can-serve"


class Arguments(NamedTuple):
    """`named`: the user chose this Python. `settled`: `find` chose it, and `remark` says why.

    `check`: nothing is installed, only what would prevent it is told.
    """

    environment: str
    named: bool
    settled: bool
    remark: str
    check: bool
    installer: str
    torch_index: str
    gpus: str = ""


class Python(NamedTuple):
    path: str
    version: Tuple[int, ...]
    lacks: Tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.path} (Python {'.'.join(map(str, self.version))})"


class Found(NamedTuple):
    """Either a path, with a remark if it is not the Python that was asked for, or a problem."""

    path: str = ""
    remark: str = ""
    problem: str = ""


def parse(words: Sequence[str], root: Path) -> Optional[Arguments]:
    """What to install; None where `can-serve` has nothing to check."""
    parser = argparse.ArgumentParser(prog="launch/install")
    parser.add_argument(
        "environment",
        choices=[*sorted(FOLDERS), CAN_SERVE],
        help=CAN_SERVE + ": check the server's, before the project is installed for the first time",
    )
    parser.add_argument(
        "--python-from",
        default="",
        metavar="ORIGIN",
        help="where make has PYTHON from: file is its own",
    )
    parser.add_argument("--installer", default="", help="pip or uv (default: what there is)")
    parser.add_argument("--torch-index", default="", help="an index with PyTorch's CPU builds")
    parser.add_argument("--gpus", default="", help=CAN_SERVE + ": the GPUs to serve on")
    parser.add_argument("--endpoint", default="", help=CAN_SERVE + ": servers that run already")
    parser.add_argument("--vllm-python", default="", help=CAN_SERVE + ": a Python that has vLLM")
    parser.add_argument("--engine", default="", help=CAN_SERVE + ": what serves")
    parser.add_argument("--dry-run", action="store_true", help=CAN_SERVE + ": nothing is served")
    parser.add_argument("--settled", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--remark", default="", help=argparse.SUPPRESS)
    given = parser.parse_args(words)
    named = given.python_from not in ("", "file")
    check = given.environment == CAN_SERVE
    environment = given.environment
    if check:
        environment = server_environment(given.gpus, given.engine, sys.platform)
        installed = (root / FOLDERS["project"] / MARKER).exists()
        if given.endpoint or given.vllm_python or given.dry_run or installed or not environment:
            return None
    return Arguments(
        environment,
        named,
        given.settled,
        given.remark,
        check,
        given.installer,
        given.torch_index,
        given.gpus,
    )


def server_environment(gpus: str, engine: str, system: str) -> str:
    """Which environment serves; empty where the user brings the engine.

    On macOS vLLM has no wheel, and transformers serves. Elsewhere vLLM's has transformers too.
    """
    if engine not in ("", "vllm", "transformers"):
        return ""
    if system == "darwin" and engine != "vllm":
        return "transformers"
    return "gpu" if gpus else "cpu"


def find(arguments: Arguments, root: Path) -> Found:
    own = Python(sys.executable, tuple(sys.version_info[:3]), lacking())
    if arguments.settled or fits(own, arguments):
        return Found(own.path)
    if not arguments.named:
        for path in candidates(root / FOLDERS[arguments.environment]):
            other = probe(path)
            if other is not None and fits(other, arguments):
                return Found(
                    path, N_("{fault}; using {python}", fault=fault(own, arguments), python=other)
                )
    if own.version >= OLDEST and own.lacks and shutil.which("uv") and not arguments.installer:
        return Found(own.path)  # uv needs neither of them
    told = N_("{fault}, and no other that will do is on the PATH; {remedy}")
    if arguments.named:
        told = N_("{fault}; {remedy}")
    return Found(problem=N_(told, fault=fault(own, arguments), remedy=remedy(own, arguments)))


def fits(python: Python, arguments: Arguments) -> bool:
    return not fault(python, arguments)


def fault(python: Python, arguments: Arguments) -> str:
    """Why this Python cannot make the environment; nothing if it can."""
    newest = NEWEST.get(arguments.environment)
    if python.version < OLDEST:
        return N_("{python} is older than 3.11", python=python)
    if newest and python.version[:2] > newest:
        last = dotted(newest)
        return N_(
            "{python} is newer than {last}, the last that vLLM has a wheel for",
            python=python,
            last=last,
        )
    if python.lacks and arguments.installer != "uv":
        lacks = joined(N_(" and no "), map(repr, python.lacks))
        return N_("{python} has no module {lacks}", python=python, lacks=lacks)
    return ""


def remedy(python: Python, arguments: Arguments) -> str:
    """What to install, by the machine's own package manager, and how to name another Python."""
    mine = python.version[:2]
    ours = OLDEST <= mine <= NEWEST.get(arguments.environment, mine)
    version = dotted(mine) if ours else "3.12"
    if shutil.which("apt-get"):
        package = f"python{version}-venv" if ours else f"python{version} python{version}-venv"
        install = f"`apt install {package}`"
    elif sys.platform == "darwin":
        install = f"`brew install python@{version}`"
    elif shutil.which("dnf"):
        install = f"`dnf install python{version}`"
    else:
        install = N_("Python {version} with venv and pip", version=version)
    return N_(
        "install {install}, or name another Python: make PYTHON=python3.12 ...", install=install
    )


def candidates(folder: Path) -> Iterator[str]:
    """The Python that made the environment last time, those on the PATH, and uv's own."""
    yield from remembered(folder)
    for name in NAMES:
        for place in os.environ.get("PATH", "").split(os.pathsep):
            path = shutil.which(name, path=place)
            if path:
                yield path
    yield from known_to_uv()


def remembered(folder: Path) -> List[str]:
    try:
        marker = json.loads((folder / MARKER).read_text(encoding="utf-8"))
        return [marker["base"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def known_to_uv() -> List[str]:
    if not shutil.which("uv"):
        return []
    words = ["uv", "python", "find", "--no-python-downloads", "--system", ">=3.11,<3.15"]
    return _answer(words)[:1]


def probe(path: str) -> Optional[Python]:
    """What this Python says of itself; None if it does not run, as a shim of nothing."""
    answer = _answer([path, "-c", QUESTION])
    if not answer:
        return None
    try:
        version = tuple(int(part) for part in answer[0].split())
    except ValueError:
        return None
    return Python(path, version, tuple(" ".join(answer[1:]).split()))


def lacking() -> Tuple[str, ...]:
    return tuple(name for name in SPLIT_OFF if find_spec(name) is None)


def dotted(version: Sequence[int]) -> str:
    return ".".join(map(str, version))


def _answer(words: List[str]) -> List[str]:
    try:
        done = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            universal_newlines=True,
            timeout=QUERY_TIMEOUT,
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return done.stdout.splitlines() if done.returncode == 0 else []
