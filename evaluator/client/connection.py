"""One HTTP/1.1 connection, on which one request after another is answered.

httptools (llhttp) reads what the server says; nothing here knows of URLs or of JSON.
"""

import asyncio
import ssl
import zlib
from collections.abc import Callable
from socket import SO_KEEPALIVE, SOL_SOCKET
from time import monotonic
from typing import Any, NamedTuple, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

COMPRESSED = (b"gzip", b"x-gzip", b"deflate")  # nobody asks for it, and some gateways do it
EITHER_FORM = 32 + zlib.MAX_WBITS  # tells gzip from deflate by its head

Sink = Callable[[bytes], None]


class Lost(ConnectionError):
    """The connection ended before the reply did.

    `idle`: it had been kept from an earlier request, and not a byte of this reply came.
    """

    def __init__(self, reason: str, idle: bool = False) -> None:
        super().__init__(reason)
        self.idle = idle


class Reply(NamedTuple):
    """A whole reply; of a body that went to a sink, nothing is left."""

    status: int
    fields: dict[bytes, bytes]  # the headers, by their names in lower case
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        """The headers by their usual names, such as Retry-After."""
        return {
            name.decode("latin-1").title(): value.decode("latin-1")
            for name, value in self.fields.items()
        }


class HttpConnection(asyncio.BufferedProtocol):
    """`buffer` is what bytes are received into; connections may share one, as it is read at once.

    `since` is when the last reply ended, on the clock of monotonic.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, buffer: memoryview) -> None:
        self._loop = loop
        self._buffer = buffer
        self._parser = HttpResponseParser(self)
        self._transport: asyncio.Transport
        self._waiter: asyncio.Future[Reply] | None = None
        self._sink: Sink | None = None
        self._fields: dict[bytes, bytes] = {}
        self._body: list[bytes] = []
        self._inflate: Any = None
        self._status = 0
        self._whole = True
        self._ended = self._keep = self._heard = False
        self._used = False
        self.since = 0.0
        self.open = False

    async def exchange(
        self,
        request: bytes,
        sink: Sink | None = None,
        whole: bool = True,
    ) -> Reply:
        """The reply to a request.  The body of one with status 200 goes to the sink as it comes.

        Not `whole` is a reply that ends with its head, as a proxy's to CONNECT does.
        Raises Lost, and what the sink raises; the connection is closed then.
        """
        if not self.open:  # closed by the server as soon as it was made
            raise Lost("the server closed it", self._used)
        self._waiter = self._loop.create_future()
        self._sink, self._whole, self._status, self._heard = sink, whole, 0, False
        try:
            self._transport.write(request)
            return await self._waiter
        except BaseException:  # whoever is cancelled leaves a reply under way behind
            self.close()
            raise
        finally:
            self._waiter = None

    @property
    def reusable(self) -> bool:
        """Whether another request may follow."""
        return self.open and self._keep and not self._transport.get_write_buffer_size()

    async def secured(self, tls: ssl.SSLContext | bool, host: str) -> "HttpConnection":
        """A connection within this one, to a host that proves who it is."""
        within = HttpConnection(self._loop, self._buffer)
        context = ssl.create_default_context() if isinstance(tls, bool) else tls
        transport = await self._loop.start_tls(
            self._transport, within, context, server_hostname=host
        )
        assert transport
        within.connection_made(transport)
        return within

    def close(self) -> None:
        """Ends the connection at once."""
        self.open = False
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Of asyncio."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one but by its methods
        self.open = True
        transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1)

    def connection_lost(self, exc: Exception | None) -> None:
        """Of asyncio: a body that says nothing of its length ends with the connection."""
        self.open = False
        sized = b"content-length" in self._fields or b"transfer-encoding" in self._fields
        if self._status and not sized and exc is None:
            self._finish()
        else:
            self._fail(Lost(str(exc or "the server closed it"), self._used and not self._heard))

    def get_buffer(self, sizehint: int) -> memoryview:
        """Of asyncio."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Of asyncio: so many bytes came."""
        if self._waiter is None or self._waiter.done():
            self.close()  # nobody asked
            return
        self._heard = True
        try:
            self._parser.feed_data(self._buffer[:nbytes])
            if self._sink and self._body and self._status == 200:
                self._sink(self._content())
        except (HttpParserError, HttpParserUpgrade) as error:  # also what a callback raises
            self._fail(Lost(f"not HTTP: {error.__context__ or error}"))
        except Exception as error:  # noqa: BLE001  the sink's own, for whoever waits
            self._fail(error)
        else:
            if self._ended:
                self._finish()

    def on_message_begin(self) -> None:
        """Of httptools."""
        if self._ended:
            raise Lost("one more reply than was asked for")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Of httptools."""
        self._fields[name.lower()] = value

    def on_headers_complete(self) -> None:
        """Of httptools."""
        self._status = self._parser.get_status_code()
        if self._fields.get(b"content-encoding", b"").lower() in COMPRESSED:
            self._inflate = zlib.decompressobj(EITHER_FORM)
        self._ended = not self._whole

    def on_body(self, data: bytes) -> None:
        """Of httptools."""
        self._body.append(self._inflate.decompress(data) if self._inflate else data)

    def on_message_complete(self) -> None:
        """Of httptools."""
        if self._status < 200:  # such as 103, before the reply itself
            self._status, self._fields = 0, {}
        else:
            self._ended, self._keep = True, self._parser.should_keep_alive()

    def _content(self) -> bytes:
        body = self._body
        data = body[0] if len(body) == 1 else b"".join(body)
        body.clear()
        return data

    def _finish(self) -> None:
        reply = Reply(self._status, self._fields, self._content())
        self._fields, self._inflate, self._sink = {}, None, None
        self._ended, self._used, self.since = False, True, monotonic()
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(reply)

    def _fail(self, error: Exception) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_exception(error)
