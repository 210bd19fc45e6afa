"""LoRA adapters on a server that runs: models of their own, told apart by their folders."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.conftest import Cli
from tests.stub import StubServer

BASICS = ("--data", "builtin", "--limit", 4, "--progress", "plain")


def evaluate(cli: Cli, stub: StubServer) -> Any:
    words = ("run", "arc", *BASICS, "--models", "base,a,b", "--base-url", stub.base_url)
    return cli(*words)


def identity(folder: Path) -> Any:
    about = orjson.loads((folder / "run.json").read_bytes())
    return about["identity"][f"model:{about['model']}"]


def test_a_base_and_its_adapters_are_compared(
    cli: Cli, stub: StubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    stub.models, stub.adapters = ["base"], {"a": "/lora/a", "b": "/lora/b"}
    done = evaluate(cli, stub)

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "runs/compare-base-a-b").is_dir()
    found = [identity(tmp_path / "runs" / name) for name in ("base", "a", "b")]
    assert [(each["root"], each["parent"]) for each in found] == [
        ("base", ""),
        ("/lora/a", "base"),
        ("/lora/b", "base"),
    ]
    assert "adapter /lora/a of base" in done.stderr
    assert done.stderr.count("32,768 tokens") == 3  # an adapter's context is its base's


def test_another_adapter_of_the_same_name_is_refused(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    stub.models, stub.adapters = ["base"], {"a": "/lora/a", "b": "/lora/b"}
    evaluate(cli, stub)
    stub.adapters = {"a": "/lora/a", "b": "/lora/b-2"}
    done = evaluate(cli, stub)

    assert done.returncode == 2
    assert "b failed: " in done.stdout
    assert "root '/lora/b' then, '/lora/b-2' now" in done.stdout
