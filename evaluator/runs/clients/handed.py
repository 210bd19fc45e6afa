"""The samples that a client is handed, as its workers take them."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from evaluator.engine.task import Task
from evaluator.types import Sample

MOST_AHEAD = 1024  # samples that wait in a client
REACH = 0.5  # seconds of work that wait there, so that workers do not wait for the parent


class HandedSamples:
    """A stream of samples; `want` asks the parent for so many more.

    It asks for as many as workers wait for, and a little ahead where samples end fast. A few that
    take long would else wait in one client while another has nothing to do.
    """

    def __init__(self, want: Callable[[int], None]) -> None:
        self.last = False
        self._want = want
        self._left: deque[tuple[Task, Sample]] = deque()
        self._waiting: deque[asyncio.Future[tuple[Task, Sample] | None]] = deque()
        self._asked = 0
        self._ahead = 0
        self._taken = 0

    async def take(self) -> tuple[Task, Sample] | None:
        """The next; None where there is none left."""
        self._taken += 1
        if self._left:
            taken = self._left.popleft()
            self._ask()
            return taken
        if self.last:
            return None
        waiter: asyncio.Future[tuple[Task, Sample] | None]
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        self._ask()
        return await waiter

    def close(self) -> None:
        """From now on there is none left."""
        self._left.clear()
        self.hand((), last=True)

    def hand(self, samples: Sequence[tuple[Task, Sample]], last: bool) -> None:
        """Gives samples to those who wait, and keeps the others."""
        self._asked -= len(samples)
        self._left.extend(samples)
        self.last = self.last or last
        while self._waiting and (self._left or self.last):
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(self._left.popleft() if self._left else None)

    def look_ahead(self, seconds: float) -> None:
        """Adapts to how many samples were taken in the last so many seconds."""
        self._ahead = min(MOST_AHEAD, round(self._taken / seconds * REACH))
        self._taken = 0

    def _ask(self) -> None:
        missing = len(self._waiting) + self._ahead - len(self._left) - self._asked
        if not self.last and missing > (0 if self._waiting else self._ahead // 2):
            self._asked += missing
            self._want(missing)
