"""Several models in one command: each in its own folder, and one's failure costs no other."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from evaluator.errors import UsageError
from evaluator.options.given import several
from evaluator.options.names import short_names
from launch.commands import folder_names as launch_names
from tests.conftest import Cli
from tests.stub import Fault, StubServer

BASICS = ("--data", "builtin", "--progress", "none", "--limit", 4)


def listing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *entries: tuple[str, Any]) -> None:
    """What `launch` would leave: (model, base URL) pairs."""
    endpoints = [{"role": "model", "model": name, "base_url": url} for name, url in entries]
    file = tmp_path / "endpoints.json"
    file.write_bytes(orjson.dumps({"endpoints": endpoints}))
    monkeypatch.setenv("EVALUATOR_ENDPOINTS", str(file))


def report(folder: Path) -> Any:
    return orjson.loads((folder / "report.json").read_bytes())


def test_each_model_has_a_run_and_the_first_is_compared_with_the_others(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    stub.models = ["org/a", "b"]
    words = ("run", "arc", "ceval", *BASICS, "--models", "org/a,b", "--base-url", stub.base_url)
    done = cli(*words)
    again = cli(*words)

    assert done.returncode == again.returncode == 0, done.stderr
    assert [report(tmp_path / "runs" / name)["model"] for name in "ab"] == ["org/a", "b"]
    assert {request.body["model"] for request in stub.requests} == {"org/a", "b"}
    (comparison,) = (tmp_path / "runs").glob("compare-*")
    assert orjson.loads((comparison / "compare.json").read_bytes())["base"]["model"] == "org/a"
    assert f"comparison in runs/{comparison.name}/" in done.stdout
    scores = (comparison / "scores.md").read_text().splitlines()
    assert scores[0] == "| score | org/a | b |"
    assert [line.split(" | ")[0] for line in scores[2:6]] == [
        *("| arc", "| ceval", "| arc / macro", "| ceval / macro"),
    ]
    assert any(line.startswith("| ceval / STEM |") for line in scores)
    assert len(stub.requests) == 16  # the second time all was known


def test_a_model_that_is_not_served_costs_only_itself(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    stub.models = ["a", "c"]
    done = cli("run", "arc", *BASICS, "--models", "a b c", "--base-url", stub.base_url)

    assert done.returncode == 2
    assert "b failed: " in done.stdout
    assert "does not serve 'b'" in done.stdout
    assert all(report(tmp_path / "runs" / name)["benchmarks"]["arc"]["samples"] for name in "ac")
    assert (tmp_path / "runs/compare-a-c/compare.md").exists()


def test_a_model_without_a_measured_sample_costs_only_itself(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    stub.models = ["a", "b", "c"]
    stub.faults = lambda index, body: Fault(400) if body["model"] == "b" else None
    words = ("run", "arc", *BASICS, "--models", "a,b,c", "--base-url", stub.base_url)
    done = cli(*words)

    assert done.returncode == 1, done.stderr
    assert "b: no sample was measured; results in runs/b/" in done.stdout
    assert (tmp_path / "runs/compare-a-c/compare.md").exists()


def test_a_mistake_that_all_would_meet_is_said_once(cli: Cli, stub: StubServer) -> None:
    done = cli("run", "nonsense", *BASICS, "--models", "a,b", "--base-url", stub.base_url)

    assert done.returncode == 2
    assert done.stderr.count("nonsense") == 1


def test_a_dry_run_counts_the_requests_of_all(cli: Cli, stub: StubServer) -> None:
    url = ("--base-url", stub.base_url)
    done = cli("run", "arc", "gsm8k", *BASICS, "--models", "a,b", *url, "--dry-run")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("16 requests in all; nothing is sent")
    assert "8 requests of 'b', runs/b/" in done.stdout
    assert done.stdout.count("== gsm8k") == 1
    assert not stub.requests


def test_a_launched_model_without_a_server_is_answered_from_its_run(
    cli: Cli, stub: StubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub.models = ["a"]
    listing(tmp_path, monkeypatch, ("a", None))
    words = ("run", "arc", *BASICS, "--api-key-env", "SOME_KEY")
    missing_key = cli(*words)
    monkeypatch.setenv("SOME_KEY", "x")
    missing = cli(*words)
    listing(tmp_path, monkeypatch, ("a", stub.base_url))
    asked = cli(*words)
    report_of_asked = report(tmp_path / "runs/a")
    listing(tmp_path, monkeypatch, ("a", None))
    monkeypatch.delenv("SOME_KEY")
    known = cli(*words)

    assert [each.returncode for each in (missing_key, missing, asked, known)] == [2, 3, 0, 0]
    assert "'SOME_KEY' is not set" in missing_key.stderr
    assert len(stub.requests) == 4
    assert "0 requests sent · 4 replayed" in known.stdout
    assert report(tmp_path / "runs/a")["seconds"] == report_of_asked["seconds"] > 0


def test_all_launched_models_are_measured(
    cli: Cli, stub: StubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub.models = ["a", "b"]
    listing(tmp_path, monkeypatch, ("a", stub.base_url), ("b", stub.base_url))
    done = cli("run", "arc", *BASICS)

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "runs/b/report.json").exists()


URL = {"benchmarks": ["arc"], "base_url": ["http://h/v1"]}


@pytest.mark.parametrize(
    ("given", "file", "launched", "expected"),
    [
        ({"models": ["a", "x/b"]}, "", (), [("a", "runs/a"), ("x/b", "runs/b")]),
        ({"model": "a"}, 'models = ["c"]', (), [("a", "runs/a")]),
        ({}, 'models = ["c", "d"]\nout = "r/{model}"', (), [("c", "r/c"), ("d", "r/d")]),
        ({"base_url": []}, 'models = ["c", "d"]\nout = "r/{model}"', ("d",), [("d", "r/d")]),
        ({"base_url": []}, 'models = ["c"]', ("x", "y"), [("x", "runs/x"), ("y", "runs/y")]),
        ({"base_url": []}, 'model = "y"', ("x", "y"), [("y", "runs/y")]),
        ({"model": "a", "out": Path("here")}, "", (), [("a", "here")]),
        ({"models": ["x/a", "y/a"]}, "", (), [("x/a", "runs/x-a"), ("y/a", "runs/y-a")]),
        (
            {"models": ["/ckpt/a/step-5", "/ckpt/b/step-5/", "c"], "out": "so/{model}"},
            *("", ()),
            [("/ckpt/a/step-5", "so/a-step-5"), ("/ckpt/b/step-5/", "so/b-step-5"), ("c", "so/c")],
        ),
    ],
)
def test_which_models_and_where(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    given: dict[str, Any],
    file: str,
    launched: tuple[str, ...],
    expected: list[tuple[str, str]],
) -> None:
    (tmp_path / "run.toml").write_text(file)
    if launched:
        listing(tmp_path, monkeypatch, *((name, "http://h/v1") for name in launched))

    chosen = several(URL | given, tmp_path / "run.toml")

    assert [(each.model, str(each.out)) for each in chosen] == expected


@pytest.mark.parametrize(
    ("models", "expected"),
    [
        (["a"], ["a"]),
        (["org/a", "b"], ["a", "b"]),
        (["/a/b/c", "/a/d/c", "/e/d/c"], ["b-c", "a-d-c", "e-d-c"]),
        (["x/a", "a"], ["x-a", "a"]),
        (["x/a", "y/a", "x-a"], ["x-a-df01", "y-a", "x-a-acdd"]),
    ],
)
def test_names_for_folders_are_told_apart_by_both_programs(
    models: list[str], expected: list[str]
) -> None:
    assert list(short_names(models).values()) == expected
    assert launch_names.short_names(models) == short_names(models)


def test_a_launched_models_folder_is_named_by_the_launcher(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = {"role": "model", "model": "/ckpt/a/x", "base_url": None, "folder": "a-x"}
    file = tmp_path / "endpoints.json"
    file.write_bytes(orjson.dumps({"endpoints": [entry]}))
    monkeypatch.setenv("EVALUATOR_ENDPOINTS", str(file))

    (chosen,) = several({"benchmarks": ["arc"]})

    assert (chosen.model, str(chosen.out)) == ("/ckpt/a/x", "runs/a-x")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"models": ["a", "b"], "out": "here"}, "one folder 'here'"),
        ({"models": ["a"], "model": "b"}, "give one of them"),
        ({}, "--model is missing"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        several(URL | given)
