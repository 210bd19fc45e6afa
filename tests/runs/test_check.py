"""`evaluator check`: what an endpoint can do, by asking it."""

import pytest

from tests.conftest import Cli
from tests.stub import Fault, StubServer
from tests.stub.replies import Reply


def works(output: str, what: str) -> str:
    """What the table says of something that was tried."""
    line = next(line for line in output.splitlines() if line.startswith(what))
    return line[len(what) :].split()[0]


def test_a_whole_server_is_shown_as_such(cli: Cli, stub: StubServer) -> None:
    stub.reply = Reply('{"rating": 7}', top_logprobs=[{"A": -0.5}])
    done = cli("check", "--base-url", stub.base_url)

    assert done.returncode == 0, done.stderr
    for what in ("models", "chat", "completions", "logprobs", "echo", "JSON schema", "streaming"):
        assert works(done.stdout, what) == "yes", what
    assert "vllm" in done.stdout
    assert "32,768 tokens" in done.stdout


def test_what_a_server_lacks_is_said_and_costs_nothing(cli: Cli, stub: StubServer) -> None:
    stub.models_fault, stub.metrics = 404, False
    stub.refuses = lambda body: Fault(404) if "prompt" in body else None
    done = cli("check", "--base-url", stub.base_url, "--model", "any")

    assert done.returncode == 0, done.stderr
    for what in ("models", "/metrics", "completions", "echo"):
        assert works(done.stdout, what) == "no", what
    assert works(done.stdout, "chat") == "yes"


def test_a_server_that_answers_nothing_ends_with_3(cli: Cli, stub: StubServer) -> None:
    stub.refuses = lambda body: Fault(404)

    assert cli("check", "--base-url", stub.base_url).returncode == 3


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v1", "nowhere"])
def test_no_server_ends_in_a_line(cli: Cli, url: str) -> None:
    done = cli("check", "--base-url", url)

    assert done.returncode in (2, 3)
    assert "Traceback" not in done.stderr


def test_a_refused_key_and_a_wrong_url_are_said_as_such(cli: Cli, stub: StubServer) -> None:
    elsewhere = cli("check", "--base-url", stub.root_url)
    stub.api_key = "secret"
    refused = cli("check", "--base-url", stub.base_url)

    assert (elsewhere.returncode, "did you mean" in elsewhere.stderr) == (2, True)
    assert (refused.returncode, "refuses the API key" in refused.stderr) == (3, True)
