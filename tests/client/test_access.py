"""How an endpoint is reached: proxies, certificates and headers, over real sockets, both ways."""

import gc
import ssl
import sys
from pathlib import Path
from socket import socket
from typing import Any

import pytest
import trustme

from evaluator.client.access import PLAIN, Access, headers, proxy
from evaluator.client.transport import Transport, transport
from evaluator.errors import EvaluatorError, ServerError, Transient, UsageError
from evaluator.types import Request
from tests.client.canned import EVENTS, HELLO, JSON, events, http, server, whole
from tests.client.proxies import forwarding
from tests.stub import StubServer

pytestmark = pytest.mark.anyio

WAYS = [("wire", False), ("wire", True), ("sdk", False), ("sdk", True)]
HOST = "models.corp.example"  # which no name server knows
REQUEST = Request("b", "1", "model", {"model": "m", "messages": [{"role": "user", "content": "?"}]})
SECRET = "tok-5f0c9d1e7a"


@pytest.fixture(params=WAYS, ids=lambda way: f"{way[0]}{'-stream' * way[1]}")
def way(request: Any) -> tuple[str, bool]:
    """A transport's name, and whether it streams."""
    chosen: tuple[str, bool] = request.param
    return chosen


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment that names no proxy and no authority."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ssl_cert_file"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """A certificate authority that nobody knows."""
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(file)
    return file


