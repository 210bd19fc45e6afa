"""One contract for both transports, streamed or not: the same Response from the same bytes."""

from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import replace
from socket import socket
from typing import Any

import pytest

from evaluator.client.transport import Transport, chosen, transport
from evaluator.client.urls import without_password
from evaluator.errors import RequestError, ServerError, Transient, Unauthorized
from evaluator.types import Request
from tests.stub import Fault, Reply, StubServer

pytestmark = pytest.mark.anyio

WAYS = [("wire", False), ("wire", True), ("sdk", False), ("sdk", True)]
CALL = {"id": "1", "type": "function", "function": {"name": "look", "arguments": '{"at": 1}'}}
FULL = Reply(
    "你好, world", "a thought", [CALL], "tool_calls", [{"A": -0.5, "B": -2.5}], None, 12, 34
)


def request(**body: Any) -> Request:
    messages = [{"role": "user", "content": "question"}]
    return Request("b", "1", "model", {"model": "stub", "messages": messages, **body})


@pytest.fixture(params=WAYS, ids=lambda way: f"{way[0]}{'-stream' * way[1]}")
async def way(request: Any, stub: StubServer) -> AsyncIterator[Transport]:
    """A transport to the stub."""
    name, stream = request.param
    made = transport(stub.base_url, name, "key", 5.0, stream)
    yield made
    await made.close()


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
async def test_all_that_a_reply_holds_is_carried_through(
    way: Transport, stub: StubServer, field: str
) -> None:
    stub.reply, stub.reasoning_field = FULL, field
    asked = request(logprobs=True, top_logprobs=2)
    got = await way.send(asked)

    assert (got.text, got.reasoning, got.finish_reason) == (FULL.text, "a thought", "tool_calls")
    assert [dict(call["function"]) for call in got.tool_calls] == [CALL["function"]]
    assert dict(got.top_logprobs[0]) == {"A": -0.5, "B": -2.5}
    assert (got.prompt_tokens, got.output_tokens) == (12, 34)
    assert (got.key, got.endpoint, got.attempts) == (asked.key, stub.base_url, 1)
    assert got.latency > 0
    assert stub.requests[0].headers["authorization"] == "Bearer key"


async def test_cached_tokens_are_read_where_the_server_tells_them(
    way: Transport, stub: StubServer
) -> None:
    untold = await way.send(request())
    stub.reply = Reply("hello", prompt_tokens=12, cached_tokens=8)
    told = await way.send(request())

    assert (untold.cached_tokens, told.cached_tokens) == (None, 8)


@pytest.mark.parametrize("status", [400, 422, 500])
async def test_a_server_that_does_not_count_streams_is_asked_without(
    stub: StubServer, status: int
) -> None:
    said = "Extra inputs are not permitted, field: 'stream_options'"
    stub.faults = lambda index, body: (
        Fault(status, message=said) if "stream_options" in body else None  # type: ignore[arg-type]
    )
    for name in ("wire", "sdk"):
        made = transport(stub.base_url, name, "", 5.0, True)  # type: ignore[arg-type]  # a name
        got = [await made.send(request()) for _ in range(2)]
        await made.close()

        assert [(reply.text, reply.counted) for reply in got] == [("Answer: B", False)] * 2
        assert said in made.refused["stream_options"]
    assert stub.count == 2 * 3  # once to learn it


async def test_every_way_gives_the_same_response(stub: StubServer) -> None:
    stub.reply = FULL
    got = []
    for name, stream in WAYS:
        made = transport(stub.base_url, name, "", 5.0, stream)  # type: ignore[arg-type]
        got.append(await made.send(request(top_logprobs=2, logprobs=True, seed=7, made_up=1)))
        await made.close()

    same = [replace(r, sent_at=0.0, latency=0.0, ttft=None, tool_calls=()) for r in got]
    same = [replace(r, top_logprobs=list(map(dict, r.top_logprobs))) for r in same]
    assert all(r == same[0] for r in same)
    asked = [{k: v for k, v in r.body.items() if "stream" not in k} for r in stub.requests]
    assert all(body == asked[0] for body in asked)


async def test_no_content_but_reasoning_is_no_error(way: Transport, stub: StubServer) -> None:
    stub.reply = Reply("", "still thinking", finish_reason="length")
    got = await way.send(request())

    assert (got.text, got.reasoning, got.finish_reason) == ("", "still thinking", "length")


PASSING = [408, 429, 500, 503, "reset", "cut", "html", "null_choices", "truncated", "short"]


@pytest.mark.parametrize("kind", [*PASSING, "stream_error"])
async def test_what_may_pass_is_transient(way: Transport, stub: StubServer, kind: Any) -> None:
    stub.faults = lambda index, body: Fault(kind)

    with pytest.raises(Transient):
        await way.send(request())


async def test_a_server_that_is_away_is_down(way: Transport, stub: StubServer) -> None:
    stub.stop()

    with pytest.raises(Transient) as raised:
        await way.send(request())
    assert raised.value.down
    with pytest.raises(ServerError, match="is the server up"):
        await way.models()


