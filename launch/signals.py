"""SIGINT, SIGTERM and SIGHUP as a note to read, not as an exception in the middle of something.

A handler that raises could strike between the start of a process and the line that remembers its
id. So the handler only writes the number down, and every wait in `launch` looks at the note.
"""

import signal
import time
from collections.abc import Callable
from types import FrameType

from launch.errors import Interrupted

WATCHED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GLANCE = 0.1  # seconds between looks at the note

Pause = Callable[[float], None]  # sleeps that many seconds, or raises Interrupted


class Signals:
    """Which of the signals came, newest last; `watch()` once, from the main thread."""

    def __init__(self) -> None:
        self.received: list[int] = []

    def watch(self) -> None:
        for number in WATCHED:
            # under nohup a hangup is none of our business
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._note)

    def pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while True:
            if self.received:
                raise Interrupted(self.received[0])
            left = until - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, GLANCE))

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.received.append(number)
