"""The server's own metrics over a stretch of time: the first reading, the latest, and the peaks."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from evaluator.client.server_metrics import ServerMetrics
from evaluator.types import Response

EVERY = 1.0  # seconds between readings
MOST_PEAKS = 240  # of a run, however long; even, as pairs of them become one

Read = Callable[[], Awaitable[ServerMetrics | None]]


@dataclass(slots=True)
class CachedTokens:
    """What replies say of the prefix cache, which is all that a server without /metrics tells.

    Tokens of prompts, of the replies that say how many were cached.
    """

    prompt_tokens: int = 0
    cached_tokens: int = 0

    def add(self, reply: Response) -> None:
        """Counts a reply, where it says it."""
        if reply.cached_tokens is not None:
            self.prompt_tokens += reply.prompt_tokens
            self.cached_tokens += reply.cached_tokens

    @property
    def hit_rate(self) -> float | None:
        """The share that was cached, 0 to 1; None where no reply says it."""
        return self.cached_tokens / self.prompt_tokens if self.prompt_tokens else None


@dataclass(slots=True)
class Peaks:
    """The highest of each stretch of readings; the stretches grow, so that there are never many."""

    values: list[float] = field(default_factory=list)
    per_value: int = 1  # readings of a stretch
    _count: int = 0  # readings in the last stretch

    def add(self, reading: float) -> None:
        """Takes the next reading."""
        if self.values and self._count < self.per_value:
            self.values[-1] = max(self.values[-1], reading)
            self._count += 1
            return
        if len(self.values) == MOST_PEAKS:
            self.values = [max(each) for each in zip(*[iter(self.values)] * 2, strict=True)]
            self.per_value *= 2
        self.values.append(reading)
        self._count = 1


@dataclass(slots=True)
class MetricsWatch:
    """Readings of /metrics.  `before` is the first one, from which counters are taken."""

    before: ServerMetrics | None = None
    latest: ServerMetrics | None = None
    most_kv_cache_use: float = 0.0  # share of the KV cache, 0 to 1
    most_waiting: int = 0
    kv_cache_use: Peaks = field(default_factory=Peaks)  # shares

    def see(self, reading: ServerMetrics | None) -> None:
        """Takes a reading; None is one that could not be had."""
        self.before = self.before or reading
        self.latest = reading
        if reading:
            self.most_kv_cache_use = max(self.most_kv_cache_use, reading.kv_cache_use)
            self.most_waiting = max(self.most_waiting, reading.waiting)
            self.kv_cache_use.add(reading.kv_cache_use)

    async def keep_reading(self, read: Read) -> None:
        """Reads until cancelled."""
        while True:
            self.see(await read())
            await asyncio.sleep(EVERY)

    @property
    def prefix_hit_rate(self) -> float | None:
        """Share of prompt tokens found in the prefix cache since the first reading, 0 to 1."""
        if self.latest is None or self.before is None:
            return None
        return self.latest.prefix_hit_rate(self.before)
