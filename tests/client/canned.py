"""Servers that say the same bytes to whatever they are asked, and those bytes."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson

EVENTS = "text/event-stream"
JSON = "application/json"


@asynccontextmanager
async def server(
    reply: bytes, heads: list[bytes] | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """A server that says these bytes to whatever it is asked, and notes what that was."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if heads is not None:
            heads.append(head)
        length = next(
            int(line.partition(b":")[2])
            for line in head.splitlines()
            if line.lower().startswith(b"content-length")
        )
        await reader.readexactly(length)
        writer.write(reply)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    listening = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls)
    port = listening.sockets[0].getsockname()[1]
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{port}/v1"
    finally:
        listening.close()
        await listening.wait_closed()


def http(body: bytes | str, kind: str = JSON, status: int = 200, header: str = "") -> bytes:
    content = body.encode() if isinstance(body, str) else body
    head = f"HTTP/1.1 {status} OK\r\nContent-Type: {kind}\r\nConnection: close\r\n{header}"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


def whole(content: str | None = "Answer: B", reason: str | None = "stop", **more: Any) -> str:
    choice = {"message": {"content": content, **more}, "finish_reason": reason}
    return orjson.dumps({"choices": [choice]}).decode()


def piece(content: str | None = None, reason: str | None = None, **more: Any) -> str:
    choice = {"delta": {"content": content, **more}, "finish_reason": reason}
    return orjson.dumps({"choices": [choice]}).decode()


def events(*data: str, end: str = "\n\n") -> str:
    return "".join(f"data: {each}{end}" for each in data)


HELLO = (piece("Ans"), piece("wer: B"), piece(reason="stop"), "[DONE]")
