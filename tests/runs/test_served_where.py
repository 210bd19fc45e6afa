"""Several models at several base URLs: each is asked where it is served, with the key for there."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evaluator.errors import UsageError
from evaluator.options.given import several
from evaluator.options.parts import ApiKey
from evaluator.runs.served_where import at_their_urls
from tests.conftest import Cli
from tests.stub import StubServer

BASICS = ("--data", "builtin", "--progress", "none", "--limit", 4, "--no-smoke")


@pytest.fixture
def other() -> Iterator[StubServer]:
    with StubServer(models=["b"]) as server:
        yield server


def asked(stub: StubServer) -> set[str]:
    return {request.body["model"] for request in stub.requests}


def test_each_model_is_asked_at_the_url_that_lists_it(
    cli: Cli, stub: StubServer, other: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub.models, stub.api_key, other.api_key = ["a"], "one", "two"
    monkeypatch.setenv("KEY_ONE", "one")
    monkeypatch.setenv("KEY_TWO", "two")
    urls = ("--base-url", stub.base_url, "--base-url", other.base_url)
    keys = ("--api-key-env", "KEY_ONE", "--api-key-env", "KEY_TWO")
    done = cli("run", "arc", *BASICS, "--models", "a b", *urls, *keys)

    assert done.returncode == 0, done.stderr
    assert (asked(stub), asked(other)) == ({"a"}, {"b"})
    assert "comparison in runs/compare-a-b/" in done.stdout


def settings(*urls: str, **more: Any) -> list[Any]:
    return several({"benchmarks": ["arc"], "models": ["a", "b"], "base_url": [*urls], **more})


def test_the_urls_of_a_model_keep_their_keys(stub: StubServer, other: StubServer) -> None:
    stub.models = ["a", "b"]
    every = [stub.base_url, other.base_url]
    a, b = at_their_urls(settings(*every, api_key_env=["PATH", "HOME"]))

    assert (a.base_url, a.api_key_env) == ([stub.base_url], ["PATH"])
    assert (b.base_url, b.api_key_env) == (every, ["PATH", "HOME"])


def test_a_server_without_a_list_is_for_all_models(stub: StubServer, other: StubServer) -> None:
    stub.models_fault = 404
    a, b = at_their_urls(settings(stub.base_url, other.base_url))

    assert a.base_url == [stub.base_url]
    assert b.base_url == [stub.base_url, other.base_url]


def test_a_server_of_other_models_is_a_mistake(stub: StubServer, other: StubServer) -> None:
    stub.models, other.models = ["a", "b"], ["c"]

    with pytest.raises(UsageError, match=f"{other.base_url} serves none of the models: .* 'c'"):
        at_their_urls(settings(stub.base_url, other.base_url))


def test_launched_replicas_are_not_asked_which_models_they_serve(
    stub: StubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`launch` has told it, and one of them may just be starting again."""
    urls = [stub.base_url, "http://127.0.0.1:9/v1"]
    entries = [
        {"role": "model", "model": name, "base_url": url} for url in urls for name in ("a", "b")
    ]
    (tmp_path / "endpoints.json").write_text(json.dumps({"endpoints": entries}))
    monkeypatch.setenv("EVALUATOR_ENDPOINTS", str(tmp_path / "endpoints.json"))
    chosen = several({"benchmarks": ["arc"]})

    assert [(each.model, each.base_url) for each in at_their_urls(chosen)] == [
        ("a", urls),
        ("b", urls),
    ]


def test_a_model_that_is_nowhere_is_told_by_its_own_run(
    cli: Cli, stub: StubServer, other: StubServer, tmp_path: Path
) -> None:
    stub.models = ["a"]
    urls = ("--base-url", stub.base_url, "--base-url", other.base_url)
    done = cli("run", "arc", *BASICS, "--models", "a b c", *urls)

    assert done.returncode == 2
    assert "c failed: " in done.stdout
    assert (tmp_path / "runs/compare-a-b").is_dir()


URLS = ["http://a/v1", "http://b/v1"]


@pytest.mark.parametrize(
    ("variables", "urls", "keys"),
    [
        (None, URLS, ["", ""]),
        ("ONE", URLS, ["1", "1"]),
        (["ONE", "TWO"], URLS, ["1", "2"]),
        (["ONE"], URLS[:1], ["1"]),
        (["ONE"], [], []),
    ],
)
def test_keys_go_to_the_urls_in_their_order(
    monkeypatch: pytest.MonkeyPatch, variables: Any, urls: list[str], keys: list[str]
) -> None:
    monkeypatch.setenv("ONE", "1")
    monkeypatch.setenv("TWO", "2")

    assert ApiKey(api_key_env=variables).api_keys(urls) == keys


def test_more_keys_than_urls_are_refused_not_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONE", "1")

    with pytest.raises(UsageError, match="2 x --api-key-env for 1 x --base-url"):
        ApiKey(api_key_env=["ONE", "ONE"]).api_keys(URLS[:1])
    with pytest.raises(UsageError, match="the variable 'MISSING' is not set"):
        ApiKey(api_key_env=["MISSING"]).api_keys(URLS)
