"""How fast the last minute was, second by second, and how that looks."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import monotonic

SECONDS = 60
_EIGHTHS = " ▁▂▃▄▅▆▇█"


@dataclass(slots=True)
class Throughput:
    """What was counted in each of the last sixty seconds, per second, the latest last."""

    rates: deque[float] = field(default_factory=lambda: deque(maxlen=SECONDS))

    async def watch(self, count: Callable[[], int]) -> None:
        """Reads the count once a second until cancelled."""
        then, before = monotonic(), count()
        while True:
            await asyncio.sleep(1)
            now, total = monotonic(), count()
            self.rates.append((total - before) / (now - then))
            then, before = now, total


def sparkline(values: Iterable[float], width: int, height: int) -> list[str]:
    """The latest values as columns of up to `height` lines, the newest at the right.

    The highest of them fills the height; 0 is empty.
    """
    shown = list(values)[-width:]
    most = max(shown, default=0.0)
    eighths = [round(8 * height * value / most) if most else 0 for value in shown]
    lines = []
    for floor in range(8 * (height - 1), -1, -8):
        lines.append("".join(_EIGHTHS[min(max(each - floor, 0), 8)] for each in eighths))
    return [line.rjust(width) for line in lines]
