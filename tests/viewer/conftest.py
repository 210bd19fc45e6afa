"""A folder with results of every kind, and the viewer of it without a network."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from starlette.testclient import TestClient

from evaluator.viewer.app import application
from evaluator.viewer.guard import AccessRules
from tests.pages.test_run_page import HOSTILE
from tests.stub import StubServer

HOSTILE_NAME = "<img src=x onerror=alert(4)>"
HERE = AccessRules(frozenset({"127.0.0.1", "localhost"}))
Viewed = Callable[..., TestClient]


def reply(body: dict[str, Any]) -> str:
    """The two models differ in some questions; one reply of a few is hostile."""
    place = len(str(body["messages"])) + 3 * (body["model"] == "tuned")
    return (HOSTILE, "Answer: A", "Answer: C", "I do not know.")[place % 4]


@pytest.fixture(scope="session")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs of three models, one with a hostile name, a comparison and a throughput run."""
    folder = tmp_path_factory.mktemp("measured")

    def call(*words: str) -> None:
        command = [sys.executable, "-m", "evaluator", *words]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)

    with StubServer(reply=reply, models=["base", "tuned", HOSTILE_NAME]) as stub:
        at = ("--base-url", stub.base_url, "--progress", "none")
        for model, out in (("base", "base"), ("tuned", "tuned"), (HOSTILE_NAME, "deep/er/third")):
            asked = ("run", "arc", "gsm8k", "--data", "builtin", "--model", model)
            call(*asked, *at, "--out", f"runs/{out}")
        few = ("run", "arc", "--data", "builtin", "--model", "base", "--limit", "6", "--shots", "1")
        call(*few, *at, "--out", "runs/few", "--tag", "quick", "--note", "A first look.")
        call("compare", "runs/base", "runs/tuned")
        load = ("--concurrency", "2", "--requests", "4", "--repeats", "1", "--model", "base")
        call("perf", *load, *at, "--out", "runs/perf")
    return folder / "runs"


@pytest.fixture
def runs(measured: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return copytree(measured, tmp_path / "runs")


@pytest.fixture
def viewed() -> Iterator[Viewed]:
    """Makes a browser that asks the viewer of some folders."""
    clients: list[TestClient] = []

    def view(*roots: Path, rules: AccessRules = HERE) -> TestClient:
        client = TestClient(application(roots, rules), "http://127.0.0.1:8000")
        clients.append(client)
        return client

    yield view
    for client in clients:
        client.close()
