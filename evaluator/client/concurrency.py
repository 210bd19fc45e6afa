"""How many requests to keep in flight: as many as the server turns into throughput, not more.

Where the server shows its own queue (vLLM's /metrics) that decides, because vLLM never answers 429.
Else throughput, latency and refusals decide: additive increase, multiplicative decrease.
"""

import asyncio
from dataclasses import dataclass, field, replace

from evaluator.client.pool import Pool
from evaluator.client.server_metrics import ServerMetrics

EVERY = 1.0  # seconds between steps
GROWTH, SHRINKING = 2.0, 0.7
TRIAL = 2  # seconds that a limit is tried; its first second, in which it fills up, not counted
WORTH = 1.05  # a larger limit must raise throughput by this to be kept
FULL_CACHE = 0.95  # share of the KV cache beyond which vLLM begins to preempt
BUSY = 0.9  # share of the limit in use that shows that the limit is what binds
LOSSES = 0.1  # connections lost for each reply, beyond which the server is taken to be overrun
SLOW = 1.5  # latency beside the best limit's that shows a queue somewhere
MOST_SLOTS = 1024  # per endpoint
FIRST_SLOTS = 64


@dataclass(frozen=True, slots=True)
class Observation:
    """What happened in a second, per endpoint."""

    in_flight: float
    replies: int = 0
    tokens: float = 0.0  # output tokens: the server's own count, where it has one
    latency: float = 0.0  # seconds, summed over the replies
    refused: int = 0  # 429 and 503
    lost: int = 0  # connections
    running: float | None = None  # None: the server shows nothing of itself
    waiting: float = 0.0
    preempted: int = 0
    kv_cache_use: float = 0.0


@dataclass(slots=True)
class Trial:
    """What a limit has given so far."""

    limit: int = 0
    seconds: int = 0
    replies: int = 0
    tokens: float = 0.0
    latency: float = 0.0

    def add(self, reading: Observation) -> None:
        """The first second, in which a limit fills up, is not counted."""
        self.seconds += 1
        if self.seconds > 1:
            self.replies += reading.replies
            self.tokens += reading.tokens
            self.latency += reading.latency

    @property
    def throughput(self) -> float:
        """Tokens per second, or replies where nobody counts tokens."""
        return (self.tokens or self.replies) / max(1, self.seconds - 1)

    @property
    def mean_latency(self) -> float:
        """Seconds a reply."""
        return self.latency / max(1, self.replies)


@dataclass(slots=True)
class Losses:
    """Connections lost under a limit, and the replies beside them."""

    limit: int = 0
    lost: int = 0
    replies: int = 0

    def add(self, reading: Observation, limit: int) -> None:
        """Another limit counts from nothing."""
        if limit != self.limit:
            self.limit, self.lost, self.replies = limit, 0, 0
        self.lost += reading.lost
        self.replies += reading.replies

    @property
    def repeat(self) -> bool:
        """Whether it was more than bad luck."""
        return self.lost > 1 and self.lost > LOSSES * self.replies


