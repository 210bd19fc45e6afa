"""The limit: aiohttp, orjson and nothing else, sending the very bodies that the product sends.

`python -m tests.speed.limit BASE_URL DATA_DIR CONCURRENCY` prints the replies per second.
"""

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

import aiohttp
import orjson

from evaluator.options.settings import Settings
from evaluator.runs.plan import plan
from evaluator.runs.preview import first_requests

from .runs import steady_rate


def bodies(base_url: str, data: Path) -> list[dict[str, Any]]:
    """What `evaluator run gsm8k` would send."""
    settings = Settings(
        benchmarks=["gsm8k"], model="stub", base_url=[base_url], data_dir=data, out=Path()
    )
    (task,) = plan(settings)
    return [first_requests(replace(task, samples=[each]), "stub")[0] for each in task.samples]


async def send(
    session: aiohttp.ClientSession, url: str, left: Iterator[dict[str, Any]], ended: list[float]
) -> None:
    """Sends what is left, one after another."""
    for body in left:
        async with session.post(url, data=orjson.dumps(body)) as answer:
            orjson.loads(await answer.read())
        ended.append(perf_counter())


async def send_all(url: str, left: Iterator[dict[str, Any]], concurrency: int) -> list[float]:
    """When each reply came."""
    ended: list[float] = []
    connector = aiohttp.TCPConnector(limit=0)
    headers = {"Content-Type": "application/json"}
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        await asyncio.gather(*(send(session, url, left, ended) for _ in range(concurrency)))
    return ended


def main(base_url: str, data: str, concurrency: str) -> None:
    left = iter(bodies(base_url, Path(data)))
    ended = asyncio.run(send_all(f"{base_url}/chat/completions", left, int(concurrency)))
    sys.stdout.write(f"{steady_rate(ended)}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
