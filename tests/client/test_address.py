"""A base URL that is not quite right is known before anything is asked."""

from pathlib import Path

import orjson
import pytest

from evaluator.errors import UsageError
from evaluator.options.given import checked
from evaluator.options.values import base_of
from evaluator.perf.options import options
from tests.conftest import Cli
from tests.stub import StubServer

BASICS = ("--model", "stub", "--data", "builtin", "--progress", "none", "--limit", 5)
PAGES = [
    ("http://h:8000/v1/chat/completions", "http://h:8000/v1"),
    ("http://h:8000/v1/chat/completions/", "http://h:8000/v1"),
    ("http://h:8000/v1/completions", "http://h:8000/v1"),
    ("http://h:8000/v1/models", "http://h:8000/v1"),
    (
        "https://open.bigmodel.cn/api/paas/v4/chat/completions",
        "https://open.bigmodel.cn/api/paas/v4",
    ),
    ("http://h:8000/v1/embeddings", "http://h:8000/v1"),
    ("http://h:8000/v1", ""),
    ("http://h:8000/v1/", ""),
    ("https://name.services.ai.azure.com/models", ""),
]


@pytest.mark.parametrize(("url", "base"), PAGES)
def test_a_page_is_not_a_base(url: str, base: str) -> None:
    assert base_of(url) == base


@pytest.mark.parametrize("option", ["base_url", "judge_base_url"])
def test_a_page_is_refused_with_its_base(option: str) -> None:
    given = {"benchmarks": ["arc"], "model": "m", "out": Path("r"), option: [PAGES[0][0]]}

    with pytest.raises(UsageError, match="did you mean 'http://h:8000/v1'"):
        checked(given)
    with pytest.raises(UsageError, match="did you mean 'http://h:8000/v1'"):
        options({"out": Path("r"), "base_url": [PAGES[0][0]]})


@pytest.mark.parametrize("path", ["", "/", "/v2", "/api/v1", "/v1/v1"])
@pytest.mark.parametrize("transport", ["wire", "sdk"])
def test_vllm_without_v1_is_asked_nothing(
    path: str, transport: str, cli: Cli, stub: StubServer
) -> None:
    url = stub.base_url.removesuffix("/v1") + path
    done = cli("run", "arc", *BASICS, "--base-url", url, "--transport", transport)

    assert done.returncode == 2, done.stderr
    assert f"did you mean {stub.base_url!r}" in done.stderr
    assert stub.count == 0


def test_a_page_of_html_is_no_api(cli: Cli, stub: StubServer) -> None:
    stub.pages = {"/models": b"<html>Welcome</html>"}
    done = cli("run", "arc", *BASICS, "--base-url", stub.base_url.removesuffix("/v1"))

    assert done.returncode == 2, done.stderr
    assert f"did you mean {stub.base_url!r}" in done.stderr


def test_a_judge_and_a_throughput_run_are_told_so_too(cli: Cli, stub: StubServer) -> None:
    url = stub.base_url.removesuffix("/v1")
    words = ("--judge-model", "stub", "--judge-base-url", url, "--limit", 5)
    judged = cli("run", "alignbench", *BASICS, "--base-url", stub.base_url, *words)
    timed = cli("perf", "--model", "stub", "--base-url", url, "--requests", 4)

    for done in (judged, timed):
        assert done.returncode == 2, done.stderr
        assert f"did you mean {stub.base_url!r}" in done.stderr
    assert stub.count == 0


def test_a_trailing_slash_is_no_mistake(cli: Cli, stub: StubServer) -> None:
    done = cli("run", "arc", *BASICS, "--base-url", f"{stub.base_url}/")

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("transport", ["wire", "sdk"])
def test_a_plain_server_without_a_list_of_models_is_asked(
    transport: str, cli: Cli, stub: StubServer
) -> None:
    stub.models_fault = 404
    words = ("--base-url", stub.base_url, "--transport", transport)
    done = cli("run", "arc", *BASICS, *words)

    assert done.returncode == 0, done.stderr


def test_a_server_that_chats_here_is_right_whatever_else_it_has(cli: Cli, stub: StubServer) -> None:
    listed = orjson.dumps({"object": "list", "data": [{"id": "stub"}]})
    stub.models_fault = 404
    stub.pages = {"/v1/v1/models": listed}
    done = cli("run", "arc", *BASICS, "--base-url", stub.base_url)

    assert done.returncode == 0, done.stderr
