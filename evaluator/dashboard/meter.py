"""Counts the events of a run: the figures that the dashboard shows."""

import asyncio
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from time import monotonic

from evaluator.client.endpoint import Endpoint
from evaluator.client.pool import Pool
from evaluator.client.server_metrics import ServerMetrics
from evaluator.client.watch import EVERY, MetricsWatch
from evaluator.dashboard.selfcheck import SelfCheck
from evaluator.dashboard.throughput import Throughput
from evaluator.engine.budget import Budget
from evaluator.statistics.intervals import Running
from evaluator.types import MEASURED, SHARE, Event, Outcome, Response, Scale

KEPT_ANSWERS = 8  # of the samples that ended last
RATE_WINDOW = 10.0  # seconds over which rates are taken


@dataclass(slots=True)
class BenchmarkProgress:
    """One benchmark so far: samples done, and their replies by status.

    `unparsed` counts unparsed verdicts of a judge too.
    """

    total: int
    scale: Scale = SHARE
    done: int = 0
    score: Running = field(init=False)
    unparsed: int = 0
    truncated: int = 0
    errors: int = 0

    def __post_init__(self) -> None:
        self.score = Running(self.scale)

    def add(self, outcome: Outcome) -> None:
        self.done += 1
        replies = outcome.states or {outcome.status: 1}
        self.unparsed += replies.get("unparsed", 0) + replies.get("judge_unparsed", 0)
        self.truncated += replies.get("truncated", 0)
        self.errors += replies.get("error", 0)
        if outcome.score is not None and outcome.status in MEASURED:
            self.score.add(outcome.score.value)


@dataclass(slots=True)
class Meter:
    """Counts events.  `metrics` are the server's own."""

    totals: Mapping[str, int]
    pools: Mapping[str, Pool]
    scales: Mapping[str, Scale] = field(default_factory=dict)  # of values that are not shares
    rows: dict[str, BenchmarkProgress] = field(init=False)
    responses: int = 0
    output_tokens: int = 0
    uncounted: int = 0  # responses whose tokens the server did not count
    check: SelfCheck = field(default_factory=SelfCheck)
    metrics: MetricsWatch = field(default_factory=MetricsWatch)
    started: float = field(default_factory=monotonic)
    throughput: Throughput = field(default_factory=Throughput)
    answers: deque[Outcome] = field(default_factory=lambda: deque(maxlen=KEPT_ANSWERS))
    engine: str = ""  # the server's software, where it tells
    budget: Budget | None = None
    _history: deque[tuple[float, int, int]] = field(default_factory=deque, init=False)

    def __post_init__(self) -> None:
        self.rows = {
            name: BenchmarkProgress(total, self.scales.get(name, SHARE))
            for name, total in self.totals.items()
        }

    def __call__(self, event: Event) -> None:
        if isinstance(event, Response):
            self.responses += 1
            self.output_tokens += event.output_tokens
            self.uncounted += not event.counted
        elif isinstance(event, Outcome):
            self.rows[event.benchmark].add(event)
            self.answers.append(event)

    def sum_up(self, pools: Collection[Pool]) -> None:
        """Takes what the pools counted, in place of events."""
        self.responses = sum(pool.replies for pool in pools)
        self.output_tokens = sum(pool.output_tokens for pool in pools)
        self.uncounted = sum(pool.uncounted for pool in pools)

    def shorten(self, benchmark: str, total: int) -> None:
        """Sets a smaller number of samples, where a benchmark stops early."""
        self.rows[benchmark].total = total

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return monotonic() - self.started

    @property
    def remaining(self) -> float | None:
        """Seconds left at the average pace so far; None before the first sample is done.

        While no endpoint of the model answers there is no telling.
        """
        if self.pools and not any(endpoint.up for endpoint in self.pools["model"].endpoints):
            return None
        done = sum(row.done for row in self.rows.values())
        total = sum(row.total for row in self.rows.values())
        return self.elapsed * (total - done) / done if done else None

    @property
    def model(self) -> str:
        """The name of the model that is measured."""
        return self.pools["model"].model if self.pools else ""

    @property
    def others(self) -> dict[str, Pool]:
        """The pools of other roles, such as a judge; a model that judges itself has none."""
        model = self.pools.get("model")
        return {role: pool for role, pool in self.pools.items() if pool is not model}

    @property
    def down(self) -> list[Endpoint]:
        """The endpoints of any role that do not answer."""
        pools = set(self.pools.values())
        return [each for pool in pools for each in pool.endpoints if not each.up]

    @property
    def in_flight(self) -> int:
        """Requests to the model that are in flight."""
        return self.pools["model"].in_flight if self.pools else 0

    @property
    def slots(self) -> int:
        """Requests to the model that may be in flight now."""
        return self.pools["model"].all_slots if self.pools else 0

    @property
    def retries(self) -> int:
        """Temporary failures of requests, each of which was tried again."""
        return sum(pool.faults.total() for pool in set(self.pools.values()))

    @property
    def last_fault(self) -> str:
        """The latest temporary failure; empty where there was none."""
        return next((pool.last_fault for pool in self.pools.values() if pool.last_fault), "")

    @property
    def prefix_hit_rate(self) -> float | None:
        """Share of the model's prompt tokens that came from the prefix cache during this run.

        By /metrics where the server has them, else by what its replies say.
        """
        rate = self.metrics.prefix_hit_rate
        return self.pools["model"].cached.hit_rate if rate is None and self.pools else rate

    @property
    def server(self) -> ServerMetrics | None:
        """The latest reading of the server's own metrics."""
        return self.metrics.latest

    def rates(self) -> tuple[float, float | None]:
        """Requests and output tokens per second over the last ten seconds.

        None where the server does not count the tokens of every reply.
        """
        now = monotonic()
        self._history.append((now, self.responses, self.output_tokens))
        while self._history[0][0] < now - RATE_WINDOW and len(self._history) > 2:
            self._history.popleft()
        then, responses, tokens = self._history[0]
        if now - then < 0.5:  # too short a window: average from the start
            then, responses, tokens = self.started, 0, 0
        seconds = max(now - then, 1e-6)
        token_rate = None if self.uncounted else (self.output_tokens - tokens) / seconds
        return (self.responses - responses) / seconds, token_rate

    async def watch_rate(self) -> None:
        """Keeps what each second brought, until cancelled."""
        await self.throughput.watch(lambda: self.responses)

    async def watch_servers(self) -> None:
        """Reads the metrics of all servers until cancelled; the model's are shown."""
        while True:
            pools = list(set(self.pools.values()))
            readings = await asyncio.gather(*(pool.metrics() for pool in pools))
            for pool, reading in zip(pools, readings, strict=True):
                pool.server = reading
            self.metrics.see(self.pools["model"].server)
            await asyncio.sleep(EVERY)
