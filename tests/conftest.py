"""Fixtures: a stub server over real HTTP, and a mirror of a small data set."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.launch.launching import launch  # noqa: F401  # a fixture
from tests.stub import StubServer

Cli = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def anyio_backend() -> str:
    """The product runs on asyncio only."""
    return "asyncio"


@pytest.fixture(autouse=True)
def no_outside_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests say themselves where data and endpoints are."""
    for variable in ("EVALUATOR_DATA_DIR", "EVALUATOR_ENDPOINTS", "OPENAI_API_KEY"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def stub() -> Iterator[StubServer]:
    """A server that answers `Answer: B` to everything, at once."""
    with StubServer() as server:
        yield server


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """Runs the command line as a process of its own, in an empty folder."""

    def run(*words: object, cwd: Path = tmp_path) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "evaluator", *map(str, words)]
        return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300)

    return run
