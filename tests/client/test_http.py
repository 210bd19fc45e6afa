"""What the wire transport's own HTTP does with all that a server may say, over real sockets."""

import asyncio
import gzip
import ssl
import zlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest
import trustme

from evaluator.client.connection import Lost
from evaluator.client.http import CannotConnect, Http, ProxyRefusal, head
from evaluator.errors import UsageError

pytestmark = pytest.mark.anyio

OK = b"HTTP/1.1 200 OK\r\n"
SHORT = OK + b"Content-Length: 2\r\n\r\nhi"


class Server:
    """Says the next of its `replies` to each request; `heads` are those of what was asked."""

    def __init__(self, replies: Sequence[bytes], closes: bool = False) -> None:
        self.replies = list(replies)
        self.closes = closes
        self.heads: list[bytes] = []
        self.connections = 0
        self.url = ""
        self.writers: list[asyncio.StreamWriter] = []
        self.tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        if task := asyncio.current_task():
            self.tasks.add(task)
        try:
            while self.replies:
                self.heads.append(await reader.readuntil(b"\r\n\r\n"))
                writer.write(self.replies.pop(0))
                await writer.drain()
                if self.closes:
                    break
            else:
                await reader.read()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serving(
    *replies: bytes, closes: bool = False, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Server]:
    server = Server(replies, closes)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    port = listening.sockets[0].getsockname()[1]
    server.url = f"http{'s' if tls else ''}://127.0.0.1:{port}"
    try:
        yield server
    finally:
        listening.close()
        await asyncio.gather(*server.tasks)


@asynccontextmanager
async def client(url: str, **options: object) -> AsyncIterator[Http]:
    made = Http(url, {}, 5.0, **options)  # type: ignore[arg-type]  # proxy and tls
    try:
        yield made
    finally:
        await made.close()


def chunked(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (*parts, b""))


FORMS = {
    "a length": SHORT,
    "chunks": OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(b"h", b"i"),
    "trailers": OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n",
    "gzip": OK
    + b"Content-Encoding: gzip\r\nContent-Length: 22\r\n\r\n"
    + gzip.compress(b"hi", mtime=0),
    "deflate": OK
    + b"Content-Encoding: deflate\r\nContent-Length: 10\r\n\r\n"
    + zlib.compress(b"hi"),
    "early hints": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + SHORT,
    "no reason": b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi",
}


@pytest.mark.parametrize("reply", FORMS.values(), ids=FORMS)
async def test_every_form_of_a_body_is_read_and_the_connection_kept(reply: bytes) -> None:
    async with serving(reply, reply) as server, client(server.url) as http:
        got = [await http.request("GET", server.url) for _ in range(2)]

    assert [(each.status, each.body) for each in got] == [(200, b"hi")] * 2
    assert server.connections == 1


@pytest.mark.parametrize("reply", FORMS.values(), ids=FORMS)
async def test_a_sink_gets_what_a_body_holds(reply: bytes) -> None:
    parts: list[bytes] = []
    async with serving(reply) as server, client(server.url) as http:
        got = await http.request("GET", server.url, sink=parts.append)

    assert (b"".join(parts), got.body) == (b"hi", b"")


async def test_a_body_may_end_with_its_connection() -> None:
    async with serving(OK + b"\r\nhi", SHORT, closes=True) as server, client(server.url) as http:
        got = [(await http.request("GET", server.url)).body for _ in range(2)]

    assert (got, server.connections) == ([b"hi", b"hi"], 2)


@pytest.mark.parametrize(
    "header", [b"Connection: close\r\n", b""], ids=["says that it closes", "closes"]
)
async def test_a_connection_that_the_server_closed_is_not_used_again(header: bytes) -> None:
    reply = OK + header + b"Content-Length: 2\r\n\r\nhi"
    async with serving(reply, reply, closes=True) as server, client(server.url) as http:
        for _ in range(2):
            await http.request("GET", server.url)
            await asyncio.sleep(0.05)

    assert server.connections == 2


async def test_what_nobody_asked_for_ends_the_connection() -> None:
    async with serving(SHORT, SHORT) as server, client(server.url) as http:
        await http.request("GET", server.url)
        server.writers[0].write(SHORT)
        await asyncio.sleep(0.05)
        assert (await http.request("GET", server.url)).body == b"hi"

    assert server.connections == 2


LOSSES = {
    "nothing": b"",
    "half a head": OK,
    "half a body": OK + b"Content-Length: 9\r\n\r\nhi",
    "half the chunks": OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n",
    "no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n",
    "two replies": SHORT + SHORT,
    "no gzip": OK + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\nhi",
}


