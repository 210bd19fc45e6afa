"""The server's own metrics over a stretch of time: the first reading, the latest, and the peaks."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from evaluator.client.server_metrics import ServerMetrics

EVERY = 1.0  # seconds between readings

Read = Callable[[], Awaitable[ServerMetrics | None]]


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
