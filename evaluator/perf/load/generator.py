"""The load generator: so many requests at once (closed loop), or so many a second (open loop).

It keeps the times and judges nothing.  There are no retries: a second attempt would hide what the
first one took.
"""

import asyncio
from array import array
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import inf
from time import perf_counter

from evaluator.errors import RequestError, Transient
from evaluator.types import Request, Response

Send = Callable[[Request], Awaitable[tuple[Response, Sequence[float]]]]


@dataclass(frozen=True, slots=True)
class Load:
    """`concurrency` requests at once, or `rate` a second (inf: all of them at once).

    `burstiness` is the shape of the gamma distribution that the gaps are drawn from: 1 gives a
    Poisson process, less bursts, more evenness, inf a constant gap.
    """

    concurrency: int | None = None
    rate: float | None = None
    burstiness: float = 1.0

    @property
    def label(self) -> str:
        """For a table."""
        if self.concurrency is not None:
            return f"{self.concurrency} at once"
        if self.rate == inf:
            return "all at once"
        shape = "" if self.burstiness == 1 else f", burstiness {self.burstiness:.12g}"
        return f"{self.rate:.12g}/s{shape}"

    @property
    def usual_requests(self) -> int:
        """Enough for a steady state: each slot turns over eight times, or half a minute passes."""
        if self.concurrency is not None:
            return max(20, 8 * self.concurrency)
        return 100 if self.rate == inf else max(20, round(30 * (self.rate or 0)))


@dataclass(frozen=True, slots=True)
class TimedRequest:
    """One request and what became of it.  Times in seconds on the clock of perf_counter."""

    sample_id: str
    scheduled: float  # when it was due: in a closed loop, when it was sent
    sent: float
    ended: float
    response: Response | None = None
    arrivals: Sequence[float] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class TrafficCounts:
    """What is under way, and what has come back, in numbers: for who watches."""

    done: int = 0
    in_flight: int = 0
    output_tokens: int = 0
    uncounted: int = 0  # replies whose tokens the server did not count


@dataclass(slots=True)
class Traffic:
    """What is under way over one `send`, and what has come back."""

    send: Send
    timed: list[TimedRequest] = field(default_factory=list)
    in_flight: int = 0
    output_tokens: int = 0
    uncounted: int = 0
    down: str = ""  # why the server is taken to be gone: nothing more is sent then

    @property
    def counts(self) -> TrafficCounts:
        """As they are now."""
        return TrafficCounts(len(self.timed), self.in_flight, self.output_tokens, self.uncounted)

    async def send_one(self, request: Request, scheduled: float | None = None) -> None:
        """Sends one request and notes what became of it.  Raises ServerError."""
        self.in_flight += 1
        sent = perf_counter()
        response: Response | None = None
        arrivals: Sequence[float] = ()
        failure = ""
        try:
            response, arrivals = await self.send(request)
            self.output_tokens += response.output_tokens
            self.uncounted += not response.counted
        except RequestError as error:
            failure = str(error)
            if isinstance(error, Transient) and error.down:
                self.down = failure
        finally:
            self.in_flight -= 1
        due = sent if scheduled is None else scheduled
        ended = perf_counter()
        times = array("d", arrivals)  # a third of a list's memory
        self.timed.append(
            TimedRequest(request.sample_id, due, sent, ended, response, times, failure)
        )


async def closed_loop(
    traffic: Traffic, requests: Iterator[Request], concurrency: int, seconds: float = inf
) -> None:
    """Keeps `concurrency` requests in flight until none is left or the time is over."""
    until = perf_counter() + seconds

    async def slot() -> None:
        while perf_counter() < until and not traffic.down:
            if (request := next(requests, None)) is None:
                return
            await traffic.send_one(request)

    async with asyncio.TaskGroup() as group:
        for _ in range(concurrency):
            group.create_task(slot())
            await asyncio.sleep(0)  # or all clocks would start before the first request is out


async def open_loop(
    traffic: Traffic, requests: Iterator[Request], times: Iterable[float], start: float
) -> None:
    """Sends each request at its time, in seconds from `start`, whatever the server does."""
    async with asyncio.TaskGroup() as group:
        for due, request in zip(times, requests, strict=False):
            await asyncio.sleep(max(0.0, start + due - perf_counter()))
            if traffic.down:
                return
            group.create_task(traffic.send_one(request, start + due))
