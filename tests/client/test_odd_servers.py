"""What servers were seen to do with an OpenAI-compatible endpoint, over real HTTP, both ways."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
import pytest

from evaluator.client.pool import Pool
from evaluator.client.transport import Transport, transport
from evaluator.client.urls import joined
from evaluator.errors import RequestError, ServerError, Transient, Unauthorized, UsageError
from evaluator.types import Request, Response
from tests.client.canned import EVENTS, HELLO, JSON, events, http, piece, server, whole

pytestmark = pytest.mark.anyio

NAMES = ("wire", "sdk")
BODY = {"model": "m", "messages": [{"role": "user", "content": "?"}], "logprobs": True}
REQUEST = Request("b", "1", "model", BODY)
BOM = "\ufeff"

Send = Callable[..., Awaitable[Response]]


async def ask(name: str, stream: bool, reply: bytes) -> Response:
    async with server(reply) as url:
        return await ask_at(url, name, stream)


async def ask_at(url: str, name: str, stream: bool = False) -> Response:
    way: Transport = transport(url, name, "key", 5.0, stream)  # type: ignore[arg-type]  # a Name
    try:
        return await way.send(REQUEST)
    finally:
        await way.close()


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


@pytest.mark.parametrize("name", NAMES)
async def test_a_quota_of_a_minute_is_waited_for(name: str) -> None:
    words = "You exceeded your current quota; see https://provider.example/error-code#token-limit"
    body = orjson.dumps({"error": {"message": words, "code": "insufficient_quota"}})

    with pytest.raises(Transient):
        await ask(name, False, http(body, status=429))


FILTERS = [
    pytest.param(http(whole(None, "content_filter")), False, id="no content"),
    pytest.param(http(whole("", "sensitive")), False, id="sensitive"),
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


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("more", "cached"),
    [
        ({"prompt_tokens_details": {"cached_tokens": 8}}, 8),
        ({"prompt_tokens_details": None}, None),
        ({"prompt_tokens_details": {"cached_tokens": None}}, None),
        ({"prompt_cache_hit_tokens": 0, "prompt_cache_miss_tokens": 12}, 0),
    ],
)
async def test_what_usage_says_of_the_prefix_cache(
    stream: bool, more: dict[str, Any], cached: int | None
) -> None:
    usage = {"usage": {"prompt_tokens": 12, "completion_tokens": 3, **more}}
    chunk = orjson.dumps({"choices": [], **usage}).decode()
    plain = orjson.dumps({**orjson.loads(whole()), **usage})
    reply = http(events(*HELLO[:3], chunk, "[DONE]"), EVENTS) if stream else http(plain)
    got = await ask("wire", stream, reply)

    assert (got.prompt_tokens, got.output_tokens, got.cached_tokens) == (12, 3, cached)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("reason", ["network_error", "insufficient_system_resource", "error"])
async def test_a_reply_that_a_provider_broke_off_is_asked_again(
    name: str, stream: bool, reason: str
) -> None:
    streamed = http(events(piece("Ans"), piece(reason=reason), "[DONE]"), EVENTS)
    with pytest.raises(Transient, match=f"broke the reply off: finish_reason '{reason}'"):
        await ask(name, stream, streamed if stream else http(whole("Ans", reason)))


@pytest.mark.parametrize("name", NAMES)
async def test_a_refusal_of_its_own_is_the_reply(name: str) -> None:
    plain = await ask(name, False, http(whole(None, refusal="I cannot help with that.")))
    pieces = (piece(refusal="I cannot "), piece(refusal="help."), piece(reason="stop"), "[DONE]")
    streamed = await ask(name, True, http(events(*pieces), EVENTS))

    assert plain.text == "I cannot help with that."
    assert streamed.text == "I cannot help."
    assert plain.finish_reason == streamed.finish_reason == "refusal"


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


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_redirect_is_named_and_not_followed(name: str, stream: bool) -> None:
    reply = http("", status=301, header="Location: https://elsewhere/v1/chat/completions\r\n")

    with pytest.raises(ServerError, match="redirects to https://elsewhere/v1; give that as"):
        await ask(name, stream, reply)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_query_of_the_base_url_stays_at_the_end(name: str, stream: bool) -> None:
    heads: list[bytes] = []
    reply = http(events(*HELLO), EVENTS) if stream else http(whole())
    async with server(reply, heads) as url:
        await ask_at(f"{url}?api-version=2024-06-01", name, stream)

    assert heads[0].startswith(b"POST /v1/chat/completions?api-version=2024-06-01 ")


def test_a_path_goes_before_the_query() -> None:
    assert joined("http://h/v1/", "/models") == "http://h/v1/models"
    assert joined("http://h/v1?a=1&b=2", "/models") == "http://h/v1/models?a=1&b=2"


class Gateway(BaseHTTPRequestHandler):
    """Answers a chat with any model; its list of models is what `listed` says."""

    listed: tuple[int, bytes] = (200, b"")
    asked: list[str]

    def log_message(self, *_: object) -> None:
        """Nothing on the screen."""

    def do_GET(self) -> None:
        self._say(*self.listed)

    def do_POST(self) -> None:
        body = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(str(body.get("model")))
        if body.get("model") == "misspelt":
            self._say(404, b'{"error": {"message": "no such model"}}')
        else:
            self._say(200, whole().encode())

    def _say(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


LISTS = [
    pytest.param((500, b"{}"), id="status 500"),
    pytest.param((403, b""), id="status 403"),
    pytest.param((501, b"not here"), id="status 501"),
    pytest.param((200, b"<html>"), id="a page"),
    pytest.param((200, b'{"data": [{"id": "name@main"}]}'), id="an alias"),
]


@asynccontextmanager
async def gateway(listed: tuple[int, bytes]) -> AsyncIterator[tuple[str, list[str]]]:
    made = type("Made", (Gateway,), {"listed": listed, "asked": []})
    listening = ThreadingHTTPServer(("127.0.0.1", 0), made)
    thread = threading.Thread(target=listening.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.server_port}/v1", made.asked
    finally:
        await asyncio.to_thread(listening.shutdown)
        listening.server_close()
        thread.join()


@pytest.mark.parametrize("listed", LISTS)
async def test_one_answer_makes_up_for_a_list_of_models(listed: tuple[int, bytes]) -> None:
    async with gateway(listed) as (url, asked):
        pool = Pool("name", [transport(url, "wire", "", 5.0, False)])
        await pool.check()
        await pool.close()

    assert asked[-1] == "name"


@pytest.mark.parametrize("listed", LISTS)
async def test_a_model_that_does_not_answer_is_refused(listed: tuple[int, bytes]) -> None:
    async with gateway(listed) as (url, _):
        pool = Pool("misspelt", [transport(url, "wire", "", 5.0, False)])
        with pytest.raises((ServerError, UsageError)):
            await pool.check()
        await pool.close()
