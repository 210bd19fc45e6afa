"""One HTTP/1.1 connection: requests cut out of the bytes, answered one after another.

Pipelined requests wait in the buffer. Chunked request bodies are refused: no client sends them.
"""

import struct
from asyncio import BaseTransport, Protocol, Transport, get_running_loop
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from socket import SO_LINGER, SOL_SOCKET
from typing import TYPE_CHECKING

from .exchange import Ending, Exchange, Plan

if TYPE_CHECKING:
    from .stub import Stub

REASONS = {status.value: status.phrase for status in HTTPStatus}


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came; `head` is the request line and the headers."""

    method: str
    path: str
    head: bytes
    body: bytes

    def header(self, name: bytes) -> bytes | None:
        """The value of a header, named in lower case."""
        return header(self.head, self.head.lower(), name)

    @property
    def headers(self) -> dict[str, str]:
        lines = (line.partition(":") for line in self.head.decode("latin-1").split("\r\n")[1:])
        return {name.lower(): value.strip() for name, _, value in lines}


def header(head: bytes, lower: bytes, name: bytes) -> bytes | None:
    """A header's value from `head`, found by its lower-case name in `lower`, the same lowered."""
    at = lower.find(b"\r\n" + name + b":")
    if at < 0:
        return None
    start = at + len(name) + 3
    end = head.find(b"\r\n", start)
    return head[start : end if end >= 0 else None].strip()


@lru_cache
def top(status: int, content_type: str) -> str:
    reason = REASONS.get(status, "Unknown")
    return f"HTTP/1.1 {status} {reason}\r\nContent-Type: {content_type}\r\n"


def response(
    status: int,
    body: bytes,
    content_type: str = "application/json",
    extra: Mapping[str, str] = {},
) -> bytes:
    more = "".join(f"{name}: {value}\r\n" for name, value in extra.items()) if extra else ""
    head = f"{top(status, content_type)}{more}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


class Connection(Protocol):
    """Asks the stub for a plan per request, and has an exchange carry it out."""

    def __init__(self, stub: "Stub", open_connections: "set[Connection]") -> None:
        self._stub = stub
        self._open = open_connections
        self._buffer = bytearray()
        self._exchange: Exchange | None = None
        self._closing = False  # the client asked for it with its request
        self.transport: Transport

    def connection_made(self, transport: BaseTransport) -> None:
        assert isinstance(transport, Transport)
        self.transport = transport
        self._open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._open.discard(self)
        if self._exchange:
            self._exchange.abandon()
            self._exchange = None

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._advance()

    def write(self, data: bytes) -> None:
        self.transport.write(data)

    def end(self, ending: Ending) -> None:
        """The reply is out: on to the next request, unless this was the connection's last."""
        if ending == "hang":
            return
        self._exchange = None
        if ending == "reset":
            self._reset()
        elif ending == "close" or self._closing:
            self.transport.close()
        elif self._buffer:
            get_running_loop().call_soon(self._advance)

    def _reset(self) -> None:
        # closing a socket that lingers for no time sends RST
        socket = self.transport.get_extra_info("socket")
        socket.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def _advance(self) -> None:
        if self._exchange or self.transport.is_closing():
            return
        if (request := self._next_request()) is None:
            return
        plan = self._stub.answer(request)
        if plan.probe:
            if plan.first:
                get_running_loop().call_later(plan.first, self._answer, plan)
            else:
                self._answer(plan)
            return
        self._exchange = Exchange(self, plan, self._stub.places)
        self._stub.places.enter(self._exchange)

    def _answer(self, plan: Plan) -> None:
        if not self.transport.is_closing():
            self.write(plan.parts[0])
            self.end(plan.ending)

    def _next_request(self) -> Request | None:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = bytes(self._buffer[:end])
        lower = head.lower()
        if header(head, lower, b"transfer-encoding"):
            self.write(response(411, b""))
            self.transport.close()
            return None
        start = end + 4
        stop = start + int(header(head, lower, b"content-length") or 0)
        if len(self._buffer) < stop:
            return None
        body = bytes(self._buffer[start:stop])
        del self._buffer[:stop]
        self._closing = header(head, lower, b"connection") == b"close"
        method, path, _ = head.partition(b"\r\n")[0].decode("latin-1").split(" ", 2)
        return Request(method, path, head, body)
