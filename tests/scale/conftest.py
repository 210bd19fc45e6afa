"""Fixtures: a real Slurm and a real Ray, and fleets that are launched there."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import psutil
import pytest

from launch.processes import process_tree
from tests.scale.ray_machines import PYTHON as RAY_PYTHON
from tests.scale.ray_machines import ray
from tests.scale.slurm_machines import lacking, slurm

ROOT = Path(__file__).parents[2]
Launch = Callable[..., "subprocess.Popen[str]"]


class Machines(Protocol):
    """A cluster with three machines, a GPU each."""

    name: str

    @property
    def variables(self) -> dict[str, str]: ...

    @property
    def jobs(self) -> list[str]: ...

    def cancel_one(self) -> None: ...

    def kill_a_node(self) -> None: ...


@pytest.fixture(params=["slurm", "ray"])
def machines(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Machines]:
    """Each of the two in turn, whole: the tests kill its nodes."""
    if request.param == "slurm" and (why := lacking()):
        pytest.skip(why)
    folder = tmp_path / "cluster"
    folder.mkdir()
    with (slurm if request.param == "slurm" else ray)(folder) as found:
        yield found


@pytest.fixture
def launch(machines: Machines, tmp_path: Path) -> Iterator[Launch]:
    """Starts `python -m launch WORDS...` there; afterwards no server may be left."""
    work = tmp_path / "work"
    work.mkdir()
    python = sys.executable if machines.name == "slurm" else str(RAY_PYTHON)
    started: list[tuple[subprocess.Popen[str], process_tree.ProcessIdentity]] = []

    def start(*words: str, terminal: int | None = None) -> "subprocess.Popen[str]":
        with (work / "messages").open("a") as said:
            process = subprocess.Popen(
                [python, "-m", "launch", *words],
                cwd=work,
                env={
                    **os.environ,
                    **machines.variables,
                    "EVALUATOR_CACHE_DIR": str(work / "cache"),
                    "PYTHONPATH": str(ROOT),
                    "COLUMNS": "200",
                    "TERM": "xterm",
                },
                stdout=terminal or subprocess.PIPE,
                stderr=terminal or said,
                text=True,
                start_new_session=True,
            )
        started.append((process, process_tree.identity(process.pid)))
        return process

    yield start
    for process, leader in started:
        process_tree.stop(leader)
        process.wait()
        if process.stdout:
            process.stdout.close()
    for pid in server_pids(work):
        if psutil.pid_exists(pid):
            psutil.Process(pid).kill()


def server_pids(work: Path) -> list[int]:
    """Those of all servers that ever ran."""
    file = work / "pids"
    return [int(each) for each in file.read_text().split()] if file.exists() else []