@pytest.mark.parametrize("reply", LOSSES.values(), ids=LOSSES)
async def test_a_reply_that_is_not_whole_is_lost(reply: bytes) -> None:
    async with serving(reply, closes=True) as server, client(server.url) as http:
        with pytest.raises(Lost) as raised:
            await http.request("GET", server.url)

    assert not raised.value.idle


async def test_a_connection_that_died_while_it_was_kept_is_told_apart() -> None:
    async with serving(SHORT, b"", closes=False) as server, client(server.url) as http:
        await http.request("GET", server.url)
        server.closes = True
        with pytest.raises(Lost) as raised:
            await http.request("GET", server.url)

    assert raised.value.idle


async def test_a_connection_that_was_closed_before_it_was_used_is_lost() -> None:
    async with serving(SHORT) as server, client(server.url) as http:
        connection = await http._connected()
        connection.close()
        await asyncio.sleep(0)
        with pytest.raises(Lost):
            await asyncio.wait_for(connection.exchange(b"GET / HTTP/1.1\r\n\r\n"), 5)


async def test_what_a_sink_raises_reaches_whoever_asked() -> None:
    def refuse(part: bytes) -> None:
        raise UsageError(f"no {part.decode()}")

    async with serving(SHORT, SHORT) as server, client(server.url) as http:
        with pytest.raises(UsageError, match="no hi"):
            await http.request("GET", server.url, sink=refuse)
        assert (await http.request("GET", server.url)).body == b"hi"

    assert server.connections == 2


async def test_a_cancelled_request_leaves_no_reply_for_the_next() -> None:
    async with serving(b"", SHORT) as server, client(server.url) as http:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(http.request("GET", server.url), 0.1)
        assert (await http.request("GET", server.url)).body == b"hi"


@asynccontextmanager
async def proxying(
    status: int, through: Callable[[], str]
) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A proxy that answers CONNECT with a status, and with 200 passes everything on."""
    heads: list[bytes] = []

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 %d Said\r\n\r\n" % status)
        if status == 200:
            host, _, port = through().rpartition("/")[2].partition(":")
            there, back = await asyncio.open_connection(host, int(port))
            await asyncio.gather(pump(reader, back), pump(there, writer), return_exceptions=True)
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://me:secret@127.0.0.1:{listening.sockets[0].getsockname()[1]}", heads
    finally:
        listening.close()


async def test_a_server_with_tls_is_reached_through_a_proxy() -> None:
    authority = trustme.CA()
    theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(theirs)
    ours = ssl.create_default_context()
    authority.configure_trust(ours)
    async with (
        serving(SHORT, SHORT, tls=theirs) as server,
        proxying(200, lambda: server.url) as (proxy, heads),
        client(server.url, proxy=proxy, tls=ours) as http,
    ):
        got = [(await http.request("GET", f"{server.url}/v1/models")).body for _ in range(2)]

    host = server.url.removeprefix("https://").encode()
    assert got == [b"hi", b"hi"]
    assert server.heads[0].startswith(b"GET /v1/models HTTP/1.1\r\nHost: " + host)
    assert heads == [
        b"CONNECT %b HTTP/1.1\r\nHost: %b\r\nProxy-Authorization: Basic bWU6c2VjcmV0\r\n\r\n"
        % (host, host)
    ]


async def test_a_proxy_that_refuses_is_told_apart() -> None:
    async with (
        proxying(407, str) as (proxy, _),
        client("https://models.invalid", proxy=proxy) as http,
    ):
        with pytest.raises(ProxyRefusal) as raised:
            await http.request("GET", "https://models.invalid/v1/models")

    assert raised.value.status == 407


async def test_a_server_that_is_not_there_is_told_apart() -> None:
    async with serving() as server:
        pass
    async with client(server.url) as http:
        with pytest.raises(CannotConnect, match=r"(?i)connect"):
            await http.request("GET", server.url)


@pytest.mark.parametrize("url", ["ftp://host/v1", "http:///v1", "nowhere"])
async def test_what_is_no_url_is_refused(url: str) -> None:
    async with client("http://127.0.0.1:9") as http:
        with pytest.raises(ValueError, match="neither http"):
            await http.request("GET", url)


def test_a_header_is_one_line() -> None:
    with pytest.raises(UsageError, match="line break"):
        head("GET", "/", {"Authorization": "Bearer a\r\nHost: b"})
