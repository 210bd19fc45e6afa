"""One compared server: how it is reached, how its cache is kept cold, what it says of itself."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from evaluator.client.address import served
from evaluator.client.server_metrics import ServerMetrics, parse
from evaluator.client.wire import Wire
from evaluator.engine.form import NEUTRAL
from evaluator.errors import RequestError, ServerError, UsageError
from evaluator.types import Request

Cache = Literal["reset", "salt", "unique", "warm"]
CACHE_WORDS: Mapping[Cache, str] = {
    "reset": "emptied before every point",
    "salt": "cold: every point has a cache salt of its own",
    "unique": "cannot be emptied here",
    "warm": "left as it is",
}
SERVER_EVERY = 1.0  # seconds between readings while a point is measured
FIRST_LOOK = 0.1  # seconds: a point may take less than one


@dataclass(frozen=True, slots=True)
class Arm:
    """One side of a comparison.  `flags` are what its server was started with, where known."""

    name: str
    model: str
    base_url: str
    flags: Sequence[str] = ()


@dataclass(slots=True)
class Watch:
    """The server's own figures over a stretch of time."""

    before: ServerMetrics | None = None
    after: ServerMetrics | None = None
    most_kv_use: float = 0.0
    most_waiting: int = 0

    def see(self, reading: ServerMetrics | None) -> None:
        self.after = reading
        if reading:
            self.most_kv_use = max(self.most_kv_use, reading.kv_cache_use)
            self.most_waiting = max(self.most_waiting, reading.waiting)

    def figures(self) -> dict[str, Any] | None:
        """None where the server tells nothing."""
        if not (self.before and self.after):
            return None
        first = self.after.ttft.since(self.before.ttft)
        return {
            "prefix_hit_rate": self.after.prefix_hit_rate(self.before),
            "most_kv_cache_use": self.most_kv_use,
            "most_waiting": self.most_waiting,
            "preemptions": self.after.preemptions - self.before.preemptions,
            "prompt_tokens": self.after.prompt_tokens - self.before.prompt_tokens,
            "output_tokens": self.after.output_tokens - self.before.output_tokens,
            "ttft": {
                "mean": first.mean,
                "p50": first.quantile(0.5),
                "p90": first.quantile(0.9),
                "p99": first.quantile(0.99),
            },
        }


@dataclass(slots=True)
class Server:
    """The arm's endpoint, open."""

    arm: Arm
    wire: Wire
    cache: Cache = "unique"
    is_vllm: bool = False  # it has vLLM's /metrics

    async def check(self) -> None:
        """Proves that it answers and serves the model.  Raises ServerError or UsageError."""
        there = [entry.get("id") for entry in await served(self.wire)]
        if there and self.arm.model not in there:
            names = ", ".join(map(repr, there))
            raise UsageError(f"{self.wire.url} does not serve {self.arm.model!r} but {names}")

    async def choose_cache(self, warm: bool) -> None:
        """The surest way that the server offers of starting every point with a cold cache."""
        self.is_vllm = await self.metrics() is not None
        if warm:
            self.cache = "warm"
        elif await self._reset():
            self.cache = "reset"
        else:
            self.cache = "salt" if self.is_vllm else "unique"

    async def cool(self) -> None:
        """Before a point.  Raises ServerError where the server does not do it any more."""
        if self.cache == "reset" and not await self._reset():
            raise ServerError(f"{self.wire.url} did not empty its prefix cache")

    async def _reset(self) -> bool:
        for _ in range(10):
            answer = await self.wire.page("/reset_prefix_cache", b"{}")
            if answer == "":  # an earlier vLLM: it says nothing at all
                return True
            if (said := read(answer)) is None:
                return False
            if said.get("success", True):  # it cannot while blocks are held, and says so
                return True
            await asyncio.sleep(0.1)
        return False

    def request(self, kind: str, number: str, body: Mapping[str, Any], salt: str) -> Request:
        """A request to this server, salted where that is how its cache is kept cold.

        vLLM is told all sampling, so that a model's own defaults make no difference.
        """
        salted = {"cache_salt": salt} if self.cache == "salt" else {}
        told = NEUTRAL if self.is_vllm else {}
        optional = {name: value for name, value in told.items() if name not in body}
        named = {name: value for name, value in body.items() if value is not None}
        asked = {"model": self.arm.model, **named, **salted}
        return Request(kind, number, "model", asked, optional=optional)

    async def count(self, text: str) -> int | None:
        """Tokens of a chat prompt with this text: by /tokenize, else by a reply's usage."""
        asked = {"model": self.arm.model, "messages": [{"role": "user", "content": text}]}
        said = read(await self.wire.page("/tokenize", orjson.dumps(asked)))
        if said and type(counted := said.get("count")) is int:
            return counted
        request = Request("count", text, "model", asked | {"max_tokens": 1})
        try:
            return (await self.wire.timed(request))[0].prompt_tokens or None
        except RequestError as error:
            raise ServerError(f"{self.wire.url} does not answer a chat: {error}") from error

    async def metrics(self) -> ServerMetrics | None:
        """A reading; None where there is none to be had."""
        page = await self.wire.page("/metrics")
        return parse(page) if page else None

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[Watch]:
        """The server's own figures while the block runs; complete when it has ended."""
        watch = Watch(before=await self.metrics())
        task = asyncio.create_task(self._look(watch)) if watch.before else None
        try:
            yield watch
        finally:
            if task:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                watch.see(await self.metrics())

    async def _look(self, watch: Watch) -> None:
        await asyncio.sleep(FIRST_LOOK)
        while True:
            watch.see(await self.metrics())
            await asyncio.sleep(SERVER_EVERY)


def read(page: str | None) -> Mapping[str, Any] | None:
    """A page's JSON object; None where there is none, as on a page for every unknown path."""
    try:
        said = orjson.loads(page or "")
    except orjson.JSONDecodeError:
        return None
    return said if isinstance(said, dict) else None