@pytest.fixture
def silent() -> Iterator[str]:
    """The URL of a machine that is off: nothing comes back, as its queue of connections is full."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _ in range(3):
            waiting = stack.enter_context(socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"


@pytest.mark.parametrize(("name", "stream"), WAYS)
async def test_a_machine_that_is_off_is_down(silent: str, name: Any, stream: bool) -> None:
    made = transport(silent, name, "", 0.4, stream)
    with pytest.raises(Transient, match=r"cannot connect within 0.2 s") as raised:
        await made.send(request())
    await made.close()

    assert (raised.value.down, raised.value.kind) == (True, "cannot connect")


async def test_a_server_that_never_answers_times_out(stub: StubServer) -> None:
    stub.faults = lambda index, body: Fault("hang")
    for name, stream in WAYS:
        made = transport(stub.base_url, name, "", 0.2, stream)  # type: ignore[arg-type]
        with pytest.raises(Transient) as raised:
            await made.send(request())
        await made.close()

        assert raised.value.kind == "timeout"


async def test_retry_after_is_read(way: Transport, stub: StubServer) -> None:
    stub.faults = lambda index, body: Fault(429, retry_after=3)

    with pytest.raises(Transient) as raised:
        await way.send(request())

    assert raised.value.retry_after == 3.0


async def test_a_refusal_for_good_keeps_the_servers_words(way: Transport, stub: StubServer) -> None:
    stub.faults = lambda index, body: Fault("too_long")

    with pytest.raises(RequestError, match="maximum context length") as raised:
        await way.send(request())
    assert not isinstance(raised.value, Transient)


async def test_a_wrong_key_is_told_apart(way: Transport, stub: StubServer) -> None:
    stub.api_key = "another"

    with pytest.raises(Unauthorized):
        await way.send(request())
    with pytest.raises(ServerError, match="refuses the API key"):
        await way.models()


async def test_what_is_served_is_told(way: Transport, stub: StubServer) -> None:
    assert [entry["id"] for entry in await way.models() or ()] == ["stub"]


@pytest.mark.parametrize("status", [404, 405])
async def test_an_endpoint_need_not_tell_what_it_serves(
    way: Transport, stub: StubServer, status: int
) -> None:
    stub.models_fault = status

    assert await way.models() is None


@pytest.mark.parametrize("status", [400, 500])
async def test_another_failure_to_tell_keeps_the_servers_words(
    way: Transport, stub: StubServer, status: int
) -> None:
    stub.models_fault = status

    with pytest.raises(ServerError, match=f"/models: status {status}"):
        await way.models()


async def test_a_page_that_is_no_list_of_models_is_no_endpoint(
    way: Transport, stub: StubServer
) -> None:
    stub.models_fault = "html"

    with pytest.raises(ServerError, match=r"not JSON.*is the URL right"):
        await way.models()


@pytest.mark.parametrize("name", ["wire", "sdk"])
async def test_a_bare_prompt_goes_to_completions(stub: StubServer, name: Any) -> None:
    asked = Request("b", "0", "model", {"model": "stub", "prompt": "1 + 1 =", "max_tokens": 4})
    made = transport(stub.base_url, name, "", 5.0, stream=False)
    got = await made.send(asked)
    await made.close()

    assert stub.requests[0].path == "/v1/completions"
    assert got.text == "Answer: B"


@pytest.mark.parametrize("name", ["wire", "sdk"])
async def test_token_times_follow_the_stream(stub: StubServer, name: Any) -> None:
    stub.reply, stub.first_token, stub.inter_token = "one two three four five", 0.2, 0.05
    made = transport(stub.base_url, name, "", 5.0, stream=True)
    await made.send(request())
    got = await made.send(request())
    await made.close()

    assert got.ttft == pytest.approx(0.2, abs=0.1)
    assert got.latency == pytest.approx(0.4, abs=0.15)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://127.0.0.1:8000/v1", "wire"),
        ("https://gpu.example.org/v1", "wire"),
        ("https://api.openai.com/v1", "sdk"),
        ("https://open.bigmodel.cn/api/paas/v4", "sdk"),
        ("https://dashscope.aliyuncs.com/compatible-mode/v1", "sdk"),
        ("https://mine.openai.azure.com/openai/v1", "sdk"),
        ("https://notopenai.com/v1", "wire"),
    ],
)
def test_the_transport_follows_from_the_url(url: str, name: str) -> None:
    assert chosen(url) == name
    assert chosen(url, "wire") == "wire"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://me:secret@host:8000/v1", "http://host:8000/v1"),
        ("http://token@host", "http://host"),
        ("https://me:s@crt@[::1]:8000/v1?at=a@b", "https://[::1]:8000/v1?at=a@b"),
        ("https://host/v1//me@home", "https://host/v1//me@home"),
    ],
)
def test_a_password_in_a_url_stays_out_of_files(url: str, shown: str) -> None:
    assert without_password(url) == shown


@pytest.mark.parametrize(("name", "stream"), WAYS)
async def test_a_password_is_sent_and_never_shown(
    stub: StubServer, name: Any, stream: bool
) -> None:
    secret = stub.base_url.replace("//", "//bob:hunter2@")
    made = transport(secret, name, "key", 5.0, stream)
    got = await made.send(request())
    await made.models()
    stub.stop()
    with pytest.raises(ServerError) as away:
        await made.models()
    await made.close()

    sent = [received.headers["authorization"] for received in (*stub.requests, *stub.probes)]
    assert sent == [f"Basic {b64encode(b'bob:hunter2').decode()}"] * 2
    assert got.endpoint == made.url == stub.base_url
    assert "hunter2" not in str(away.value)


@pytest.mark.parametrize("name", ["wire", "sdk"])
async def test_a_stream_may_take_long_while_it_goes_on(name: Any, stub: StubServer) -> None:
    stub.reply, stub.inter_token = "one two three four five six seven eight", 0.1
    made = transport(stub.base_url, name, "key", 0.4, True)
    try:
        assert (await made.send(request())).latency > 0.4
    finally:
        await made.close()
