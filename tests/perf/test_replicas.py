"""Replicas that `launch` started are measured as one: they share the load of an arm."""

from pathlib import Path

import orjson
import pytest

from evaluator.errors import UsageError
from evaluator.perf.report.render import markdown
from tests.stub import StubServer

from .measuring import Measured


def launched(folder: Path, *urls: str) -> Path:
    """The file of `launch` with a replica at each URL."""
    entries = [{"role": "model", "model": "stub", "base_url": url} for url in urls]
    file = folder / "endpoints.json"
    file.write_bytes(orjson.dumps({"endpoints": entries}))
    return file


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
