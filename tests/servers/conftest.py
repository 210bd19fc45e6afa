"""One server of each kind for all tests, and the evaluator as a process beside it."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.servers.running import Server, litellm_proxy, llama_cpp_server, transformers_serve

KEY = "EVALUATOR_TEST_KEY"
Evaluate = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(scope="session")
def transformers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with transformers_serve(tmp_path_factory.mktemp("transformers")) as server:
        yield server


@pytest.fixture(scope="session")
def litellm(transformers: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with litellm_proxy(transformers, tmp_path_factory.mktemp("litellm")) as server:
        yield server


@pytest.fixture(scope="session")
def llama_cpp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with llama_cpp_server(tmp_path_factory.mktemp("llama-cpp")) as server:
        yield server


@pytest.fixture(
    scope="session",
    params=["transformers", "litellm", pytest.param("llama_cpp", marks=pytest.mark.llama_cpp)],
)
def server(request: pytest.FixtureRequest) -> Server:
    """Each of them in turn."""
    found: Server = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def start(server: Server, tmp_path: Path) -> Iterator[Evaluate]:
    """Starts a command of the evaluator against the server; none outlives its test."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: object) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "evaluator", *map(str, words)]
        command += ["--base-url", server.url, "--model", server.model]
        command += ["--api-key-env", KEY] if server.key else []
        process = subprocess.Popen(
            command,
            cwd=tmp_path,
            env={**os.environ, KEY: server.key, "COLUMNS": "200"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
