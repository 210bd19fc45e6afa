"""The parent as a process sees it: at the other end of its standard input, or of a socket."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from io import RawIOBase
from threading import Thread
from typing import Any, Self

from evaluator.processes.frames import frame, received


class Parent:
    """Whom this process serves, and with whom it ends, however that ends.

    The system then closes what this process reads.
    """

    def __init__(self, incoming: RawIOBase, write: Callable[[memoryview], int]) -> None:
        self.messages: Iterator[Any] = received(incoming)
        self._write = write

    @classmethod
    def of_process(cls) -> Self:
        """Of a command that was started on this machine."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
        file = os.dup(sys.stdout.fileno())
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what is printed is no message
        stdin = open(0, "rb", buffering=0)  # noqa: SIM115  open as long as the process
        return cls(stdin, partial(os.write, file))

    @classmethod
    def at(cls, connection: socket.socket) -> Self:
        """On another machine, at the other end of a connection."""
        return cls(connection.makefile("rb", buffering=0), connection.send)

    def say(self, messages: Sequence[object]) -> None:
        """Says it, and returns once it is under way."""
        left = memoryview(frame(messages))
        with suppress(ConnectionError):  # the parent is gone, and so will this be
            while left:
                left = left[self._write(left) :]

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
