"""Words and types that tests of throughput runs share."""

from collections.abc import Callable
from typing import Any

from evaluator.results.perf import PerfReport
from tests.stub import StubServer

Measured = Callable[..., PerfReport]
QUIET = ("--progress", "none", "--out", "r")
SHORT = ("--prompt-tokens", 20, "--output-tokens", 4, *QUIET)


def bodies(stub: StubServer) -> list[Any]:
    return [request.body for request in stub.requests]
