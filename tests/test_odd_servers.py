"""What servers were seen to do with an OpenAI-compatible endpoint, over real HTTP, both ways."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest

from evaluator.client.transport import Transport, transport
from evaluator.errors import RequestError, Transient, Unauthorized
from evaluator.types import Request, Response

pytestmark = pytest.mark.anyio

NAMES = ("wire", "sdk")
BODY = {"model": "m", "messages": [{"role": "user", "content": "?"}], "logprobs": True}
REQUEST = Request("b", "1", "model", BODY)
EVENTS = "text/event-stream"
JSON = "application/json"
BOM = "\ufeff"

Send = Callable[..., Awaitable[Response]]


@asynccontextmanager
async def server(reply: bytes) -> AsyncIterator[str]:
    """A server that says these bytes to whatever it is asked."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
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

    listening = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        listening.close()
        await listening.wait_closed()


def http(body: bytes | str, kind: str = JSON, status: int = 200, header: str = "") -> bytes:
    content = body.encode() if isinstance(body, str) else body
    head = f"HTTP/1.1 {status} OK\r\nContent-Type: {kind}\r\nConnection: close\r\n{header}"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


async def ask(name: str, stream: bool, reply: bytes) -> Response:
    async with server(reply) as url:
        way: Transport = transport(url, name, "key", 5.0, stream)  # type: ignore[arg-type]  # a Name
        try:
            return await way.send(REQUEST)
        finally:
            await way.close()


def whole(content: str | None = "Answer: B", reason: str | None = "stop", **more: Any) -> str:
    choice = {"message": {"content": content, **more}, "finish_reason": reason}
    return orjson.dumps({"choices": [choice]}).decode()


def piece(content: str | None = None, reason: str | None = None, **more: Any) -> str:
    choice = {"delta": {"content": content, **more}, "finish_reason": reason}
    return orjson.dumps({"choices": [choice]}).decode()


def events(*data: str, end: str = "\n\n") -> str:
    return "".join(f"data: {each}{end}" for each in data)


HELLO = (piece("Ans"), piece("wer: B"), piece(reason="stop"), "[DONE]")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(events(piece("Ans"), piece("wer: B"), "[DONE]"), id="no finish reason"),
        pytest.param(events(*HELLO, end="\r\r"), id="lines end in CR"),
        pytest.param(events(*HELLO, end="\r\n\r\n"), id="lines end in CR LF"),
        pytest.param(BOM + events(*HELLO), id="byte order mark"),
        pytest.param(
            events(*(each.replace(",", ",\ndata: ", 1) for each in HELLO)), id="several lines"
        ),
        pytest.param(f": hello\n\nevent: message\nid: 1\n{events(*HELLO)}", id="other lines"),
        pytest.param(whole(), id="no stream at all"),
    ],
)
async def test_a_stream_of_another_form_is_read(name: str, body: str) -> None:
    kind = JSON if body.startswith("{") else EVENTS

    assert (await ask(name, True, http(body, kind))).text == "Answer: B"


@pytest.mark.parametrize("name", NAMES)
async def test_a_stream_that_ends_before_anything_was_said_is_asked_again(name: str) -> None:
    with pytest.raises(Transient, match="in the middle"):
        await ask(name, True, http(events(piece(role="assistant"), "[DONE]"), EVENTS))


@pytest.mark.parametrize("name", NAMES)
async def test_a_broken_event_is_not_passed_over(name: str) -> None:
    body = events(piece("Ans"), '{"choices": [{"delta"', piece(reason="stop"), "[DONE]")

    with pytest.raises(Transient, match="not JSON"):
        await ask(name, True, http(body, EVENTS))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"message": "too long", "code": 400}, RequestError),
        ({"message": "no credits", "code": "insufficient_quota"}, RequestError),
        ({"message": "no such field", "type": "invalid_request_error"}, RequestError),
        ({"message": "who are you", "code": 401}, Unauthorized),
        ({"message": "upstream is busy", "code": 502}, Transient),
        ({"message": "slow down", "code": 429}, Transient),
        ({"message": "slow down", "code": "429", "type": "invalid_request_error"}, Transient),
        ("plain words", Transient),
    ],
)
async def test_an_error_with_status_200_is_what_its_code_says(
    name: str, stream: bool, error: Any, kind: type[Exception]
) -> None:
    body = orjson.dumps({"error": error})

    with pytest.raises(kind) as raised:
        await ask(name, stream, http(body))

    assert type(raised.value) is kind
    assert (error if isinstance(error, str) else error["message"]) in str(raised.value)


@pytest.mark.parametrize("name", NAMES)
async def test_a_quota_that_is_used_up_is_not_waited_for(name: str) -> None:
    body = orjson.dumps({"error": {"message": "You ran out.", "code": "insufficient_quota"}})

    with pytest.raises(RequestError) as raised:
        await ask(name, False, http(body, status=429))

    assert not isinstance(raised.value, Transient)


FILTERS = [
    pytest.param(http(whole(None, "content_filter")), False, id="no content"),
    pytest.param(
        http(events(piece(reason="content_filter"), "[DONE]"), EVENTS), True, id="no stream"
    ),
    pytest.param(
        http(orjson.dumps({"error": {"code": "content_filter", "message": "no"}}), status=400),
        False,
        id="status 400",
    ),
    pytest.param(
        http(orjson.dumps({"error": {"code": "1301", "message": "no"}}), status=400),
        False,
        id="another provider's code",
    ),
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("reply", "stream"), FILTERS)
async def test_what_a_provider_filtered_was_never_measured(
    name: str, reply: bytes, stream: bool
) -> None:
    with pytest.raises(RequestError, match=r"^filtered by the provider") as raised:
        await ask(name, stream, reply)

    assert not isinstance(raised.value, Transient)


@pytest.mark.parametrize("name", NAMES)
async def test_a_refusal_of_its_own_is_the_reply(name: str) -> None:
    plain = await ask(name, False, http(whole(None, refusal="I cannot help with that.")))
    pieces = (piece(refusal="I cannot "), piece(refusal="help."), piece(reason="stop"), "[DONE]")
    streamed = await ask(name, True, http(events(*pieces), EVENTS))

    assert plain.text == "I cannot help with that."
    assert streamed.text == "I cannot help."


@pytest.mark.parametrize("name", NAMES)
async def test_headers_of_a_gateway_may_be_long(name: str) -> None:
    reply = http(whole(), header=f"X-Trace: {'x' * 20_000}\r\n")

    assert (await ask(name, False, reply)).text == "Answer: B"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("logprob", ["-Infinity", "null"])
async def test_a_logprob_of_nothing_is_the_least_there_is(
    name: str, stream: bool, logprob: str
) -> None:
    places = [{"token": "A", "logprob": -0.1, "top_logprobs": [{"token": "B", "logprob": 0}]}]
    holder = "delta" if stream else "message"
    choice = {holder: {"content": "A"}, "logprobs": {"content": places}, "finish_reason": "stop"}
    body = orjson.dumps({"choices": [choice]}).decode()
    body = body.replace('"logprob":0', f'"logprob":{logprob}')
    reply = http(events(body, "[DONE]"), EVENTS) if stream else http(BOM + body)

    assert (await ask(name, stream, reply)).top_logprobs[0] == {"B": -9999.0}
