"""All endpoints of one role behind one `send`: slots, retries, rates, and endpoints that fall over.

Retries live here and not in the transports, because a retry may go to another endpoint and is
counted.  An endpoint that does not answer at all is set aside and probed until it is back; what
was in flight there is asked again elsewhere.
"""

import asyncio
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import monotonic

from asyncio_throttle.throttler import Throttler

from evaluator.client.server_metrics import ServerMetrics, parse
from evaluator.client.wire import Transport
from evaluator.types import (
    Request,
    RequestError,
    Response,
    ServerError,
    Transient,
    UsageError,
)

FIRST_BACKOFF, LONGEST_BACKOFF = 0.5, 30.0  # seconds
PROBE_EVERY = 1.0  # seconds between probes of an endpoint that is down
THROTTLE_WINDOWS = 600  # rate windows in a minute: 0.1 s each, so that a rate is not one burst


@dataclass(slots=True, eq=False)
class Endpoint:
    """One server as the pool sees it."""

    transport: Transport
    in_flight: int = 0
    probe: "asyncio.Task[None] | None" = None  # running while the endpoint is down

    @property
    def up(self) -> bool:
        return self.probe is None


class Pool:
    """The endpoints that serve one model.

    `slots` requests at most are in flight at each endpoint; a request is tried `retries` times
    more after a passing failure; with every endpoint down for `patience` seconds the run ends.
    """

    def __init__(
        self,
        model: str,
        transports: Sequence[Transport],
        slots: int = 64,
        retries: int = 8,
        rpm: float | None = None,
        patience: float = 300.0,
    ) -> None:
        self.model = model
        self.endpoints = [Endpoint(transport) for transport in transports]
        self.slots = slots
        self.retries = retries
        self.patience = patience
        self.retried = 0  # attempts that had to be repeated
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._turn = asyncio.Lock()
        self._throttler = throttler(rpm) if rpm else None
        self._given_up: ServerError | None = None

    @property
    def in_flight(self) -> int:
        """Requests on their way now, over all endpoints."""
        return sum(endpoint.in_flight for endpoint in self.endpoints)

    @property
    def capacity(self) -> int:
        """Requests that may be in flight at once."""
        return self.slots * len(self.endpoints)

    async def send(self, request: Request) -> Response:
        """The response, however many attempts it takes.

        Raises RequestError when it failed for good, ServerError when no endpoint is left.
        """
        failures = 0
        while True:
            await self._throttled()
            endpoint = await self._acquire()
            try:
                response = await endpoint.transport.send(request)
                return replace(response, attempts=failures + 1) if failures else response
            except Transient as error:
                if error.down:
                    self._set_aside(endpoint)  # not the request's fault: it keeps its attempts
                    continue
                failures += 1
                if failures > self.retries:
                    raise RequestError(f"{error} ({failures} attempts)") from error
                delay = backoff(failures, error.retry_after)
            finally:
                self._release(endpoint)
            self.retried += 1
            await asyncio.sleep(delay)

    async def check(self) -> None:
        """Proves that every endpoint answers and serves the model.

        Raises ServerError when one does not answer, UsageError when it serves other models.
        """
        for endpoint in self.endpoints:
            models = await endpoint.transport.models()
            served = [entry.get("id") for entry in models or ()]
            if served and self.model not in served:
                raise UsageError(
                    f"{endpoint.transport.url} does not serve {self.model!r}; "
                    f"it serves {', '.join(map(repr, served))}"
                )

    async def metrics(self) -> ServerMetrics | None:
        """A reading of the servers' own metrics; None where they have none."""
        pages = [await endpoint.transport.page("/metrics") for endpoint in self.endpoints]
        return parse("\n".join(page for page in pages if page))

    async def close(self) -> None:
        """Ends the probes and closes the connections."""
        for endpoint in self.endpoints:
            if endpoint.probe:
                endpoint.probe.cancel()
            await endpoint.transport.close()

    async def _throttled(self) -> None:
        if self._throttler:
            # The throttler polls for each of its waiters, so only one may wait there.
            async with self._turn, self._throttler:
                pass

    async def _acquire(self) -> Endpoint:
        while True:
            if self._given_up:
                raise self._given_up
            free = [e for e in self.endpoints if e.up and e.in_flight < self.slots]
            if free:
                endpoint = min(free, key=lambda e: e.in_flight)
                endpoint.in_flight += 1
                return endpoint
            waiter = asyncio.get_running_loop().create_future()
            self._waiting.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                if not waiter.cancelled():
                    self._wake(1)  # it was this one's turn: the next in line has it
                raise

    def _release(self, endpoint: Endpoint) -> None:
        endpoint.in_flight -= 1
        self._wake(1)

    def _wake(self, count: int) -> None:
        while count and self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                count -= 1

    def _set_aside(self, endpoint: Endpoint) -> None:
        if endpoint.up:
            endpoint.probe = asyncio.create_task(self._probe(endpoint))

    async def _probe(self, endpoint: Endpoint) -> None:
        deadline = monotonic() + self.patience
        while True:
            try:
                await endpoint.transport.models()
                break
            except ServerError as error:
                if monotonic() > deadline and not any(e.up for e in self.endpoints):
                    self._given_up = ServerError(
                        f"no endpoint has answered for {self.patience:g} s: {error}"
                    )
                    self._wake(len(self._waiting))
                    return
            await asyncio.sleep(PROBE_EVERY)
        endpoint.probe = None
        self._wake(self.slots)


def backoff(failures: int, retry_after: float | None) -> float:
    """Seconds before the next attempt: what the server asked for, else doubling, with jitter."""
    if retry_after is not None:
        return retry_after + random.uniform(0, FIRST_BACKOFF)
    longest = min(LONGEST_BACKOFF, FIRST_BACKOFF * 2.0 ** (failures - 1))
    return random.uniform(longest / 2, longest)


def throttler(rpm: float) -> Throttler:
    """Requests per minute as a rate per tenth of a second, so that a minute is not one burst."""
    rate = max(1, round(rpm / THROTTLE_WINDOWS))
    return Throttler(rate_limit=rate, period=60.0 * rate / rpm)
