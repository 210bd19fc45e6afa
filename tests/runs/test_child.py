"""A process as its parent sees it."""

import asyncio
import gc
import sys

import pytest

from evaluator.processes.child import Child, LocalProcess, command

DEAF = "import time; print('x' * 200_000, flush=True); time.sleep(60)"  # more than a pipe holds


def test_one_whose_end_is_cancelled_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", left.append)

    async def cancelled() -> int | None:
        client: Child[str, str] = Child(command((sys.executable, "-c", DEAF)))
        await client.start("which nobody reads")
        ending = asyncio.create_task(client.end())
        await asyncio.sleep(0.2)
        ending.cancel()
        await asyncio.wait([ending])
        assert ending.cancelled()
        assert isinstance(client._link, LocalProcess)
        return client._link.process.returncode

    assert asyncio.run(cancelled()) == -9
    gc.collect()
    assert left == []
