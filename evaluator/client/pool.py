"""All endpoints of one role behind one `send`: slots, retries, rates, and endpoints that fail.

Retries live here and not in the transports, because a retry may go to another endpoint and is
counted.  An endpoint that stops answering is ejected and probed until it is back; what was in
flight there is asked again elsewhere.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from time import monotonic
from zlib import crc32

from evaluator.client.address import model_card
from evaluator.client.dialects import known
from evaluator.client.endpoint import REFUSALS, Endpoint, attempt, prefix, response_format
from evaluator.client.failures import backoff
from evaluator.client.rates import Rates
from evaluator.client.server_metrics import ServerMetrics, parse
from evaluator.client.transport import Transport
from evaluator.client.urls import hosted
from evaluator.errors import RequestError, ServerError, Transient, UsageError
from evaluator.types import Request, Response, Schema

MOST_TIMEOUTS = 1  # that a reply which ran out of time is asked for again
PROBE_EVERY = 1.0  # seconds between probes of an endpoint that is down


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
        self.patience = patience
        self.died = died  # why the server at a URL will not be back
        self.faults: Counter[str] = Counter()  # passing failures by kind
        self.open = 0  # requests that have no response yet, waiting ones included
        self.replies = 0
        self.output_tokens = 0
        self.latency = 0.0  # seconds, summed over the replies
        self.server: ServerMetrics | None = None  # the latest reading of the server's own metrics
        self.takes_schemas = True  # until an endpoint refuses a request for its schema alone
        self._waiting: deque[asyncio.Future[None]] = deque()
        self.rates = rates or Rates()
        self._given_up: ServerError | None = None

    @property
    def in_flight(self) -> int:
        """Requests on their way now, over all endpoints."""
        return sum(endpoint.in_flight for endpoint in self.endpoints)

    @property
    def all_slots(self) -> int:
        """Requests that may be in flight now, over all endpoints."""
        return self.slots * len(self.endpoints)

    @property
    def refused(self) -> int:
        """Requests that an endpoint turned away because there were too many."""
        return self.faults["status 429"] + self.faults["status 503"]

    @property
    def capacity(self) -> int:
        """Requests that may ever be in flight at once."""
        return self.most_slots * len(self.endpoints)

    def resize(self, slots: int) -> None:
        """Sets the slots of each endpoint; what is in flight above them is left to end."""
        self.slots = max(1, min(slots, self.most_slots))
        self._wake(self.all_slots - self.in_flight)

    @property
    def queued(self) -> int:
        """Requests that wait here for a slot, a rate limit or another attempt."""
        return self.open - self.in_flight

    async def send(self, request: Request) -> Response:
        """The response, however many attempts it takes.

        Raises RequestError when it failed for good, ServerError when no endpoint is left.
        """
        self.open += 1
        try:
            if request.schema:
                response = await self._constrained(request, request.schema)
            else:
                response = await self._attempts(request)
        finally:
            self.open -= 1
        self.replies += 1
        self.output_tokens += response.output_tokens
        self.latency += response.latency
        return response

    async def _constrained(self, request: Request, schema: Schema) -> Response:
        """Asks for the schema where that is known to be taken, or not yet known; else without."""
        if not self.takes_schemas:
            return await self._attempts(request)
        body = {**request.body, "response_format": response_format(schema)}
        try:
            response = await self._attempts(replace(request, body=body))
        except RequestError as error:
            if error.status not in REFUSALS:
                raise
            response = await self._attempts(request)
            self.takes_schemas = False
        return replace(response, key=request.key)

    async def _attempts(self, request: Request) -> Response:
        failures = timeouts = 0
        while True:
            endpoint, guess = await self._acquire(request)
            try:
                response = await attempt(endpoint, request)
                self.rates.passed(guess, response)
                return replace(response, attempts=failures + 1) if failures else response
            except Transient as error:
                self.faults[error.kind] += 1
                if error.down:
                    self._eject(endpoint)  # the request's attempts are not counted
                    continue
                failures += 1
                timeouts += error.kind == "timeout"  # a full server would have to do all again
                if failures > self.retries or timeouts > MOST_TIMEOUTS:
                    raise RequestError(f"{error} ({failures} attempts)") from error
                delay = backoff(failures, error.retry_after)
            finally:
                self._release(endpoint)
            await asyncio.sleep(delay)

    async def check(self) -> None:
        """Proves that every endpoint answers and serves the model.

        Raises ServerError when one does not answer, UsageError when it serves other models, the
        API is at another URL, or the endpoints differ in the length of context that they serve.
        """
        lengths = {}
        for endpoint in self.endpoints:
            endpoint.card = await model_card(endpoint, self.model)
            lengths[endpoint.transport.url] = endpoint.card.get("max_model_len")
        if len(set(lengths.values())) > 1:
            raise UsageError(
                f"the endpoints serve {self.model!r} with different context lengths: {lengths}; "
                "a score must not depend on which of them a question meets"
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

    def _free(self, request: Request) -> Endpoint | None:
        """The least busy endpoint with a free slot, or the one that knows the prompt's prefix."""
        free = [e for e in self.endpoints if e.up and e.in_flight < self.slots]
        if len(free) < 2:
            return free[0] if free else None
        least = min(free, key=lambda e: e.in_flight)
        known = self.endpoints[crc32(prefix(request)) % len(self.endpoints)]
        near = known.in_flight <= least.in_flight + max(1, self.slots // 8)
        return known if near and known in free else least

    async def _acquire(self, request: Request) -> tuple[Endpoint, float]:
        """A slot, and the tokens that the request was taken to need for its rate.

        A slot is waited for first: with leave to pass in hand, those who wait for slots would
        break the rate once these come free.  While a request waits for its rate it takes none.
        """
        if not self.rates.bound:
            endpoint, guess = await self._room(request), 0.0
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
            if self._given_up:
                raise self._given_up
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

    def _eject(self, endpoint: Endpoint) -> None:
        if endpoint.up:
            endpoint.probe = asyncio.create_task(self._probe(endpoint))

    async def _probe(self, endpoint: Endpoint) -> None:
        deadline = monotonic() + self.patience
        while True:
            try:
                await endpoint.transport.models()
                break
            except (ServerError, RequestError) as error:
                late = monotonic() > deadline and not any(e.up for e in self.endpoints)
                causes = [self.died(e.transport.url) for e in self.endpoints]
                if late or all(causes):
                    waited = f"no endpoint has answered for {self.patience:g} s: {error}"
                    dead = f"the server at {self.endpoints[0].transport.url} died: {causes[0]}"
                    self._given_up = ServerError(dead if all(causes) else waited)
                    self._wake(len(self._waiting))
                    return
            await asyncio.sleep(PROBE_EVERY)
        endpoint.probe = None
        self._wake(self.slots)
