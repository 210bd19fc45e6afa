"""How many requests to keep in flight: as many as the server turns into throughput, not more.

Steered by the server's own queue where it shows one (vLLM's /metrics), because vLLM never answers
429; otherwise by throughput, and by refusals.  What pushed back once is felt for again in small
steps (additive increase, multiplicative decrease).
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from evaluator.client.pool import Pool
from evaluator.client.server_metrics import ServerMetrics

EVERY = 1.0  # seconds between steps
GROWTH, SHRINKING = 2.0, 0.7
TRIAL = 2  # seconds that a limit is tried; its first second, in which it fills up, not counted
WORTH = 1.05  # a larger limit must raise throughput by this to be kept
FULL_CACHE = 0.95  # share of the KV cache beyond which vLLM begins to preempt
BUSY = 0.9  # share of the limit in use that shows that the limit is what binds
MOST_SLOTS = 1024  # per endpoint
FIRST_SLOTS = 64


@dataclass(frozen=True, slots=True)
class Reading:
    """What happened in a second, per endpoint."""

    in_flight: float
    replies: int = 0
    tokens: float = 0.0  # output tokens: the server's own count, where it has one
    refused: int = 0  # 429 and 503
    running: float | None = None  # None: the server shows nothing of itself
    waiting: float = 0.0
    preempted: int = 0
    kv_cache_use: float = 0.0


@dataclass(slots=True)
class Steering:
    """Finds the limit.  `knee` is where more in flight stopped to help, None while unknown."""

    limit: int = FIRST_SLOTS
    most: int = MOST_SLOTS
    knee: int | None = None
    reason: str = "the limit was never reached"
    _pushed_back: bool = False  # whether the server set the knee, and may take it back
    _best: float = 0.0  # the highest throughput seen, and the limit that gave it
    _best_limit: int = FIRST_SLOTS
    _seconds: int = 0  # of the trial that runs, with what it has given so far
    _replies: int = 0
    _tokens: float = 0.0

    def step(self, reading: Reading) -> int:
        """The limit from now on."""
        if reading.refused:
            self._shrink(self.limit * SHRINKING, "the endpoint refused requests")
        elif reading.preempted or reading.kv_cache_use > FULL_CACHE:
            self._shrink(min(reading.running or 1, self.limit) * BUSY, "the KV cache is full")
        elif reading.running and reading.waiting > 0.1 * reading.running:
            # A short queue keeps the server's batch full when a request ends; a long one is idle.
            self._shrink(reading.running * 1.1 + 1, "the server queues what is beyond")
        elif reading.in_flight >= BUSY * self.limit:
            self._grow(reading)
        return self.limit

    def _grow(self, reading: Reading) -> None:
        if self.knee is None:
            self._try(reading)
        elif self._pushed_back and not reading.waiting:
            # What pushed back may have gone, as with shorter prompts: feel for it, step by step.
            self.limit = min(self.most, self.limit + max(1, self.limit // 20))

    def _try(self, reading: Reading) -> None:
        self._seconds += 1
        if self._seconds == 1:
            return
        self._replies += reading.replies
        self._tokens += reading.tokens
        # Without the server's count, tokens come with whole replies: wait for as many as fit.
        seen = self._seconds > TRIAL if reading.running is not None else self._replies >= self.limit
        if seen:
            self._judge((self._tokens or self._replies) / (self._seconds - 1))
            self._seconds, self._replies, self._tokens = 0, 0, 0.0

    def _judge(self, throughput: float) -> None:
        if throughput <= self._best * WORTH:
            self._settle(self._best_limit, "more in flight did not raise throughput")
        elif self.limit == self.most:
            self._settle(self.most, "the client opens no more")
        else:
            self._best, self._best_limit = throughput, self.limit
            self.limit = min(self.most, int(self.limit * GROWTH))

    def _shrink(self, limit: float, reason: str) -> None:
        self._pushed_back = True
        self._settle(limit, reason)

    def _settle(self, limit: float, reason: str) -> None:
        self.limit = max(1, min(self.most, int(limit)))
        self.knee, self.reason = self.limit, reason


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts since the run began."""

    replies: int
    tokens: int
    server: ServerMetrics | None


async def steer(pool: Pool, steering: Steering, totals: Callable[[], Totals]) -> None:
    """Steers a pool until cancelled."""
    before, refused = totals(), pool.refused
    while True:
        await asyncio.sleep(EVERY)
        now = totals()
        pool.resize(steering.step(observe(pool, pool.refused - refused, before, now)))
        before, refused = now, pool.refused


def observe(pool: Pool, refused: int, before: Totals, now: Totals) -> Reading:
    """A reading per endpoint."""
    n = len(pool.endpoints)
    replies, tokens = (now.replies - before.replies) // n, (now.tokens - before.tokens) / n
    if now.server is None or before.server is None:
        return Reading(pool.in_flight / n, replies, tokens, refused)
    return Reading(
        pool.in_flight / n,
        replies,
        (now.server.output_tokens - before.server.output_tokens) / n,
        refused,
        now.server.running / n,
        now.server.waiting / n,
        now.server.preemptions - before.server.preemptions,
        now.server.kv_cache_use,
    )
