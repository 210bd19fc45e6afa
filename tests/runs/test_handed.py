"""How a client takes the samples that it is handed: enough to be busy, and not more."""

import asyncio
from typing import Any

import pytest

from evaluator.runs.clients.handed import HandedSamples
from evaluator.types import Sample

pytestmark = pytest.mark.anyio


def some(count: int) -> list[Any]:
    return [("task", Sample(str(n), {})) for n in range(count)]


async def test_as_many_are_asked_for_as_workers_wait() -> None:
    asked: list[int] = []
    stream = HandedSamples(asked.append)
    workers = [asyncio.create_task(stream.take()) for _ in range(3)]
    await asyncio.sleep(0)

    assert sum(asked) == 3
    stream.hand(some(2), last=False)
    stream.hand((), last=True)
    assert [await each for each in workers] == [*some(2), None]
    assert await stream.take() is None
    assert sum(asked) == 3


async def test_where_samples_end_fast_some_are_asked_for_ahead() -> None:
    asked: list[int] = []
    stream = HandedSamples(asked.append)
    workers = [asyncio.create_task(stream.take()) for _ in range(100)]
    await asyncio.sleep(0)
    stream.hand(some(100), last=False)
    await asyncio.gather(*workers)

    assert sum(asked) == 100
    asked.clear()
    stream.look_ahead(0.25)  # 400 a second
    waiting = asyncio.create_task(stream.take())
    await asyncio.sleep(0)
    assert sum(asked) == 201  # what half a second takes, and one that waits
    stream.hand(some(201), last=True)
    assert await waiting == some(1)[0]
    stream.close()
    assert await stream.take() is None
