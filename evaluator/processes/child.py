"""A process as its parent sees it: it is started, spoken to and ended."""

import asyncio
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Generic, TypeVar

from evaluator.processes.frames import LENGTH, frame

Said = TypeVar("Said")  # to it
Heard = TypeVar("Heard")  # from it
GRACE = 5.0  # seconds that it has to close its connections
# Ctrl-C in a terminal is for the parent, which ends its children in order.
APART: dict[str, Any] = (
    {"creationflags": 0x200} if sys.platform == "win32" else {"process_group": 0}
)


class Child(Generic[Said, Heard]):
    """One process, which runs a command and speaks over its standard input and output."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._process: Process | None = None
        self._size = 0  # of the frame that is coming

    async def start(self, first: Said) -> None:
        """Starts it, and says the first thing."""
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdin=PIPE, stdout=PIPE, **APART
        )
        self.send(first)

    def send(self, message: Said) -> None:
        """Says something to it; nobody may be there any more."""
        if self._process and self._process.stdin:
            with suppress(ConnectionError, RuntimeError):
                self._process.stdin.write(frame([message]))

    async def receive(self) -> Sequence[Heard]:
        """What it says next; nothing once it is gone."""
        assert self._process
        assert self._process.stdout
        try:
            if not self._size:  # it is kept where this is cancelled before the rest comes
                (self._size,) = LENGTH.unpack(await self._process.stdout.readexactly(LENGTH.size))
            packed = await self._process.stdout.readexactly(self._size)
        except asyncio.IncompleteReadError:
            return ()
        self._size = 0
        said: Sequence[Heard] = pickle.loads(packed)
        return said

    def hear_at_end(self, said: Sequence[Heard]) -> None:
        """Takes what it still says while it ends: here nothing."""

    async def end(self) -> int:
        """Has it end, and ends it where it does not.  Returns its exit code."""
        if (process := self._process) is None:
            return 0
        assert process.stdin
        process.stdin.close()
        try:
            async with asyncio.timeout(GRACE):
                while said := await self.receive():  # one that cannot write does not end
                    self.hear_at_end(said)
                await process.wait()
        except TimeoutError:
            pass
        finally:  # also where this is cancelled, as another child's error does
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
            assert process.stdout
            await process.stdout.read()  # or the pipe would outlive the loop
            code = await process.wait()
        return code
