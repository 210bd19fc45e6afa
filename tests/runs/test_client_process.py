"""A client's process as its parent sees it."""

import asyncio
import gc
import sys
from types import SimpleNamespace

import pytest

from evaluator.runs.clients import process
from evaluator.runs.clients.process import ClientProcess

DEAF = "import time; print('x' * 200_000, flush=True); time.sleep(60)"  # more than a pipe holds


def test_one_whose_end_is_cancelled_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[object] = []
    monkeypatch.setattr(process, "COMMAND", (sys.executable, "-c", DEAF))
    monkeypatch.setattr(process, "frame", lambda messages: b"")
    monkeypatch.setattr(sys, "unraisablehook", left.append)

    async def cancelled() -> int | None:
        client = ClientProcess(1)
        await client.start(SimpleNamespace())  # type: ignore[arg-type]  # nobody reads it
        ending = asyncio.create_task(client.end())
        await asyncio.sleep(0.2)
        ending.cancel()
        await asyncio.wait([ending])
        assert ending.cancelled()
        assert client._process
        return client._process.returncode

    assert asyncio.run(cancelled()) == -9
    gc.collect()
    assert left == []
