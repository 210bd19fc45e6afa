"""The parent as a process sees it: at the other end of standard input and output."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from threading import Thread
from typing import Any

from evaluator.processes.frames import frame, received


class Parent:
    """Whom this process serves, and with whom it ends, however that ends.

    The system then closes its standard input.
    """

    def __init__(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
        self._file = os.dup(sys.stdout.fileno())
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what is printed is no message
        stdin = open(0, "rb", buffering=0)  # noqa: SIM115  open as long as the process
        self.messages: Iterator[Any] = received(stdin)

    def say(self, messages: Sequence[object]) -> None:
        """Says it, and returns once it is in the pipe."""
        left = memoryview(frame(messages))
        with suppress(BrokenPipeError):  # the parent is gone, and so will this be
            while left:
                left = left[os.write(self._file, left) :]

    def listen(self, hear: Callable[[Any], None]) -> None:
        """Has all further messages heard; cancels the task at hand once the parent is gone."""
        loop, work = asyncio.get_running_loop(), asyncio.current_task()
        assert work

        def listen() -> None:
            with suppress(RuntimeError):  # the loop has ended
                for message in self.messages:
                    loop.call_soon_threadsafe(hear, message)
                loop.call_soon_threadsafe(work.cancel)

        Thread(target=listen, daemon=True).start()
