"""Processes on the machines of a Ray cluster: tasks that connect to this process and talk with it.

The connection is in the clear, as Ray's own are. A task proves itself by a token that is good for
one connection. It ends with the connection, and Ray ends it with this process.
"""

import asyncio
import os
import secrets
import socket
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Self

from evaluator.errors import RunStopped, UsageError
from evaluator.locale import N_
from evaluator.processes.child import GRACE, Begin, Link
from evaluator.processes.parent import Parent

ROOT = Path(__file__).parents[2]  # where our package lies, here and on the other machines
TOKEN = 32  # bytes
PATIENCE = 20.0  # seconds until cores are free
BUFFER = 1 << 20  # bytes that wait to be read


def connected() -> Any:
    """The module `ray`, connected to the cluster that this machine is of.  Raises UsageError."""
    try:
        import ray  # an extra
    except ImportError as error:
        raise UsageError(
            N_(
                "--clients-on ray: Ray cannot be imported ({error}); install it beside us: "
                "pip install 'evaluator[ray]'",
                error=error,
            )
        ) from error
    if ray.is_initialized():
        return ray
    try:
        ray.init("auto", logging_level="ERROR", log_to_driver=False)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise UsageError(
            N_(
                "--clients-on ray: no Ray cluster answers ({error}); run this on one of its "
                "machines, where `ray start` was run, or name its head: RAY_ADDRESS=HOST:6379",
                error=str(error).splitlines()[0],
            )
        ) from error
    return ray


def free_cores(ray: Any, wanted: int) -> int:
    """Cores that are free, once these are as many as wanted, or after some patience.

    Ray takes a while to end what a driver left that was killed.
    """
    deadline = monotonic() + PATIENCE
    while True:
        total, free = (
            int(of().get("CPU", 0)) for of in (ray.cluster_resources, ray.available_resources)
        )
        if free >= wanted or total < wanted or monotonic() > deadline:
            return free
        sleep(0.2)


class RayTask:
    """A task that is connected, as a `Link`.  `ending` is done once Ray says that it has ended."""

    def __init__(
        self, cancel: Callable[[], None], ending: "asyncio.Future[None]", link: "Connection"
    ) -> None:
        self.reader, self.writer = link
        self._cancel = cancel
        self._ending = ending
        ending.add_done_callback(self._lost)

    def _lost(self, ending: "asyncio.Future[None]") -> None:
        """A machine that is gone closes no connection."""
        if ending.cancelled() or ending.exception():
            self.writer.transport.abort()

    async def ended(self) -> int:
        """1 where it did not end by itself."""
        await asyncio.wait({self._ending}, timeout=GRACE)
        sound = self._ending.done() and not self._ending.cancelled()
        return int(not sound or self._ending.exception() is not None)

    def kill(self) -> None:
        """Ends it at once, where it has not ended."""
        if not self._ending.done():
            self._cancel()
        self.writer.transport.abort()


Connection = tuple[StreamReader, StreamWriter]


class RayTasks:
    """Starts tasks, one core each, spread over the cluster. `ray` is the module."""

    def __init__(self, ray: Any) -> None:
        self._ray = ray
        self._host = str(ray.util.get_node_ip_address())
        self._awaited: dict[bytes, asyncio.Future[Connection]] = {}  # by token
        environment = {"env_vars": {"PYTHONPATH": str(ROOT)}}
        self._task = ray.remote(
            num_cpus=1,
            max_calls=1,  # nothing of it stays in a worker of Ray's
            max_retries=0,
            scheduling_strategy="SPREAD",
            runtime_env=environment,
        )(serve)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, self._host, 0, limit=BUFFER)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Takes a connection whose token somebody waits for; one that says nothing is dropped."""
        token = b""
        with suppress(OSError, asyncio.IncompleteReadError):  # a timeout is an OSError, too
            async with asyncio.timeout(GRACE):
                token = await reader.readexactly(TOKEN)
        if awaited := self._awaited.pop(token, None):
            awaited.set_result((reader, writer))
        else:
            writer.close()

    def running(self, work: Callable[[Parent], None]) -> Begin:
        """Starts a task that does this work."""

        async def begin() -> Link:
            token = secrets.token_bytes(TOKEN)
            came: asyncio.Future[Connection] = asyncio.get_running_loop().create_future()
            self._awaited[token] = came
            port = self._server.sockets[0].getsockname()[1]
            ref = self._task.remote(work, (self._host, port), token, str(Path.cwd()))
            ending = asyncio.wrap_future(ref.future())
            try:
                await asyncio.wait({came, ending}, return_when=asyncio.FIRST_COMPLETED)
                if came.done():
                    return RayTask(lambda: self._end(ref), ending, came.result())
                raise RunStopped(not_begun(ending))
            finally:
                if not came.done():
                    del self._awaited[token]
                    ending.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
                    self._end(ref)

        return begin

    def _end(self, ref: Any) -> None:
        self._ray.cancel(ref, force=True)


def not_begun(ending: "asyncio.Future[None]") -> str:
    """Why a task ended before it connected."""
    lines = str(ending.exception() or "it ended").strip().splitlines()
    return N_(
        "a client could not begin on a machine of the Ray cluster: {why}; this project must be "
        "installed there as it is here, and reach this machine",
        why=lines[-1].strip(),
    )


def serve(
    work: Callable[[Parent], None], address: tuple[str, int], token: bytes, folder: str
) -> None:
    """The task, on its machine: connects, and works until it is done or its parent is gone."""
    with suppress(OSError):  # this machine may not have it
        os.chdir(folder)
    with socket.create_connection(address) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(token)
        work(Parent.at(connection))
        connection.shutdown(socket.SHUT_WR)
        with suppress(ConnectionError):  # all that was said arrives before this ends
            while connection.recv(BUFFER):
                pass
