"""All endpoints of one role behind one `send`: slots, retries, rates, and endpoints that fail.

Retries live here and not in the transports, because a retry may go to another endpoint and is
counted.  An endpoint that stops answering is ejected and probed until it is back; what was in
flight there is asked again elsewhere.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from time import monotonic
from zlib import crc32

from evaluator.client.address import model_card
from evaluator.client.dialects import known
from evaluator.client.endpoint import Endpoint, attempt_at_rate, prefix
from evaluator.client.failures import backoff
from evaluator.client.health import Health
from evaluator.client.liveness import IDLE_CLOSED, LOST, TIMED_OUT
from evaluator.client.rates import Rates
from evaluator.client.server_metrics import ServerMetrics, metrics_page, parse
from evaluator.client.transport import Transport
from evaluator.client.urls import hosted
from evaluator.client.watch import CachedTokens
from evaluator.errors import RequestError, ServerError, Transient, UsageError
from evaluator.locale import N_
from evaluator.types import Request, Response

Admit = Callable[[Request], None]
MOST_TIMEOUTS = 1  # that a reply which ran out of time is asked for again


class Pool:
    """The endpoints that serve one model.

    At most `slots` requests are in flight at each endpoint; a controller may raise that to
    `most_slots`.  After a passing failure a request is tried `retries` times more.  The run ends
    when every endpoint has been down for `patience` seconds, or has died by what `died` says.
    """

    def __init__(
        self,
        model: str,
        transports: Sequence[Transport],
        slots: int = 64,
        most_slots: int = 0,
        retries: int = 8,
        rates: Rates | None = None,
        patience: float = 300.0,
        died: Callable[[str], str] = lambda url: "",
    ) -> None:
        self.model = model
        self.endpoints = [
            Endpoint(each, takes_optional=not hosted(each.url), rules=known(each.url, model))
            for each in transports
        ]
        self.slots = slots
        self.most_slots = max(slots, most_slots)
        self.steered = most_slots > slots
        self.retries = retries
        self.health = Health(model, self.endpoints, patience, self._wake_all, died)
        self.failures: Counter[str] = Counter()  # passing ones by kind, but for idle connections
        self.last_fault = ""  # the latest of the passing failures, in the server's words
        self.open = 0  # requests that have no response yet, waiting ones included
        self.replies = 0
        self.output_tokens = 0
        self.uncounted = 0  # replies whose tokens the server did not count
        self.cached = CachedTokens()
        self.latency = 0.0  # seconds, summed over the replies
        self.server: ServerMetrics | None = None  # the latest reading of the server's own metrics
        self._waiting: deque[asyncio.Future[None]] = deque()
        self.rates = rates or Rates()

    @property
    def in_flight(self) -> int:
        """Requests on their way now, over all endpoints."""
        return sum(endpoint.in_flight for endpoint in self.endpoints)

    @property
    def all_slots(self) -> int:
        """Requests that may be in flight now, over all endpoints."""
        return sum(map(self._slots, self.endpoints))

    @property
    def faults(self) -> Counter[str]:
        """Passing failures by kind."""
        idle = sum(endpoint.transport.liveness.reconnected for endpoint in self.endpoints)
        return self.failures + Counter({IDLE_CLOSED: idle})

    @property
    def refused(self) -> int:
        """Requests that an endpoint turned away because there were too many."""
        return self.failures["status 429"] + self.failures["status 503"]

    @property
    def lost(self) -> int:
        """Requests that ended with their connection."""
        return sum(self.faults[kind] for kind in (LOST, "cut stream", IDLE_CLOSED))

    @property
    def capacity(self) -> int:
        """Requests that may ever be in flight at once."""
        return sum(endpoint.slots or self.most_slots for endpoint in self.endpoints)

    def resize(self, slots: int) -> None:
        """Sets the slots of each endpoint; what is in flight above them is left to end."""
        self.slots = max(1, min(slots, self.most_slots))
        self._wake(self.all_slots - self.in_flight)

    @property
    def queued(self) -> int:
        """Requests that wait here for a slot, a rate limit or another attempt."""
        return self.open - self.in_flight

    async def send(self, request: Request, admit: Admit = lambda request: None) -> Response:
        """The response, however many attempts it takes; `admit` may raise before each of them.

        Raises RequestError when it failed for good, ServerError when no endpoint is left.
        """
        self.open += 1
        try:
            response = await self._attempts(request, admit)
        finally:
            self.open -= 1
        self.replies += 1
        self.output_tokens += response.output_tokens
        self.uncounted += not response.counted
        self.cached.add(response)
        self.latency += response.latency
        return response

    async def _attempts(self, request: Request, admit: Admit) -> Response:
        failures = timeouts = 0
        while True:
            endpoint, guess = await self._acquire(request)
            try:
                admit(request)
                response = await attempt_at_rate(endpoint, request, endpoint.rates)
                self.rates.passed(guess, response)
                return replace(response, attempts=failures + 1) if failures else response
            except Transient as error:
                ejected = not endpoint.up and error.kind == TIMED_OUT
                self.failures["frozen endpoint" if ejected else error.kind] += 1
                self.last_fault = str(error)
                if error.down:
                    self.health.eject(endpoint, str(error), monotonic())
                if not endpoint.up:
                    continue  # the request's attempts are not counted
                failures += 1
                timeouts += error.kind == TIMED_OUT  # a full server would have to do all again
                if failures > self.retries or timeouts > MOST_TIMEOUTS:
                    raise RequestError(f"{error} ({failures} attempts)") from error
                delay = backoff(failures, error.retry_after)
            finally:
                self._release(endpoint)
            await asyncio.sleep(delay)

    async def check(self, may_be_down: Collection[str] = ()) -> None:
        """Proves that every endpoint answers and serves the model.

        One at a URL that `may_be_down` need not, while another does: it is probed until it is back.
        Raises ServerError when one does not answer, UsageError when it serves other models, the
        API is at another URL, or the endpoints differ in the length of context that they serve.
        """
        lengths = {}
        for endpoint in self.endpoints:
            try:
                endpoint.card = await model_card(endpoint, self.model)
            except ServerError as error:
                self.health.eject(endpoint, str(error), monotonic())
                others = any(each.up for each in self.endpoints)
                if endpoint.transport.url not in may_be_down or not others:
                    raise
                continue
            lengths[endpoint.transport.url] = endpoint.card.get("max_model_len")
        if len(set(lengths.values())) > 1:
            raise UsageError(
                N_(
                    "the endpoints serve {model!r} with different context lengths: {lengths}; "
                    "a score must not depend on which of them a question meets",
                    model=self.model,
                    lengths=lengths,
                )
            )

    async def metrics(self) -> ServerMetrics | None:
        """A reading of the servers' own metrics; None where they have none."""
        answering = [endpoint.transport for endpoint in self.endpoints if endpoint.up]
        pages = await asyncio.gather(*map(metrics_page, answering))
        return parse("\n".join(pages))

    async def close(self) -> None:
        """Ends the probes and closes the connections."""
        for endpoint in self.endpoints:
            if endpoint.probe:
                endpoint.probe.cancel()
            await endpoint.transport.close()

    def _slots(self, endpoint: Endpoint) -> int:
        return endpoint.slots or self.slots

    def _free(self, request: Request) -> Endpoint | None:
        """The least busy endpoint with a free slot, or the one that knows the prompt's prefix."""
        free = [e for e in self.endpoints if e.up and e.in_flight < self._slots(e)]
        if len(free) < 2:
            return free[0] if free else None
        least = min(free, key=lambda e: e.in_flight / self._slots(e))
        known = self.endpoints[crc32(prefix(request)) % len(self.endpoints)]
        near = known.in_flight <= least.in_flight + max(1, self.slots // 8)
        return known if near and known in free else least

    async def _acquire(self, request: Request) -> tuple[Endpoint, float]:
        """A slot, and the tokens that the request was taken to need for its rate.

        A slot is waited for first: with leave to pass in hand, those who wait for slots would
        break the rate once these come free.  While a request waits for its rate it takes none.
        """
        if not self.rates.bound:
            free = None if self.health.given_up else self._free(request)
            endpoint, guess = free or await self._room(request), 0.0
        else:
            async with self.rates.turn:
                await self._room(request)
                guess = await self.rates.passing(request)
                endpoint = await self._room(request)  # the other may have gone down meanwhile
        endpoint.in_flight += 1
        return endpoint, guess

    async def _room(self, request: Request) -> Endpoint:
        """An endpoint with a free slot, to be taken before anything else is awaited."""
        while True:
            if self.health.given_up:
                raise self.health.given_up
            if endpoint := self._free(request):
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
        while count > 0 and self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                count -= 1

    def _wake_all(self) -> None:
        self._wake(len(self._waiting))
