"""A forward proxy over real sockets: CONNECT for https://, whole addresses for http://."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Proxy:
    """`url` is its address, `asked` the first line of every request that came to it.

    `upstream` is the port of this machine on which every host is, whatever its name. `user` is
    NAME:PASSWORD, which it wants to be told; `status` is all that it says, where it is not 200.
    """

    upstream: int
    user: str = ""
    status: int = 200
    url: str = ""
    asked: list[str] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of a client."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            self.asked.append(head.split(b"\r\n")[0].decode())
            self.heads.append(head)
            if status := self._refusal(head):
                reply = f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                writer.write(reply.encode())
                await writer.drain()
            else:
                await self._pass_on(head, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _refusal(self, head: bytes) -> int:
        wanted = b"basic " + b64encode(self.user.encode()).lower()
        if self.user and wanted not in head.lower():
            return 407
        return self.status if self.status != 200 else 0

    async def _pass_on(
        self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        there, to = await asyncio.open_connection("127.0.0.1", self.upstream)
        method, address, rest = head.split(b" ", 2)
        if method == b"CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            parts = urlsplit(address.decode())
            path = f"{parts.path}?{parts.query}" if parts.query else parts.path
            to.write(b" ".join((method, path.encode(), rest)))
        try:
            await asyncio.gather(pump(reader, to), pump(there, writer))
        finally:
            to.close()


async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Passes on all that comes, and then the end of it."""
    try:
        while data := await source.read(65_536):
            target.write(data)
            await target.drain()
    except ConnectionError:
        pass
    finally:
        target.close()


@asynccontextmanager
async def forwarding(upstream: int, user: str = "", status: int = 200) -> AsyncIterator[Proxy]:
    """A proxy that runs until the block ends."""
    proxy = Proxy(upstream, user, status)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    given = f"{user}@" if user else ""
    proxy.url = f"http://{given}127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()
