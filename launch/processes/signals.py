"""SIGINT, SIGTERM and SIGHUP are recorded, not raised.

A handler that raises could interrupt us between the start of a process and the line that stores its
id. So the handler only stores the number, and every wait in `launch` looks at it.
"""

import signal
import time
from collections.abc import Callable
from types import FrameType

from ..errors import Interrupted

WATCHED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
POLL_INTERVAL = 0.1  # seconds

Pause = Callable[[float], None]  # sleeps that many seconds, or raises Interrupted


class Signals:
    """The signals that came, newest last. Call `watch()` once, from the main thread."""

    def __init__(self) -> None:
        self.received: list[int] = []

    def watch(self) -> None:
        for number in WATCHED:
            # nohup ignores hangups, and so do we then
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._record)

    def pause(self, seconds: float) -> None:
        """Sleep; raises Interrupted as soon as a signal came."""
        until = time.monotonic() + seconds
        while True:
            if self.received:
                raise Interrupted(self.received[0])
            left = until - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, POLL_INTERVAL))

    def _record(self, number: int, _frame: FrameType | None) -> None:
        self.received.append(number)
