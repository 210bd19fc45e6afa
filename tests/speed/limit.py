"""The limit: aiohttp, orjson and nothing else, sending the very bodies that the product sends.

`python -m tests.speed.limit BASE_URL DATA_DIR CONCURRENCY [plain|streamed]` prints the replies per
second.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

import aiohttp
import orjson

from evaluator.client.stream import options
from evaluator.options.settings import Settings
from evaluator.runs.plan import plan
from evaluator.runs.preview import some_requests

from .runs import steady_rate

DATA = b"data: {"


def bodies(base_url: str, data: Path) -> list[dict[str, Any]]:
    """What `evaluator run gsm8k` would send."""
    settings = Settings(
        benchmarks=["gsm8k"], model="stub", base_url=[base_url], data_dir=data, out=Path()
    )
    (task,) = plan(settings)
    return [some_requests(replace(task, samples=[each]), "stub")[0][0] for each in task.samples]


Send = Callable[[aiohttp.ClientSession, str, dict[str, Any]], Awaitable[None]]


async def plain(session: aiohttp.ClientSession, url: str, body: dict[str, Any]) -> None:
    """Sends one body, and reads the reply."""
    async with session.post(url, data=orjson.dumps(body)) as answer:
        orjson.loads(await answer.read())


async def streamed(session: aiohttp.ClientSession, url: str, body: dict[str, Any]) -> None:
    """The same, and reads each event of the reply."""
    rest = b""
    async with session.post(url, data=orjson.dumps(body | options(()))) as answer:
        async for chunk in answer.content.iter_any():
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                if line.startswith(DATA):
                    orjson.loads(line[len(DATA) - 1 :])


WAYS: Mapping[str, Send] = {"plain": plain, "streamed": streamed}


async def send_all(
    url: str, left: Iterator[dict[str, Any]], concurrency: int, send: Send = plain
) -> list[float]:
    """When each reply came."""
    ended: list[float] = []

    async def slot(session: aiohttp.ClientSession) -> None:
        for body in left:
            await send(session, url, body)
            ended.append(perf_counter())

    connector = aiohttp.TCPConnector(limit=0)
    headers = {"Content-Type": "application/json"}
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        await asyncio.gather(*(slot(session) for _ in range(concurrency)))
    return ended


def main(base_url: str, data: str, concurrency: str, how: str = "plain") -> None:
    left = iter(bodies(base_url, Path(data)))
    url = f"{base_url}/chat/completions"
    ended = asyncio.run(send_all(url, left, int(concurrency), WAYS[how]))
    sys.stdout.write(f"{steady_rate(ended)}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
