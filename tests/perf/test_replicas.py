"""Replicas that `launch` started are measured as one: they share the load of an arm."""

import threading
from pathlib import Path

import orjson
import pytest

from evaluator.errors import ServerError, UsageError
from evaluator.perf.report.render import markdown
from tests.stub import StubServer

from .measuring import Measured


def launched(folder: Path, *urls: str, to_come: int = 0, key: str = "") -> Path:
    """The file of `launch` with a replica at each URL."""
    asked = {"role": "model", "model": "stub", "api_key_env": key}
    entries = [{**asked, "base_url": url} for url in urls]
    file, scratch = folder / "endpoints.json", folder / "endpoints.new"
    scratch.write_bytes(orjson.dumps({"endpoints": entries, "to_come": to_come}))
    return scratch.replace(file)


def test_replicas_share_the_load_of_one_arm(
    measured: Measured, server: StubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with StubServer() as other:
        other.reply, other.latency = server.reply, 0.05
        server.latency = 0.05
        file = launched(tmp_path, server.base_url, other.base_url)
        monkeypatch.setenv("EVALUATOR_ENDPOINTS", str(file))
        data = measured(base_url=[], concurrency="4", requests=12, repeats=1, warmup=0)
        asked = [
            len([r for r in each.requests if "messages" in r.body]) for each in (server, other)
        ]

    (point,) = data.points
    assert (point.arm, point.requests) == ("stub", 12)
    assert data.arms["stub"].servers == 2
    assert min(asked) >= 4
    assert f"{server.base_url} and {other.base_url}" in markdown(data)


def test_a_run_of_fewer_servers_is_another_run(
    measured: Measured, server: StubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = {"base_url": [], "concurrency": "1", "requests": 2, "repeats": 1}
    file = launched(tmp_path, server.base_url)
    monkeypatch.setenv("EVALUATOR_ENDPOINTS", str(file))
    measured(**load)
    launched(tmp_path, server.base_url, server.base_url)

    with pytest.raises(UsageError, match=r"another servers \(1, and 2 here\)"):
        measured(**load)


def test_a_replica_that_does_not_answer_is_left_out_and_said(
    measured: Measured,
    server: StubServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with StubServer() as dead:
        url = dead.base_url
    file = launched(tmp_path, url, server.base_url)
    monkeypatch.setenv("EVALUATOR_ENDPOINTS", str(file))
    data = measured(base_url=[], concurrency="2", requests=4, repeats=1)
    said = " ".join(capsys.readouterr().err.split())

    assert (data.arms["stub"].servers, data.arms["stub"].base_url) == (1, server.base_url)
    assert data.points[0].failed == 0
    assert "one of 2 servers of stub is left out: " in said


def test_without_any_server_there_is_nothing_to_measure(
    measured: Measured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with StubServer() as one, StubServer() as other:
        file = launched(tmp_path, one.base_url, other.base_url)
    monkeypatch.setenv("EVALUATOR_ENDPOINTS", str(file))

    with pytest.raises(ServerError):
        measured(base_url=[], concurrency="1", requests=1, repeats=1)


def test_servers_that_are_still_to_come_are_waited_for_and_asked_with_their_key(
    measured: Measured, server: StubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`launch` adds them to its file."""
    key = {"key": "FLEET_KEY"}
    monkeypatch.setenv("FLEET_KEY", "secret")
    with StubServer() as other:
        other.reply = server.reply
        server.api_key = other.api_key = "secret"
        file = launched(tmp_path, server.base_url, to_come=1, **key)
        monkeypatch.setenv("EVALUATOR_ENDPOINTS", str(file))
        urls = (server.base_url, other.base_url)
        joins = threading.Timer(0.5, lambda: launched(tmp_path, *urls, **key))
        joins.start()
        data = measured(base_url=[], concurrency="2", requests=4, repeats=1)
        joins.join()

    assert data.arms["stub"].servers == 2
    assert data.points[0].failed == 0
