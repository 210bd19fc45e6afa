"""A client as its parent sees it: a process that is started, spoken to and ended."""

import asyncio
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from evaluator.runs.clients.messages import (
    LENGTH,
    Figures,
    FromClient,
    HandedSample,
    Start,
    ToClient,
    frame,
)

COMMAND = (sys.executable, "-m", "evaluator.runs.clients.client")
GRACE = 5.0  # seconds that a client has to close its connections
# Ctrl-C in a terminal is for the parent, which ends its clients in order.
APART: dict[str, Any] = (
    {"creationflags": 0x200} if sys.platform == "win32" else {"process_group": 0}
)


class ClientProcess:
    """One process. `number` is that of its shard, which one that takes its place has too.

    `in_hand` are the samples that it was handed and has not ended, by benchmark and id.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.figures: Figures | None = None
        self.done = False
        self.in_hand: dict[tuple[str, str], HandedSample] = {}
        self._process: Process | None = None
        self._size = 0  # of the frame that is coming

    async def start(self, start: Start) -> None:
        """Starts it, and tells it what to do."""
        self._process = await asyncio.create_subprocess_exec(
            *COMMAND, stdin=PIPE, stdout=PIPE, **APART
        )
        self.send(start)

    def send(self, message: ToClient) -> None:
        """Says something to it; nobody may be there any more."""
        if self._process and self._process.stdin:
            with suppress(ConnectionError, RuntimeError):
                self._process.stdin.write(frame([message]))

    async def receive(self) -> Sequence[FromClient]:
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
        said: Sequence[FromClient] = pickle.loads(packed)
        return said

    async def end(self) -> int:
        """Has it end, and ends it where it does not.  Returns its exit code.

        Of what it still says only its figures are taken.
        """
        if (process := self._process) is None:
            return 0
        assert process.stdin
        process.stdin.close()
        try:
            async with asyncio.timeout(GRACE):
                while said := await self.receive():  # a client that cannot write does not end
                    self.figures = next((m for m in said if isinstance(m, Figures)), self.figures)
                await process.wait()
        except TimeoutError:
            pass
        finally:  # also where this is cancelled, as another client's error does
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
            assert process.stdout
            await process.stdout.read()  # or the pipe would outlive the loop
            code = await process.wait()
        return code