@pytest.fixture
def tls(authority: trustme.CA) -> ssl.SSLContext:
    """What the endpoint shows for its name, and for this machine."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(HOST, "127.0.0.1").configure_cert(context)
    return context


def reply(way: tuple[str, bool]) -> bytes:
    return http(events(*HELLO), EVENTS) if way[1] else http(whole(), JSON)


def port_of(url: str) -> int:
    return int(url.removesuffix("/v1").rpartition(":")[2])


async def ask(url: str, way: tuple[str, bool], access: Access = PLAIN, key: str = "") -> str:
    name, stream = way
    made: Transport = transport(url, name, key, 5.0, stream, access)  # type: ignore[arg-type]
    try:
        return (await made.send(REQUEST)).text
    finally:
        await made.close()


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
async def test_the_proxy_of_the_environment_is_used(
    way: tuple[str, bool], variable: str, environment: pytest.MonkeyPatch
) -> None:
    async with server(reply(way)) as url, forwarding(port_of(url)) as by:
        environment.setenv(variable, by.url)
        got = await ask(f"http://{HOST}/v1", way)

    assert got == "Answer: B"
    assert by.asked == [f"POST http://{HOST}/v1/chat/completions HTTP/1.1"]


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "ALL_PROXY"])
async def test_an_encrypted_endpoint_is_reached_through_a_tunnel(
    way: tuple[str, bool],
    variable: str,
    tls: ssl.SSLContext,
    ca_file: Path,
    environment: pytest.MonkeyPatch,
) -> None:
    async with server(reply(way), tls=tls) as url, forwarding(port_of(url)) as by:
        environment.setenv(variable, by.url)
        got = await ask(f"https://{HOST}/v1", way, Access(ca_file))

    assert got == "Answer: B"
    assert by.asked == [f"CONNECT {HOST}:443 HTTP/1.1"]


async def test_a_proxy_need_not_be_written_as_a_url(
    way: tuple[str, bool], environment: pytest.MonkeyPatch
) -> None:
    async with server(reply(way)) as url, forwarding(port_of(url)) as by:
        environment.setenv("HTTP_PROXY", by.url.removeprefix("http://"))

        assert await ask(f"http://{HOST}/v1", way) == "Answer: B"


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_is_told_its_user(
    way: tuple[str, bool],
    scheme: str,
    tls: ssl.SSLContext,
    ca_file: Path,
    environment: pytest.MonkeyPatch,
) -> None:
    shown = tls if scheme == "https" else None
    user = f"me:{SECRET}"
    async with server(reply(way), tls=shown) as url, forwarding(port_of(url), user) as by:
        environment.setenv("ALL_PROXY", by.url)
        got = await ask(f"{scheme}://{HOST}/v1", way, Access(ca_file))
        environment.setenv("ALL_PROXY", by.url.replace(SECRET, "guess"))
        with pytest.raises(ServerError, match=r"407.*USER:PASSWORD@HOST:PORT") as raised:
            await ask(f"{scheme}://{HOST}/v1", way, Access(ca_file))

    assert got == "Answer: B"
    assert "guess" not in str(raised.value)


@pytest.mark.parametrize(("status", "kind"), [(403, ServerError), (502, Transient)])
async def test_a_proxy_that_does_not_connect_is_named(
    way: tuple[str, bool],
    status: int,
    kind: type[EvaluatorError],
    environment: pytest.MonkeyPatch,
) -> None:
    async with forwarding(9, status=status) as by:
        environment.setenv("HTTPS_PROXY", by.url)
        with pytest.raises(kind, match=rf"the proxy '{by.url}' answers with status {status}"):
            await ask(f"https://{HOST}/v1", way)


async def test_a_proxy_that_is_away_is_named(
    way: tuple[str, bool], environment: pytest.MonkeyPatch
) -> None:
    with socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    environment.setenv("HTTP_PROXY", url.replace("//", f"//me:{SECRET}@"))

    with pytest.raises(Transient, match=rf"cannot connect through the proxy '{url}'") as raised:
        await ask(f"http://{HOST}/v1", way)
    assert raised.value.down
    assert SECRET not in str(raised.value)


async def test_this_machine_is_never_asked_through_a_proxy(
    way: tuple[str, bool], environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("ALL_PROXY", "http://127.0.0.1:9")

    async with server(reply(way)) as url:
        assert await ask(url, way) == "Answer: B"


@pytest.mark.parametrize(
    ("url", "bypassed", "direct"),
    [
        ("http://127.0.0.1:8000/v1", "", True),
        ("http://127.1.2.3:8000/v1", "", True),
        ("http://0.0.0.0:8000/v1", "", True),
        ("http://[::1]:8000/v1", "", True),
        ("http://localhost:8000/v1", "", True),
        ("http://me.localhost/v1", "", True),
        ("http://localhost.corp.example/v1", "", False),
        ("http://a.corp.example/v1", "b.corp.example", False),
        ("http://a.corp.example/v1", "corp.example", True),
        ("http://a.corp.example/v1", ".corp.example", True),
        ("http://a.corp.example/v1", "*", True),
        ("http://a.corp.example:8000/v1", "a.corp.example:8000", True),
        ("http://a.corp.example:8001/v1", "a.corp.example:8000", False),
        ("https://a.corp.example/v1", "a.corp.example:443", True),
        ("http://10.1.2.3:8000/v1", "localhost, 10.0.0.0/8", True),
        ("http://11.1.2.3:8000/v1", "localhost,10.0.0.0/8", False),
        ("http://10.1.2.3:8000/v1", "10.1.2.3", True),
        ("http://[fd00::7]:8000/v1", "fd00::/8", True),
    ],
)
def test_which_hosts_are_reached_directly(
    url: str, bypassed: str, direct: bool, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("ALL_PROXY", "http://proxy.corp.example:3128")
    environment.setenv("NO_PROXY", bypassed)

    assert (proxy(url) is None) == direct


@pytest.mark.parametrize("named", ["ftp://me:{}@h:21", "http://me:{}@h:many", "http://"])
def test_what_is_no_proxy_is_a_line(named: str, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("HTTPS_PROXY", named.format(SECRET))

    with pytest.raises(UsageError, match=r"no proxy such as http://HOST:3128") as raised:
        proxy(f"https://{HOST}/v1")
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize("name", ["wire", "sdk"])
async def test_a_socks_proxy_ends_in_a_line(name: str, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("ALL_PROXY", f"socks5://me:{SECRET}@127.0.0.1:9")
    environment.setitem(sys.modules, "socksio", None)  # as if it were not installed

    with pytest.raises(UsageError, match=r"SOCKS.*NO_PROXY") as raised:
        await ask(f"http://{HOST}/v1", (name, False))
    assert SECRET not in str(raised.value)


async def test_a_certificate_is_trusted_when_its_authority_is_named(
    way: tuple[str, bool],
    tls: ssl.SSLContext,
    ca_file: Path,
    environment: pytest.MonkeyPatch,
) -> None:
    async with server(reply(way), tls=tls) as url:
        with pytest.raises(ServerError, match=r"is not trusted: .*--ca-file FILE.*SSL_CERT_FILE"):
            await ask(url, way)
        assert await ask(url, way, Access(ca_file)) == "Answer: B"
        environment.setenv("SSL_CERT_FILE", str(ca_file))
        assert await ask(url, way) == "Answer: B"


async def test_a_certificate_of_another_host_is_not_trusted(
    way: tuple[str, bool], authority: trustme.CA, ca_file: Path
) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("elsewhere.example").configure_cert(tls)

    async with server(reply(way), tls=tls) as url:
        with pytest.raises(ServerError, match=r"is not trusted: .*127\.0\.0\.1"):
            await ask(url, way, Access(ca_file))


def test_authorities_that_are_not_there_are_a_line(
    tmp_path: Path, environment: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="cannot read certificates in PEM form"):
        transport("https://h/v1", "wire", "", 5.0, False, Access(Path(__file__)))
    environment.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with pytest.raises(UsageError, match=r"SSL_CERT_FILE names .*, which is no file"):
        transport("https://h/v1", "wire", "", 5.0, False)


async def test_headers_of_ones_own_are_sent(way: tuple[str, bool], stub: StubServer) -> None:
    own = Access(headers={"X-Tenant": "blue", "User-Agent": "mine"})
    await ask(stub.base_url, way, own, "key")

    sent = stub.requests[0].headers
    assert (sent["x-tenant"], sent["user-agent"]) == ("blue", "mine")
    assert sent["authorization"] == "Bearer key"


async def test_a_key_of_ones_own_takes_the_place_of_the_usual_one(
    way: tuple[str, bool], stub: StubServer
) -> None:
    await ask(stub.base_url, way, Access(headers={"authorization": f"Token {SECRET}"}), "key")

    assert stub.requests[0].headers["authorization"] == f"Token {SECRET}"


async def test_no_key_is_no_header(way: tuple[str, bool], stub: StubServer) -> None:
    await ask(stub.base_url, way)

    assert "authorization" not in stub.requests[0].headers


@pytest.mark.parametrize(
    ("url", "key", "own", "sent"),
    [
        ("https://h/v1", "k", {}, {"Authorization": "Bearer k"}),
        ("https://h/v1", "", {"X-A": "b"}, {"X-A": "b"}),
        ("https://mine.openai.azure.com/openai/v1", "k", {}, {"api-key": "k"}),
        (
            "https://mine.openai.azure.com/openai/v1",
            "k",
            {"Authorization": "Bearer t"},
            {"Authorization": "Bearer t"},
        ),
        ("https://me:secret@h/v1", "k", {"X-A": "b"}, {"X-A": "b"}),
    ],
)
def test_the_headers_of_a_request(
    url: str, key: str, own: dict[str, str], sent: dict[str, str]
) -> None:
    assert headers(url, key, own) == sent


def test_a_password_and_a_header_that_says_another_are_too_much() -> None:
    with pytest.raises(UsageError, match="give one of them") as raised:
        headers("https://me:secret@h/v1", "", {"authorization": SECRET})
    assert SECRET not in str(raised.value)


async def test_what_is_meant_for_openai_goes_to_nobody_else(
    way: tuple[str, bool], environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("OPENAI_ORG_ID", "org-1")
    environment.setenv("OPENAI_PROJECT_ID", "proj-1")
    environment.setenv("OPENAI_CUSTOM_HEADERS", f"X-Own: {SECRET}\nAuthorization: Bearer {SECRET}")
    heads: list[bytes] = []
    async with server(reply(way), heads) as url, forwarding(port_of(url)) as by:
        environment.setenv("HTTP_PROXY", by.url)
        await ask("http://dashscope.aliyuncs.com/compatible-mode/v1", way, key="right")
        await ask(url, way)

    for head in heads:
        assert not any(word in head for word in (b"org-1", b"proj-1", SECRET.encode()))
    assert b"Bearer right" in heads[0]


async def test_openai_has_it(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("OPENAI_ORG_ID", "org-1")
    environment.setenv("OPENAI_CUSTOM_HEADERS", "X-Own: mine")
    heads: list[bytes] = []
    async with server(http(whole()), heads) as url, forwarding(port_of(url)) as by:
        environment.setenv("HTTP_PROXY", by.url)
        await ask("http://api.openai.com/v1", ("sdk", False), key="right")

    assert b"org-1" in heads[0]
    assert b"x-own: mine" in heads[0].lower()
    assert b"Bearer right" in heads[0]


@pytest.mark.parametrize("status", [400, 401, 500])
async def test_a_secret_that_the_server_repeats_is_not_shown(
    way: tuple[str, bool], status: int
) -> None:
    words = f'{{"error": {{"message": "what is {SECRET}, and what sk-the-key?"}}}}'
    secret = Access(headers={"X-Token": f"Token {SECRET}"}, secrets=(f"Token {SECRET}",))
    async with server(http(words, status=status)) as url:
        with pytest.raises(EvaluatorError, match=r"what is \*\*\*, and what \*\*\*\?") as raised:
            await ask(url, way, secret, "sk-the-key")

    assert SECRET not in str(vars(raised.value))


async def test_a_password_that_the_server_repeats_is_not_shown(way: tuple[str, bool]) -> None:
    async with server(http(f"who is {SECRET}?", status=400)) as url:
        with pytest.raises(EvaluatorError, match=r"who is \*\*\*\?"):
            await ask(url.replace("//", f"//me:{SECRET}@"), way)


def test_what_was_never_asked_leaves_no_connection_open() -> None:
    transport("http://h/v1", "wire", "", 5.0, False)
    gc.collect()  # warns of a session that is open
