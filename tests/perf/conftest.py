"""Fixtures: a stub server that says as much as is asked for, and runs against it."""

from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from evaluator.perf.options import options
from evaluator.perf.sweep import run_sweep
from evaluator.results.perf import PerfReport
from tests.stub import StubServer
from tests.stub.replies import words

from .measuring import Measured


@pytest.fixture
def server(stub: StubServer) -> StubServer:
    """Says as many tokens as are asked for."""
    stub.reply = words
    return stub


@pytest.fixture
def measured(server: StubServer, tmp_path: Path) -> Measured:
    """A run in this process with short prompts; gives its report."""

    def run(**given: Any) -> PerfReport:
        usual = {"model": "stub", "base_url": [server.base_url], "out": tmp_path / "r"}
        prompts = {"prompt_tokens": "20", "output_tokens": "4"}
        if {"with_accuracy", "benchmark", "workload"} & set(given):
            prompts = {}
        chosen = options({**usual, **prompts, "progress": "none", **given})
        return run_sweep(chosen, Console(stderr=True))

    return run
