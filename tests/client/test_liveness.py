"""Servers that are slow, freeze, or close connections that nobody uses, over real HTTP."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from time import time
from typing import Any

import orjson
import pytest

from evaluator.client import health as health_module
from evaluator.client import liveness as liveness_module
from evaluator.client.pool import Pool
from evaluator.client.transport import Transport, transport
from evaluator.dashboard.background import background
from evaluator.dashboard.lines import alarm_lines, plain_line
from evaluator.dashboard.meter import Meter
from evaluator.errors import RequestError, ServerError, Transient
from evaluator.types import Request
from tests.stub import Reply, StubServer

pytestmark = pytest.mark.anyio

WAYS = [("wire", False), ("wire", True), ("sdk", False), ("sdk", True)]
IDLE = "idle connection closed by the server"

Handle = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def request(number: int = 0) -> Request:
    messages = [{"role": "user", "content": f"question {number}"}]
    return Request("b", str(number), "model", {"model": "stub", "messages": messages})


def reached(url: str, way: tuple[str, bool], timeout: float) -> Transport:
    return transport(url, way[0], "", timeout, way[1])  # type: ignore[arg-type]  # a name


@asynccontextmanager
async def pool(*transports: Transport, **options: Any) -> AsyncIterator[Pool]:
    made = Pool("stub", transports, **options)
    try:
        yield made
    finally:
        await made.close()


@asynccontextmanager
async def server(handle: Handle) -> AsyncIterator[str]:
    """A server that does with each connection what it is told."""
    tasks: set[asyncio.Task[Any]] = set()

    async def held(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())  # type: ignore[arg-type]  # there is one
        try:
            await handle(reader, writer)
        finally:
            writer.close()

    listening = await asyncio.start_server(held, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def asked(reader: asyncio.StreamReader) -> bool:
    """Waits for a whole request; False where none comes any more."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return False
    lengths = (line for line in head.lower().splitlines() if line.startswith(b"content-length:"))
    await reader.readexactly(sum(int(line.partition(b":")[2]) for line in lengths))
    return True


def said(text: str = "Answer: B") -> bytes:
    message = {"message": {"content": text}, "finish_reason": "stop"}
    body = orjson.dumps({"choices": [message], "data": [{"id": "stub"}]})
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


@pytest.fixture
def long_and_short(stub: StubServer) -> StubServer:
    """Takes a second for question 0, and no time for the others."""
    stub.inter_token = 0.1
    long, short = Reply("one two three four five six seven eight nine ten"), Reply("short")
    stub.reply = lambda body: long if "question 0" in str(body["messages"]) else short
    return stub


@pytest.mark.parametrize("name", ["wire", "sdk"])
async def test_a_reply_may_take_its_time_while_others_come(
    name: str, long_and_short: StubServer
) -> None:
    async with pool(reached(long_and_short.base_url, (name, False), 0.5)) as endpoints:
        long = asyncio.ensure_future(endpoints.send(request()))
        number = 0
        while not long.done():
            await asyncio.sleep(0.05)
            await endpoints.send(request(number := number + 1))

        assert ((await long).attempts, endpoints.faults.total()) == (1, 0)


@pytest.mark.parametrize("name", ["wire", "sdk"])
async def test_a_stream_may_begin_late_while_others_come(name: str) -> None:
    words = "one two three four five six seven eight"
    with StubServer(capacity=1, reply=words, inter_token=0.05) as busy:
        async with pool(reached(busy.base_url, (name, True), 0.6)) as endpoints:
            got = await asyncio.gather(*(endpoints.send(request(number)) for number in range(4)))

    assert [reply.attempts for reply in got] == [1] * 4
    assert endpoints.faults.total() == 0


async def test_a_reply_may_take_its_time_while_the_server_counts_tokens(
    long_and_short: StubServer,
) -> None:
    other = reached(long_and_short.base_url, ("wire", False), 5.0)  # another user of the server
    async with pool(reached(long_and_short.base_url, ("wire", False), 0.5)) as endpoints:
        long = asyncio.ensure_future(endpoints.send(request()))
        while not long.done():
            await asyncio.sleep(0.05)
            await other.send(request(1))
            await endpoints.metrics()
        await other.close()

        assert ((await long).attempts, endpoints.faults.total()) == (1, 0)


async def test_a_page_that_says_the_same_is_no_progress(long_and_short: StubServer) -> None:
    async with pool(reached(long_and_short.base_url, ("wire", False), 0.3)) as endpoints:
        long = asyncio.ensure_future(endpoints.send(request()))
        while not long.done():
            await asyncio.sleep(0.05)
            await endpoints.metrics()

        with pytest.raises(RequestError, match=r"no sign of progress for 0\.3 s \(2 attempts\)"):
            await long
        assert endpoints.faults == {"timeout": 2}


