"""What servers were seen to do with an OpenAI-compatible endpoint, over real HTTP, both ways."""

import asyncio
import shutil
import ssl
import subprocess
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import orjson
import pytest

from evaluator.client.pool import Pool
from evaluator.client.transport import Transport, transport
from evaluator.client.urls import joined
from evaluator.errors import RequestError, ServerError, Transient, Unauthorized, UsageError
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


async def ask(name: str, stream: bool, reply: bytes) -> Response:
    async with server(reply) as url:
        return await ask_at(url, name, stream)


async def ask_at(url: str, name: str, stream: bool = False) -> Response:
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


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
async def test_the_proxy_of_the_environment_is_used(
    name: str, variable: str, no_proxies: pytest.MonkeyPatch
) -> None:
    heads: list[bytes] = []
    async with server(http(whole()), heads) as proxy:
        no_proxies.setenv(variable, proxy.removesuffix("/v1"))
        got = await ask_at("http://models.invalid/v1", name)

    assert got.text == "Answer: B"
    assert heads[0].startswith(b"POST http://models.invalid/v1/chat/completions ")


@pytest.mark.parametrize("name", NAMES)
async def test_this_machine_is_never_asked_through_a_proxy(
    name: str, no_proxies: pytest.MonkeyPatch
) -> None:
    no_proxies.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    assert (await ask(name, False, http(whole()))).text == "Answer: B"


@pytest.mark.parametrize("name", NAMES)
async def test_no_proxy_names_the_hosts_without_one(
    name: str, no_proxies: pytest.MonkeyPatch
) -> None:
    no_proxies.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    no_proxies.setenv("NO_PROXY", "models.invalid")

    with pytest.raises(Transient, match=r"(?i)models\.invalid|name|connect"):
        await ask_at("http://models.invalid/v1", name)


@pytest.mark.parametrize("name", NAMES)
async def test_a_socks_proxy_ends_in_a_line(name: str, no_proxies: pytest.MonkeyPatch) -> None:
    no_proxies.setenv("ALL_PROXY", "socks5://user:secret@127.0.0.1:9")

    with pytest.raises(UsageError, match="SOCKS") as raised:
        await ask_at("http://models.invalid/v1", name)

    assert "secret" not in str(raised.value)


@pytest.fixture
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment that names none."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for this machine by an authority that nobody knows, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("makes a certificate with openssl")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=here", "-days", "2"]
    words += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key)]
    subprocess.run(["openssl", *words, "-out", str(certificate)], check=True, capture_output=True)
    return certificate, key


@pytest.mark.parametrize("name", NAMES)
async def test_a_certificate_of_ones_own_authority_is_trusted_when_named(
    name: str, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(*certificate)

    async with server(http(whole()), tls=tls) as url:
        monkeypatch.delenv("SSL_CERT_FILE", raising=False)
        with pytest.raises(Transient, match=r"(?i)certificate"):
            await ask_at(url, name)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
        assert (await ask_at(url, name)).text == "Answer: B"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_redirect_is_named_and_not_followed(name: str, stream: bool) -> None:
    reply = http("", status=301, header="Location: https://elsewhere/v1/chat/completions\r\n")

    with pytest.raises(ServerError, match="redirects to https://elsewhere/v1"):
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
