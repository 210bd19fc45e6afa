"""A process as its parent sees it: it is started, spoken to and ended."""

import asyncio
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Generic, Protocol, TypeVar

from evaluator.processes.frames import LENGTH, frame

Said = TypeVar("Said")  # to it
Heard = TypeVar("Heard")  # from it
GRACE = 5.0  # seconds that it has to close its connections
# Ctrl-C in a terminal is for the parent, which ends its children in order.
APART: dict[str, Any] = (
    {"creationflags": 0x200} if sys.platform == "win32" else {"process_group": 0}
)


class Link(Protocol):
    """The way to a process, wherever it runs."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ended(self) -> int:
        """Its exit code, once it has ended."""
        ...

    def kill(self) -> None:
        """Ends it at once, where it has not ended."""
        ...


Begin = Callable[[], Awaitable[Link]]  # starts a process


class Child(Generic[Said, Heard]):
    """One process, which `begin` starts; frames go to it and come from it."""

    def __init__(self, begin: Begin) -> None:
        self._begin = begin
        self._link: Link | None = None
        self._size = 0  # of the frame that is coming

    async def start(self, first: Said) -> None:
        """Starts it, and says the first thing."""
        self._link = await self._begin()
        self.send(first)

    def send(self, message: Said) -> None:
        """Says something to it; nobody may be there any more."""
        if self._link:
            with suppress(ConnectionError, RuntimeError):
                self._link.writer.write(frame([message]))

    async def receive(self) -> Sequence[Heard]:
        """What it says next; nothing once it is gone."""
        assert self._link
        reader = self._link.reader
        try:
            if not self._size:  # it is kept where this is cancelled before the rest comes
                (self._size,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
            packed = await reader.readexactly(self._size)
        except (asyncio.IncompleteReadError, ConnectionError):
            return ()
        self._size = 0
        said: Sequence[Heard] = pickle.loads(packed)
        return said

    def hear_at_end(self, said: Sequence[Heard]) -> None:
        """Takes what it still says while it ends: here nothing."""

    async def end(self) -> int:
        """Has it end, and ends it where it does not.  Returns its exit code."""
        if (link := self._link) is None:
            return 0
        with suppress(OSError, RuntimeError):  # it is gone
            link.writer.write_eof()
        try:
            async with asyncio.timeout(GRACE):
                while said := await self.receive():  # one that cannot write does not end
                    self.hear_at_end(said)
                await link.ended()
        except TimeoutError:
            pass
        finally:  # also where this is cancelled, as another child's error does
            link.kill()
            with suppress(ConnectionError):
                await link.reader.read()  # or the pipe would outlive the loop
            code = await link.ended()
        return code


class LocalProcess:
    """A process of this machine, by its standard input and output."""

    def __init__(self, process: Process) -> None:
        assert process.stdin
        assert process.stdout
        self.process = process
        self.writer, self.reader = process.stdin, process.stdout

    async def ended(self) -> int:
        """Its exit code, once it has ended."""
        return await self.process.wait()

    def kill(self) -> None:
        """Ends it at once, where it has not ended."""
        if self.process.returncode is None:
            with suppress(ProcessLookupError):
                self.process.kill()


def command(words: Sequence[str]) -> Begin:
    """Starts a command of this machine."""

    async def begin() -> Link:
        process = asyncio.create_subprocess_exec(*words, stdin=PIPE, stdout=PIPE, **APART)
        return LocalProcess(await process)

    return begin
