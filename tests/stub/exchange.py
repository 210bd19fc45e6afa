"""When a reply is sent: its parts at their times, at most so many at once.

Every part is due at an absolute time, so late wake-ups do not add up.
"""

from asyncio import TimerHandle, get_running_loop
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Ending = Literal["done", "close", "reset", "hang"]

# a wake-up this near to a part's time serves it too, in seconds
NEAR = 0.0005


@dataclass(frozen=True, slots=True)
class Plan:
    """Part k is due `first + k * gap` seconds after the start; then comes the ending.

    `probe` are requests that are neither counted in flight nor queued. A `queued` one waits for
    one of the places; a fault does not.
    """

    parts: Sequence[bytes]
    first: float = 0.0
    gap: float = 0.0
    ending: Ending = "done"
    queued: bool = False
    probe: bool = False


class Line(Protocol):
    """A connection, as an exchange needs it."""

    def write(self, data: bytes) -> None: ...
    def end(self, ending: Ending) -> None: ...


class Places:
    """Counts what is in flight and, given a capacity, lets the others wait in order of arrival."""

    def __init__(self, capacity: int | None = None) -> None:
        self.capacity = capacity
        self.running = 0
        self.in_flight = 0
        self.peak = 0
        self.begun = 0  # replies with a time of their own whose first part is sent
        self.late = 0.0  # seconds by which those first parts were sent late, summed
        self._waiting: deque[Exchange] = deque()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def _free(self) -> bool:
        return self.capacity is None or self.running < self.capacity

    def enter(self, exchange: "Exchange") -> None:
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        full = self._waiting or not self._free
        if exchange.plan.queued and full:
            self._waiting.append(exchange)
        else:
            self._serve(exchange)

    def leave(self, exchange: "Exchange") -> None:
        self.in_flight -= 1
        if not exchange.begun:
            self._waiting.remove(exchange)
            return
        self.running -= exchange.plan.queued
        if self._waiting and self._free:
            # not at once: a queue of immediate replies would nest as deep as it is long
            get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        if self._waiting and self._free:
            self._serve(self._waiting.popleft())

    def _serve(self, exchange: "Exchange") -> None:
        self.running += exchange.plan.queued
        exchange.begin()


class Exchange:
    """One request being answered."""

    __slots__ = ("_line", "_places", "_sent", "_start", "_timer", "begun", "plan")

    def __init__(self, line: Line, plan: Plan, places: Places) -> None:
        self.plan = plan
        self.begun = False
        self._line = line
        self._places = places
        self._sent = 0
        self._start = 0.0
        self._timer: TimerHandle | None = None

    def begin(self) -> None:
        self.begun = True
        if not self.plan.first and not self.plan.gap:
            self._finish(b"".join(self.plan.parts))
            return
        self._start = get_running_loop().time()
        self._wait()

    def abandon(self) -> None:
        """The client is gone."""
        if self._timer:
            self._timer.cancel()
        self._places.leave(self)

    def _due(self, part: int) -> float:
        return self._start + self.plan.first + part * self.plan.gap

    def _wait(self) -> None:
        self._timer = get_running_loop().call_at(self._due(self._sent), self._send)

    def _send(self) -> None:
        near = get_running_loop().time() + NEAR
        parts, before = self.plan.parts, self._sent
        if not before:
            self._places.begun += 1
            self._places.late += near - NEAR - self._due(0)
        while self._sent < len(parts) and self._due(self._sent) <= near:
            self._sent += 1
        data = b"".join(parts[before : self._sent])
        if self._sent == len(parts):
            self._finish(data)
        else:
            self._line.write(data)
            self._wait()

    def _finish(self, data: bytes) -> None:
        if self.plan.ending != "hang":
            self._places.leave(self)
        if data:
            self._line.write(data)
        self._line.end(self.plan.ending)
