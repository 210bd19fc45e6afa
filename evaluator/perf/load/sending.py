"""One client's share of a part of a run: made ready beforehand, then sent on the common clock."""

import asyncio
import gc
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from math import inf
from time import perf_counter, process_time

from evaluator.dashboard.background import background
from evaluator.dashboard.selfcheck import SelfCheck
from evaluator.perf.load.generator import (
    Load,
    TimedRequest,
    Traffic,
    TrafficCounts,
    closed_loop,
    open_loop,
)
from evaluator.perf.load.schedule import WHOLE, Stride, arrivals
from evaluator.perf.load.server import MeasuredServer
from evaluator.perf.load.workload import Workload
from evaluator.results.perf_point import ClientFigures
from evaluator.types import Request


@dataclass(frozen=True, slots=True)
class Part:
    """A point of a run, or its warm-up, by all clients together.

    Prompts are drawn by its `name`, and `salt` keeps them out of a server's cache. It ends after
    `count` requests, or after so many `seconds`. `seed` is that of an open loop's gaps.
    """

    name: str
    load: Load
    salt: str
    count: int | None
    seconds: float = inf
    seed: int = 0


@dataclass(frozen=True, slots=True)
class SentPart:
    """What came of a part: by one client, or by all of them.

    `down` is why the server is taken to be gone; `ran_out`: there were no more prompts before the
    time was over. `refused` and `adapted` are the fields that were not sent as asked.
    """

    timed: Sequence[TimedRequest]
    clients: Sequence[ClientFigures]
    reconnected: int = 0  # requests that met a closed idle connection
    down: str = ""
    ran_out: bool = False
    refused: Mapping[str, str] = field(default_factory=dict)
    adapted: Mapping[str, str] = field(default_factory=dict)

    @property
    def client(self) -> ClientFigures:
        """The busiest: where one held things up, its figures are not the server's."""
        return ClientFigures(
            cpu=max(each.cpu for each in self.clients),
            lag=max(each.lag for each in self.clients),
            bound_share=max(each.bound_share for each in self.clients),
        )


class Sending:
    """A part, or the stride of it that one of several clients has."""

    def __init__(
        self, server: MeasuredServer, workload: Workload, part: Part, stride: Stride = WHOLE
    ) -> None:
        self._server, self._part, self._stride = server, part, stride
        self._traffic = Traffic(server.timed)
        self._check = SelfCheck()
        self._requests = self._drawn(workload)
        if part.count is not None:  # to make them must not take the time of others
            self._requests = iter(list(islice(self._requests, stride.share(part.count))))
        gc.collect()

    @property
    def counts(self) -> TrafficCounts:
        """What has been done so far."""
        return self._traffic.counts

    @property
    def bound(self) -> bool:
        """Whether this client is the bottleneck now."""
        return self._check.bound

    async def run(self, start: float | None = None) -> SentPart:
        """Sends it from `start` on, by perf_counter, or at once.  Raises ServerError."""
        start = perf_counter() if start is None else start
        before = self._server.reconnected
        gc.freeze()  # a look at everything that was there before would stop the clock for long
        try:
            await asyncio.sleep(max(0.0, start - perf_counter()))
            async with background(self._check.watch()):
                begin, cpu = perf_counter(), process_time()
                await self._send(start)
                cpu = (process_time() - cpu) / (perf_counter() - begin)
        finally:
            gc.unfreeze()
        check, traffic, endpoint = self._check, self._traffic, self._server.endpoint
        load = ClientFigures(cpu=cpu, lag=check.worst_lag, bound_share=check.bound_share)
        return SentPart(
            traffic.timed,
            [load],
            self._server.reconnected - before,
            traffic.down,
            self._part.count is None and next(self._requests, None) is None,
            endpoint.refusals,
            endpoint.adapted,
        )

    async def _send(self, start: float) -> None:
        part, stride = self._part, self._stride
        load = part.load
        if load.concurrency is not None:
            slots = stride.share(load.concurrency)
            await closed_loop(self._traffic, self._requests, slots, part.seconds)
            return
        times = arrivals(part.count or 0, load.rate or inf, load.burstiness, part.seed)
        mine = times[stride.first :: stride.step]
        await open_loop(self._traffic, self._requests, mine, start)

    def _drawn(self, workload: Workload) -> Iterator[Request]:
        for number, body in workload.draw(self._part.name, self._stride):
            yield self._server.request(workload.kind, number, body, self._part.salt)


def merged(parts: Sequence[SentPart]) -> SentPart:
    """The part as all clients together sent it, in the order in which its requests ended."""
    timed = sorted((each for part in parts for each in part.timed), key=lambda each: each.ended)
    return SentPart(
        timed,
        [each for part in parts for each in part.clients],
        sum(part.reconnected for part in parts),
        next((part.down for part in parts if part.down), ""),
        any(part.ran_out for part in parts),
        {name: said for part in parts for name, said in part.refused.items()},
        {name: how for part in parts for name, how in part.adapted.items()},
    )