@dataclass(slots=True)
class ConcurrencyController:
    """Finds the limit, without I/O.

    `knee` is where more in flight stopped to help, None while unknown.
    """

    limit: int = FIRST_SLOTS
    most: int = MOST_SLOTS
    knee: int | None = None
    reason: str = "the limit was never reached"
    _pushed_back: bool = False  # whether the server set the knee, and may take it back
    _trial: Trial = field(default_factory=Trial)  # of the limit that is in use
    _best: Trial = field(default_factory=Trial)  # the highest throughput seen
    _larger: Trial | None = None  # what a limit gave that was then made smaller for its latency
    _doubted: bool = False  # whether making it smaller was in vain, the last time
    _losses: Losses = field(default_factory=Losses)

    def step(self, reading: Observation) -> int:
        """The limit from now on."""
        self._losses.add(reading, self.limit)
        if reading.refused:
            self._shrink(self.limit * SHRINKING, "the endpoint refused requests")
        elif reading.lost and self._losses.repeat:
            self._shrink(self.limit * SHRINKING, "connections were lost")
        elif reading.preempted or reading.kv_cache_use > FULL_CACHE:
            self._shrink(min(reading.running or 1, self.limit) * BUSY, "the KV cache is full")
        elif reading.running and reading.waiting > 0.1 * reading.running:
            # A short queue keeps the server's batch full when a request ends; a long one is idle.
            self._shrink(reading.running * 1.1 + 1, "the server queues what is beyond")
        elif reading.in_flight >= BUSY * self.limit:
            self._grow(reading)
        return self.limit

    def begin_again(self) -> None:
        """Looks for the knee anew: what was found may have been the client's own."""
        self.knee = None
        self._pushed_back = False
        self._trial, self._best, self._larger = Trial(), Trial(), None

    def _grow(self, reading: Observation) -> None:
        if self.knee is None or reading.running is None:
            self._trial.add(reading)
            if not self._seen(reading):
                return
            self._trial.limit, trial, self._trial = self.limit, self._trial, Trial()
            if self.knee is None:
                self._judge(trial)
            else:
                self._follow(trial)
        elif self._pushed_back and not reading.waiting:
            # What pushed back may have gone, as with shorter prompts: feel for it, step by step.
            self._feel()

    def _seen(self, reading: Observation) -> bool:
        # Without the server's count, tokens come with whole replies: wait for as many as fit.
        if reading.running is None:
            return self._trial.replies >= self.limit
        # A server that has shown no token yet has not been tried: long prompts take their time.
        return self._trial.seconds > TRIAL and self._trial.throughput > 0

    def _judge(self, trial: Trial) -> None:
        if trial.throughput <= self._best.throughput * WORTH:
            self._settle(self._best.limit, "more in flight did not raise throughput")
        elif self.limit == self.most:
            self._settle(self.most, "the client opens no more")
        else:
            self._best = trial
            self.limit = min(self.most, int(self.limit * GROWTH))

    def _follow(self, trial: Trial) -> None:
        """Beyond the knee of a server that shows nothing of itself, latency tells of a queue."""
        larger, self._larger = self._larger, None
        if larger and trial.throughput < larger.throughput / WORTH:
            # The smaller limit cost throughput: replies are longer now, and wait for nothing.
            # Once may be chance: the server may have slowed down in the middle of a trial.
            self._best = larger if self._doubted else self._best
            self._doubted = not self._doubted
            self._settle(larger.limit, "fewer in flight lowered throughput")
        elif not self._best.replies or trial.mean_latency < self._best.mean_latency:
            self._best = trial
        elif trial.mean_latency > SLOW * self._best.mean_latency:
            self._larger = trial
            self._settle(self.limit * SHRINKING, "latency rose with what was in flight")
        else:
            self._feel()

    def _feel(self) -> None:
        self.limit = min(self.most, self.limit + max(1, self.limit // 20))

    def _shrink(self, limit: float, reason: str) -> None:
        self._pushed_back = True
        self._trial, self._larger = Trial(), None
        self._settle(limit, reason)

    def _settle(self, limit: float, reason: str) -> None:
        self.limit = max(1, min(self.most, int(limit)))
        self.knee, self.reason = self.limit, reason


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts since the run began."""

    replies: int
    tokens: int
    latency: float  # seconds, summed over the replies
    server: ServerMetrics | None
    refused: int = 0
    lost: int = 0


def counts(pool: Pool) -> Counts:
    """What has come back to a pool so far."""
    server, refused, lost = pool.server, pool.refused, pool.lost
    return Counts(pool.replies, pool.output_tokens, pool.latency, server, refused, lost)


async def steer(pool: Pool, controller: ConcurrencyController) -> None:
    """Keeps a pool at the controller's limit until cancelled."""
    before = counts(pool)
    while True:
        await asyncio.sleep(EVERY)
        now = counts(pool)
        pool.resize(controller.step(observe(pool, before, now)))
        before = now


def observe(pool: Pool, before: Counts, now: Counts) -> Observation:
    """A reading per endpoint."""
    n = len(pool.endpoints)
    seen = Observation(
        in_flight=pool.in_flight / n,
        replies=(now.replies - before.replies) // n,
        tokens=(now.tokens - before.tokens) / n,
        latency=(now.latency - before.latency) / n,
        refused=now.refused - before.refused,
        lost=now.lost - before.lost,
    )
    if now.server is None or before.server is None:
        return seen
    return replace(
        seen,
        # A server that has been restarted counts from nothing again.
        tokens=max(0, now.server.output_tokens - before.server.output_tokens) / n,
        running=now.server.running / n,
        waiting=now.server.waiting / n,
        preempted=max(0, now.server.preemptions - before.server.preemptions),
        kv_cache_use=now.server.kv_cache_use,
    )
