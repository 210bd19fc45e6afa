"""The load generator by itself, and beside it aiohttp with nothing but what must be read.

`python -m tests.speed.generator ours|bare plain|streamed BASE_URL REQUESTS` prints the replies a
second that one process takes in, 64 at once.
"""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from evaluator.client.wire import Wire
from evaluator.perf.load.generator import Send, Traffic, closed_loop
from evaluator.types import Request, Response

from .limit import WAYS, send_all
from .runs import steady_rate

SLOTS = 64
TOKENS = 200


def bodies(count: int) -> Iterator[dict[str, Any]]:
    """Requests for `TOKENS` tokens."""
    text = "word " * 100
    for number in range(count):
        messages = [{"role": "user", "content": f"{number} {text}"}]
        yield {"model": "stub", "messages": messages, "max_tokens": TOKENS}


async def ours(streamed: bool, url: str, count: int) -> list[float]:
    """When each reply came."""
    wire = Wire(url, stream=streamed)

    async def plain(request: Request) -> tuple[Response, Sequence[float]]:
        return await wire.send(request), ()

    send: Send = wire.timed if streamed else plain
    traffic = Traffic(send)
    requests = (Request("r", str(i), "model", body) for i, body in enumerate(bodies(count)))
    await closed_loop(traffic, requests, SLOTS)
    await wire.close()
    if failed := [each.error for each in traffic.timed if each.error]:
        sys.exit(failed[0])
    return [each.ended for each in traffic.timed]


async def bare(streamed: bool, url: str, count: int) -> list[float]:
    """The same with aiohttp and orjson alone."""
    send = WAYS["streamed" if streamed else "plain"]
    return await send_all(f"{url}/chat/completions", bodies(count), SLOTS, send)


def main(whose: str, how: str, url: str, count: str) -> None:
    run = ours if whose == "ours" else bare
    ended = asyncio.run(run(how == "streamed", url, int(count)))
    sys.stdout.write(f"{steady_rate(ended)}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
