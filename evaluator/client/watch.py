"""The server's own metrics over a stretch of time: the first reading, the latest, and the peaks."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from evaluator.client.server_metrics import ServerMetrics
from evaluator.types import Response

EVERY = 1.0  # seconds between readings

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
class MetricsWatch:
    """Readings of /metrics.  `before` is the first one, from which counters are taken."""

    before: ServerMetrics | None = None
    latest: ServerMetrics | None = None
    most_kv_cache_use: float = 0.0  # share of the KV cache, 0 to 1
    most_waiting: int = 0

    def see(self, reading: ServerMetrics | None) -> None:
        """Takes a reading; None is one that could not be had."""
        self.before = self.before or reading
        self.latest = reading
        if reading:
            self.most_kv_cache_use = max(self.most_kv_cache_use, reading.kv_cache_use)
            self.most_waiting = max(self.most_waiting, reading.waiting)

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
