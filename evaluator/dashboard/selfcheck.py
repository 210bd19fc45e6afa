"""Checks whether the client is the bottleneck: its event loop's lag and its share of a core.

A client that cannot keep up makes any server look slow, so the dashboard and reports say it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic, process_time

TICK = 0.1  # seconds between measurements of the loop's lag
SLICE = 5  # ticks over which the share of a core is taken
WHOLE_CORE = 0.95  # share of a core from which on the loop's single thread is saturated
LATE = 0.05  # seconds of lag from which on timings are distorted


@dataclass(frozen=True, slots=True)
class ProcessLoad:
    """The load of one process.  `lag` is in seconds, `cpu` a share of one core."""

    cpu: float
    lag: float


@dataclass(slots=True)
class SelfCheck:
    """The client's load.  `lag` is in seconds, `cpu` a share of one core.

    Both are of the last slice of half a second; `worst_lag` is of the worst slice so far.
    `bound_slices` counts slices in which the client was the bottleneck. Where several `clients` do
    the asking, it is their mean, or that of this process if it is higher: it feeds them.
    """

    lag: float = 0.0
    cpu: float = 0.0
    slices: int = 0
    bound_slices: int = 0
    worst_lag: float = 0.0
    processes: int = 1  # that do the asking
    clients: Sequence[ProcessLoad] = ()

    @property
    def bound(self) -> bool:
        """Whether the client is the bottleneck now."""
        return self.cpu >= WHOLE_CORE or self.lag >= LATE

    @property
    def bound_share(self) -> float:
        """Share of the run in which the client was the bottleneck."""
        return self.bound_slices / self.slices if self.slices else 0.0

    async def watch(self) -> None:
        """Measures until cancelled."""
        while True:
            wall, cpu = monotonic(), process_time()
            for _ in range(SLICE):
                await asyncio.sleep(TICK)
            seconds = monotonic() - wall
            own = ProcessLoad((process_time() - cpu) / seconds, seconds / SLICE - TICK)
            n = max(1, len(self.clients))
            self.cpu = max(own.cpu, sum(each.cpu for each in self.clients) / n)
            self.lag = max(own.lag, sum(each.lag for each in self.clients) / n)
            self.worst_lag = max(self.worst_lag, self.lag)
            self.slices += 1
            self.bound_slices += self.bound
