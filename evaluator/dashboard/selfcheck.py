"""Whether the client itself is the bottleneck: its event loop's lag and its share of a core.

A client that cannot keep up makes any server look slow, and says so nowhere: this one does.
"""

import asyncio
from dataclasses import dataclass
from time import monotonic, process_time

TICK = 0.1  # seconds between looks at the loop
SLICE = 5  # ticks over which the share of a core is taken
WHOLE_CORE = 0.95  # one thread runs the loop: at this share of a core there is no more to give
LATE = 0.05  # seconds of lag that distort timings


@dataclass(slots=True)
class SelfCheck:
    """`lag` in seconds and `cpu` as a share of one core, both of the last half second;
    `worst_lag` is that of the worst one.
    """

    lag: float = 0.0
    cpu: float = 0.0
    slices: int = 0
    bound_slices: int = 0
    worst_lag: float = 0.0

    @property
    def bound(self) -> bool:
        """Whether the client is the bottleneck now."""
        return self.cpu >= WHOLE_CORE or self.lag >= LATE

    @property
    def bound_share(self) -> float:
        """Share of the run in which the client was the bottleneck."""
        return self.bound_slices / self.slices if self.slices else 0.0

    async def watch(self) -> None:
        """Looks until cancelled."""
        while True:
            wall, cpu = monotonic(), process_time()
            for _ in range(SLICE):
                await asyncio.sleep(TICK)
            seconds = monotonic() - wall
            self.lag = seconds / SLICE - TICK
            self.cpu = (process_time() - cpu) / seconds
            self.worst_lag = max(self.worst_lag, self.lag)
            self.slices += 1
            self.bound_slices += self.bound
