"""One compared server, or its replicas: how it is reached and kept cold, what it says of itself."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import orjson

from evaluator.client.address import model_card
from evaluator.client.endpoint import Endpoint, adapted
from evaluator.client.server_metrics import ServerMetrics, metrics_page, parse
from evaluator.client.watch import MetricsWatch
from evaluator.client.wire import Wire
from evaluator.engine.form import NEUTRAL
from evaluator.errors import RequestError, ServerError
from evaluator.locale import N_
from evaluator.perf.load.workload import BodyFields
from evaluator.results.perf import Arm
from evaluator.results.perf_point import CacheState
from evaluator.types import Json, Request, Response

OWN_FIELDS = ("ignore_eos",)  # of ours, that not every server knows
FIRST_LOOK = 0.1  # seconds: a point may take less than one


@dataclass(slots=True)
class MeasuredServer:
    """The endpoint of an arm, open: a wire to each of its servers.

    The least busy server has the next request, as in a pool, but nothing waits and nothing is
    asked again.
    """

    name: str
    arm: Arm
    wires: Sequence[Wire]
    cache: CacheState = "unique"
    is_vllm: bool = False  # it has vLLM's /metrics
    preferred: int = 0  # which of its servers comes first: several clients begin with others
    endpoint: Endpoint = field(init=False)  # which learns what the server refuses
    _in_flight: list[int] = field(init=False)  # at each of its servers

    def __post_init__(self) -> None:
        self._use(self.wires)

    def _use(self, wires: Sequence[Wire]) -> None:
        self.wires = wires
        self.endpoint = Endpoint(self.wire)
        self._in_flight = [0] * len(self.wires)

    @property
    def wire(self) -> Wire:
        """To the first of its servers, which speaks for all where one is enough."""
        return self.wires[0]

    @property
    def reconnected(self) -> int:
        """Requests that were sent again because an idle connection had been closed."""
        return sum(wire.liveness.reconnected for wire in self.wires)

    async def check(self) -> list[str]:
        """Proves that it answers and serves the model.  Raises ServerError or UsageError.

        Of several servers those that do not answer are left out: a line tells of each.
        """
        errors = [await self._error(wire) for wire in self.wires]
        if (first := errors[0]) and all(errors):
            raise first
        there = [i for i, error in enumerate(errors) if not error]
        for wire, error in zip(self.wires, errors, strict=True):
            if error:
                await wire.close()
        urls = (self.arm.base_url, *self.arm.replicas)
        base_url, *replicas = (urls[i] for i in there)
        self.arm = replace(self.arm, base_url=base_url, replicas=tuple(replicas))
        self._use([self.wires[i] for i in there])
        left_out = f"one of {len(errors)} servers of {self.name} is left out"
        return [f"{left_out}: {error}" for error in errors if error]

    async def _error(self, wire: Wire) -> ServerError | None:
        try:
            await model_card(Endpoint(wire, proven=True), self.arm.model)
        except ServerError as error:
            return error
        return None

    async def timed(self, request: Request) -> tuple[Response, Sequence[float]]:
        """The reply, and when its pieces came; what the server refuses is left out from then on."""
        return await adapted(self.endpoint, request, self._timed)

    async def _timed(self, request: Request) -> tuple[Response, Sequence[float]]:
        n = len(self.wires)
        i = min(range(n), key=lambda i: (self._in_flight[i], (i - self.preferred) % n))
        self._in_flight[i] += 1
        try:
            return await self.wires[i].timed(request)
        finally:
            self._in_flight[i] -= 1

    def stop_guessing(self) -> None:
        """From now on only a refusal that names a field teaches anything.

        To ask again after another failure would hide, where it is measured, that it failed.
        """
        self.endpoint.proven = True

    async def choose_cache(self, warm: bool) -> None:
        """The surest way that the server offers of starting every point with a cold cache."""
        self.is_vllm = await self.metrics() is not None
        if self.is_vllm:
            self.stop_guessing()  # it is known to take all fields
        if warm:
            self.cache = "warm"
        elif await self._has_reset() and await self._reset():
            self.cache = "reset"
        else:
            self.cache = "salt" if self.is_vllm else "unique"

    async def empty_cache(self) -> None:
        """Empties the cache before a point, where the server can.

        Raises ServerError where it cannot any more.
        """
        if self.cache == "reset" and not await self._reset():
            raise ServerError(N_("{url} did not empty its prefix cache", url=self.wire.url))

    async def _has_reset(self) -> bool:
        """Whether the server knows the page: one that says yes to any path proves nothing."""
        return await self.wire.page("/no_such_page", b"{}") is None

    async def _reset(self) -> bool:
        return all(await asyncio.gather(*map(self._reset_one, self.wires)))

    async def _reset_one(self, wire: Wire) -> bool:
        for _ in range(10):
            answer = await wire.page("/reset_prefix_cache", b"{}")
            if answer == "":  # an earlier vLLM: it says nothing at all
                return True
            if (said := json_object(answer)) is None:
                return False
            if said.get("success", True):  # it cannot while blocks are held, and says so
                return True
            await asyncio.sleep(0.1)
        return False

    def request(self, kind: str, number: str, body: BodyFields, salt: str) -> Request:
        """A request to this server, salted where that is how its cache is kept cold.

        vLLM is told all sampling, so that a model's own defaults make no difference.  Fields that
        not every server knows are optional, for one that refuses them is measured without.
        """
        salted = {"cache_salt": salt} if self.cache == "salt" else {}
        told = NEUTRAL if self.is_vllm else {}
        optional = {name: value for name, value in told.items() if name not in body}
        optional |= {name: body[name] for name in OWN_FIELDS if name in body}
        named = {
            name: value
            for name, value in body.items()
            if value is not None and name not in OWN_FIELDS
        }
        asked = {"model": self.arm.model, **named, **salted}
        return Request(kind, number, "model", asked, optional=optional)

    async def count(self, text: str) -> int | None:
        """Tokens of a chat prompt with this text: by /tokenize, else by a reply's usage."""
        asked = {"model": self.arm.model, "messages": [{"role": "user", "content": text}]}
        said = json_object(await self.wire.page("/tokenize", orjson.dumps(asked)))
        if said and type(counted := said.get("count")) is int:
            return counted
        request = Request("count", text, "model", asked | {"max_tokens": 1})
        try:
            return (await self.timed(request))[0].prompt_tokens or None
        except RequestError as error:
            raise ServerError(
                N_("{url} does not answer a chat: {error}", url=self.wire.url, error=error.message)
            ) from error

    async def metrics(self) -> ServerMetrics | None:
        """A reading; None where there is none to be had."""
        pages = await asyncio.gather(*map(metrics_page, self.wires))
        return parse("\n".join(pages))

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[MetricsWatch]:
        """The server's own figures while the block runs; complete when it has ended."""
        watch = MetricsWatch(before=await self.metrics())
        task = asyncio.create_task(self._keep_reading(watch)) if watch.before else None
        try:
            yield watch
        finally:
            if task:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                watch.see(await self.metrics())

    async def _keep_reading(self, watch: MetricsWatch) -> None:
        await asyncio.sleep(FIRST_LOOK)
        await watch.keep_reading(self.metrics)


def json_object(page: str | None) -> Json | None:
    """A page's JSON object; None where there is none, as on a page for every unknown path."""
    try:
        said = orjson.loads(page or "")
    except orjson.JSONDecodeError:
        return None
    return said if isinstance(said, dict) else None
