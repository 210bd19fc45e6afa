"""Runs a stub: in a thread for tests, or in this process until a signal comes."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Self

from .connection import Connection
from .stub import Stub

# how many connections may wait to be accepted: clients here open hundreds at once
BACKLOG = 4096

# how many turns of the loop a connection that was just accepted takes until it is known here
# (its task, its transport), is dropped and is gone; the rest is room
TURNS = 10


async def serve(
    stub: Stub, host: str, port: int, ready: Callable[[int], None], until: asyncio.Event
) -> None:
    """Listens, tells `ready` its port, and drops every connection when `until` is set."""
    connections: set[Connection] = set()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Connection(stub, connections), host, port, backlog=BACKLOG
    )
    ready(server.sockets[0].getsockname()[1])
    await until.wait()
    # no new one from here; one that was accepted must find its server open, or asyncio loses it
    loop.remove_reader(server.sockets[0])
    for _ in range(TURNS):
        for connection in list(connections):
            connection.transport.abort()
        await asyncio.sleep(0)
    server.close()
    await server.wait_closed()


@dataclass(kw_only=True)
class StubServer(Stub):
    """A stub in a background thread: `with StubServer(reply=...) as stub: stub.base_url`.

    `stop` closes the listener and resets nothing else; `start` listens on the same port again.
    """

    host: str = "127.0.0.1"
    port: int = 0
    _thread: threading.Thread | None = field(default=None, init=False)

    @property
    def base_url(self) -> str:
        return f"{self.root_url}/v1"

    @property
    def root_url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def start(self) -> None:
        ready: Future[int] = Future()
        self._thread = threading.Thread(target=self._run, args=(ready,), name="stub", daemon=True)
        self._thread.start()
        self.port = ready.result(timeout=10)

    def stop(self) -> None:
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._until.set)
            self._thread.join(timeout=10)
            self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, error: object, *_: object) -> None:
        self.stop()
        if self.failure and not error:
            raise self.failure

    def _run(self, ready: Future[int]) -> None:
        try:
            asyncio.run(self._main(ready))
        except OSError as error:
            ready.set_exception(error)

    async def _main(self, ready: Future[int]) -> None:
        self._loop, self._until = asyncio.get_running_loop(), asyncio.Event()
        await serve(self, self.host, self.port, ready.set_result, self._until)