@pytest.fixture
def watchful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Endpoints are looked at often, and must answer soon."""
    monkeypatch.setattr(health_module, "LOOK_EVERY", 0.05)
    monkeypatch.setattr(health_module, "SILENT", 0.1)
    monkeypatch.setattr(health_module, "TO_ANSWER", 0.3)
    monkeypatch.setattr(health_module, "PROBE_EVERY", 0.05)


class Freezing:
    """A server that takes requests, and answers none until it wakes up."""

    def __init__(self) -> None:
        self.awake = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await asked(reader):
            await self.awake.wait()
            writer.write(said())
            await writer.drain()


@pytest.mark.usefixtures("watchful")
@pytest.mark.parametrize("way", WAYS)
async def test_what_waits_at_a_frozen_endpoint_is_sent_elsewhere(
    way: tuple[str, bool], stub: StubServer
) -> None:
    async with server(Freezing()) as frozen:
        transports = [reached(url, way, 60.0) for url in (stub.base_url, frozen)]
        async with pool(*transports, slots=4) as endpoints:
            async with background(endpoints.health.watch()):
                got = await asyncio.gather(*(endpoints.send(request(i)) for i in range(8)))
            up = [endpoint.up for endpoint in endpoints.endpoints]
            meter = Meter({"b": 8}, {"model": endpoints})
            alarms = list(alarm_lines(meter))

    assert {(reply.endpoint, reply.attempts) for reply in got} == {(stub.base_url, 1)}
    assert endpoints.faults == {"frozen endpoint": 4}
    assert up == [True, False]
    assert alarms[0].startswith(f"{frozen} has not answered for 0:0")
    assert "takes requests and answers nothing" in alarms[0]


@pytest.mark.usefixtures("watchful")
async def test_an_endpoint_that_is_gone_is_named_until_it_is_back(stub: StubServer) -> None:
    async with pool(reached(stub.base_url, ("wire", False), 5.0)) as endpoints:
        meter = Meter({"b": 2}, {"model": endpoints})
        await endpoints.send(request())
        stub.stop()
        waiting = asyncio.ensure_future(endpoints.send(request()))
        while not meter.down:  # noqa: ASYNC110  nothing tells of it
            await asyncio.sleep(0.02)
        gone = plain_line(meter)
        stub.start()
        await waiting

        assert f"{stub.base_url} has not answered for 0:0" in gone
        assert "cannot connect" in gone and " left" not in gone
        assert "has not answered" not in plain_line(meter)


@pytest.mark.usefixtures("watchful")
async def test_the_only_endpoint_may_wake_up_and_then_nothing_is_lost() -> None:
    freezing = Freezing()
    async with server(freezing) as url, pool(reached(url, ("wire", False), 60.0)) as endpoints:
        meter = Meter({"b": 2}, {"model": endpoints})
        async with background(endpoints.health.watch()):
            waiting = asyncio.ensure_future(endpoints.send(request()))
            while not meter.down:  # noqa: ASYNC110  nothing tells of it
                await asyncio.sleep(0.02)
            line = plain_line(meter)
            freezing.awake.set()
            got = await waiting
            while meter.down:  # noqa: ASYNC110  nothing tells of it
                await asyncio.sleep(0.02)

    assert f"{url} has not answered for 0:0" in line and " left" not in line
    assert (got.text, got.attempts, endpoints.faults.total()) == ("Answer: B", 1, 0)


@pytest.mark.usefixtures("watchful")
async def test_the_only_endpoint_that_stays_frozen_ends_the_run() -> None:
    async with server(Freezing()) as url:
        made = pool(reached(url, ("wire", False), 0.6), patience=0.1)
        async with made as endpoints, background(endpoints.health.watch()):
            with pytest.raises(ServerError, match=r"no endpoint has answered for 0\.6 s"):
                await endpoints.send(request())


@pytest.mark.usefixtures("watchful")
async def test_a_slow_server_that_still_answers_pages_is_not_frozen(stub: StubServer) -> None:
    stub.latency = 0.8
    with StubServer() as other:
        transports = [reached(each.base_url, ("wire", False), 60.0) for each in (stub, other)]
        made = pool(*transports, slots=1)
        async with made as endpoints, background(endpoints.health.watch()):
            got = await asyncio.gather(*(endpoints.send(request(i)) for i in range(2)))

    assert {reply.endpoint for reply in got} == {stub.base_url, other.base_url}
    assert endpoints.faults.total() == 0


class ClosingIdle:
    """A server that closes every connection when it is used for the second time."""

    def __init__(self, hold: float = 0.0) -> None:
        self.hold = hold
        self.connections = 0
        self.closed_at = 0.0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        await asked(reader)
        writer.write(said())
        await writer.drain()
        await asked(reader)
        await asyncio.sleep(self.hold)
        self.closed_at = time()


@pytest.mark.parametrize("way", WAYS)
async def test_what_met_a_closed_connection_is_asked_again_on_a_new_one(
    way: tuple[str, bool],
) -> None:
    closing = ClosingIdle()
    async with server(closing) as url, pool(reached(url, way, 5.0), retries=0) as endpoints:
        await endpoints.send(request())
        got = await endpoints.send(request())

    assert (got.text, got.attempts, closing.connections) == ("Answer: B", 1, 2)
    assert got.sent_at >= closing.closed_at
    assert endpoints.faults == {IDLE: 1}


@pytest.mark.parametrize("way", WAYS)
async def test_a_connection_that_dies_at_work_was_not_idle(
    way: tuple[str, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(liveness_module, "MOMENT", 0.1)
    async with server(ClosingIdle(hold=0.3)) as url:
        made = reached(url, way, 5.0)
        await made.send(request())
        with pytest.raises(Transient) as raised:
            await made.send(request())
        await made.close()

    assert raised.value.kind == "connection lost"


@pytest.mark.parametrize("way", WAYS)
async def test_a_new_connection_that_dies_is_lost(way: tuple[str, bool], stub: StubServer) -> None:
    stub.faults = ["reset"]
    made = reached(stub.base_url, way, 5.0)
    with pytest.raises(Transient) as raised:
        await made.send(request())
    await made.close()

    assert raised.value.kind == "connection lost"
    assert stub.count == 1
