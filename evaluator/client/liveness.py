"""When a server last showed progress, and the end of what waits for one that shows none.

--timeout limits silence and not length, because a long reply, or a full server, is no failure.
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TypeVar

from evaluator.errors import Transient
from evaluator.types import Request

IDLE_CLOSED = "idle connection closed by the server"
LOST = "connection lost"
TIMED_OUT = "timeout"
MOMENT = 1.0  # seconds in which a connection that was closed while it was idle shows as such

Reply = TypeVar("Reply")


class Liveness:
    """What a transport knows of its server.  Times in seconds, on the clock of monotonic.

    Progress is a reply, a piece of one, or a change of what /metrics counts in tokens.  A request
    ends after `limit` seconds without any.
    """

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.heard = 0.0  # when there last was progress
        self.reconnected = 0  # requests that were sent again on a new connection
        self._waiting: dict[asyncio.Timeout, float] = {}  # when each began, the oldest first
        self._timer: asyncio.TimerHandle | None = None
        self._counted = ""

    @property
    def silent(self) -> float:
        """Seconds that a request has waited without any progress; 0 where none waits."""
        began = next(iter(self._waiting.values()), None)
        return 0.0 if began is None else monotonic() - max(began, self.heard)

    def progress(self) -> None:
        """Notes that the server works."""
        self.heard = monotonic()

    def see(self, metrics: str) -> None:
        """Notes whether a page of /metrics tells of other tokens than the last one."""
        counted = "\n".join(line for line in metrics.splitlines() if "token" in line)
        if self._counted and counted != self._counted:
            self.progress()
        self._counted = counted

    async def attempt(self, send: Callable[[Request], Awaitable[Reply]], request: Request) -> Reply:
        """What `send` gives, in time.  Raises Transient, and what `send` does.

        Where an idle connection turns out to be closed, nothing was asked yet: it is sent again.
        """
        try:
            async with asyncio.timeout(None) as end:
                self._waiting[end] = monotonic()
                if self._timer is None:
                    self._look_in(self.limit)
                try:
                    reply = await self._on_a_live_connection(send, request)
                finally:
                    del self._waiting[end]
        except TimeoutError as error:
            reason = f"no sign of progress for {self.limit:g} s"
            raise Transient(reason, kind=TIMED_OUT) from error
        self.progress()
        return reply

    async def _on_a_live_connection(
        self, send: Callable[[Request], Awaitable[Reply]], request: Request
    ) -> Reply:
        while True:  # each turn uses up a connection that was idle
            began = monotonic()
            try:
                return await send(request)
            except Transient as error:
                if error.kind != IDLE_CLOSED:
                    raise
                if monotonic() - began > MOMENT:  # the server had begun to work
                    raise Transient(str(error), kind=LOST) from error
                self.reconnected += 1

    def end(self) -> None:
        """Ends all that waits."""
        now = asyncio.get_running_loop().time()
        for each in self._waiting:
            if not each.expired():
                each.reschedule(now)

    def _look_in(self, seconds: float) -> None:
        # One timer for all requests: a server that answers costs none of its own.
        self._timer = asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        """Ends what has waited in silence for the limit."""
        loop, now = asyncio.get_running_loop(), monotonic()
        self._timer = None
        for each, began in self._waiting.items():
            left = max(began, self.heard) + self.limit - now
            if left > 0:
                self._look_in(left)  # all others began later
                return
            if not each.expired():
                each.reschedule(loop.time())
