"""HTTP/1.1 to one server: connections that are kept, TLS, and a proxy where one is named.

No redirects, cookies or retries: a redirected question would become a request for a page.
"""

import asyncio
import ssl
from base64 import b64encode
from collections.abc import Mapping
from socket import SOCK_STREAM
from time import monotonic

from aiohappyeyeballs import start_connection
from yarl import URL

from evaluator.client.connection import HttpConnection, Reply, Sink
from evaluator.errors import UsageError
from evaluator.locale import N_

IDLE = 4.0  # seconds; a connection that uvicorn closes after 5 must not be used again
RECEIVED = 262_144  # bytes that are taken in at once, at most
USER_AGENT = "evaluator"
EYEBALLS = 0.25  # seconds between addresses of one host that are tried: RFC 8305


class CannotConnect(ConnectionError):
    """There is no connection to be had; its cause says why."""


class ConnectTimeout(CannotConnect):
    """There was no connection in time."""


class ProxyRefusal(ConnectionError):
    """A proxy does not connect to the server."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the proxy answers with status {status}")
        self.status = status


class Http:
    """As many connections to the server of a URL as there are requests at once.

    `tls` says whom to trust, where the server or the proxy speaks https. Connections are given
    `to_connect` seconds to come about.
    """

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        to_connect: float,
        proxy: str | None = None,
        tls: ssl.SSLContext | bool = True,
    ) -> None:
        self._origin = URL(url)
        self._proxy = URL(proxy) if proxy else None
        self._headers = {"User-Agent": USER_AGENT, "Accept": "*/*", **headers}
        self._to_connect = to_connect
        self._tls = tls
        self._buffer = memoryview(bytearray(RECEIVED))
        self._idle: list[HttpConnection] = []
        self._in_use: set[HttpConnection] = set()
        self._heads: dict[tuple[str, str], bytes] = {}

    async def request(
        self,
        method: str,
        url: str,
        body: bytes = b"",
        sink: Sink | None = None,
    ) -> Reply:
        """The reply to a request for a URL of the server.

        Raises CannotConnect, ValueError for what is no URL, and what
        `HttpConnection.exchange` does.
        """
        head = self._heads.get((method, url)) or self._head(method, url)
        request = head + (b"Content-Length: %d\r\n\r\n%b" % (len(body), body) if body else b"\r\n")
        connection = self._kept() or await self._connected()
        self._in_use.add(connection)
        try:
            reply = await connection.exchange(request, sink)
        finally:
            self._in_use.discard(connection)
        if connection.reusable:
            self._idle.append(connection)
        else:
            connection.close()
        return reply

    async def close(self) -> None:
        """Closes the connections."""
        for connection in (*self._idle, *self._in_use):
            connection.close()
        self._idle.clear()
        await asyncio.sleep(0)  # in which asyncio closes their sockets

    def _kept(self) -> HttpConnection | None:
        """The connection that was used last, unless the server may have closed it by now."""
        while self._idle:
            connection = self._idle.pop()
            if connection.open and monotonic() - connection.since < IDLE:
                return connection
            connection.close()
        return None

    def _head(self, method: str, url: str) -> bytes:
        """The head of requests for a URL, but for the length of their body."""
        wanted = URL(url)
        if not wanted.raw_host or wanted.scheme not in ("http", "https"):
            raise ValueError("neither http://HOST nor https://HOST")
        target, fields = wanted.raw_path_qs, {"Host": str(wanted.host_port_subcomponent)}
        if self._proxy and wanted.scheme == "http":
            target = f"http://{wanted.host_port_subcomponent}{target}"
            fields |= password("Proxy-Authorization", self._proxy)
        fields |= {**self._headers, **password("Authorization", self._origin)}
        made = self._heads[method, url] = head(method, target, fields)
        return made

    async def _connected(self) -> HttpConnection:
        try:
            async with asyncio.timeout(self._to_connect):
                return await self._connect()
        except (CannotConnect, ProxyRefusal):
            raise
        except TimeoutError as error:
            raise ConnectTimeout from error
        except OSError as error:
            raise CannotConnect(str(error)) from error

    async def _connect(self) -> HttpConnection:
        loop, origin, to = asyncio.get_running_loop(), self._origin, self._proxy or self._origin
        host, secure = to.raw_host or "", to.scheme == "https"
        found = await loop.getaddrinfo(host, to.port or 80, type=SOCK_STREAM)
        # asyncio's own way to try several addresses loses a socket where it is cancelled
        socket = await start_connection(found, happy_eyeballs_delay=EYEBALLS, loop=loop)
        _, connection = await loop.create_connection(
            lambda: HttpConnection(loop, self._buffer),
            sock=socket,
            ssl=self._tls if secure else None,
            server_hostname=host if secure else None,
        )
        if self._proxy and origin.scheme == "https":
            return await self._within(connection, self._proxy)
        return connection

    async def _within(self, connection: HttpConnection, proxy: URL) -> HttpConnection:
        """A connection to the server through one to the proxy."""
        origin = self._origin
        host = f"{origin.host_subcomponent}:{origin.port}"
        fields = {"Host": host, **password("Proxy-Authorization", proxy)}
        reply = await connection.exchange(head("CONNECT", host, fields) + b"\r\n", whole=False)
        if reply.status != 200:
            connection.close()
            raise ProxyRefusal(reply.status)
        return await connection.secured(self._tls, str(origin.raw_host))


def head(method: str, target: str, fields: Mapping[str, str]) -> bytes:
    """A request line and headers.  Raises UsageError for what would be more lines than that."""
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    if any(mark in line for line in lines for mark in "\r\n\0"):
        raise UsageError(
            N_("the API key, or another header, holds a line break: mend its variable")
        )
    return "".join(f"{line}\r\n" for line in lines).encode()


def password(name: str, url: URL) -> dict[str, str]:
    """A header with the user and password of a URL; none where it has none."""
    if url.user is None:
        return {}
    pair = f"{url.user}:{url.password or ''}".encode()
    return {name: f"Basic {b64encode(pair).decode()}"}
