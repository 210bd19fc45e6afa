"""The fast path: aiohttp and orjson, for vLLM and any plain OpenAI-compatible endpoint."""

from collections.abc import Mapping
from time import perf_counter, time

import aiohttp
import orjson
from yarl import URL

from evaluator.client import failures, reply
from evaluator.client.stream import OPTIONS, Assembly, lines
from evaluator.client.urls import certificates, joined, proxy, to_connect, without_password
from evaluator.errors import EvaluatorError, NotModels, ServerError, Transient, UsageError
from evaluator.types import Json, Request, Response

FAILURES = (aiohttp.ClientError, OSError)  # a TimeoutError is an OSError
IDLE = 4.0  # seconds; a connection that uvicorn closes after 5 must not be used again
LONGEST_HEADER = 65_536  # bytes; gateways send more than the usual 8,190


class Wire:
    """One endpoint over aiohttp, with as many connections as the pool has slots."""

    def __init__(
        self, url: str, api_key: str = "", timeout: float = 600.0, stream: bool = False
    ) -> None:
        self._url = url.rstrip("/")  # with user and password, where it has them
        self.url = without_password(self._url)
        self._timeout = timeout
        # A stream may take as long as it goes on: only its silence is bounded.
        self._of_silence = aiohttp.ClientTimeout(
            total=None, sock_read=timeout, sock_connect=to_connect(timeout)
        )
        self._stream = stream
        headers = {"Content-Type": "application/json"}
        if api_key and self._url == self.url:  # aiohttp refuses to send both
            headers["Authorization"] = f"Bearer {api_key}"
        if (through := proxy(self._url)) and through.startswith("socks"):
            raise UsageError(
                f"{without_password(through)!r} is a SOCKS proxy, which --transport wire does not "
                "speak; name an HTTP proxy, or put the host into NO_PROXY"
            )
        self._session = aiohttp.ClientSession(
            proxy=through,
            # limit 0: the pool's slots are the only cap on connections
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE, ssl=certificates(url)),
            headers=headers,
            max_line_size=LONGEST_HEADER,
            max_field_size=LONGEST_HEADER,
            timeout=aiohttp.ClientTimeout(total=timeout, sock_connect=to_connect(timeout)),
        )

    async def send(self, request: Request) -> Response:
        """One attempt.  Raises Transient, RequestError or Unauthorized."""
        if self._stream and not request.scored:  # an echo comes all at once
            return (await self.timed(request))[0]
        url = joined(self._url, reply.path(request))
        sent_at, start = time(), perf_counter()
        status, headers, body = await self._exchange("POST", url, orjson.dumps(request.sent))
        if status != 200:
            raise failures.failure(status, body, headers)
        payload = reply.parse(body)
        return reply.response(request, payload, self.url, sent_at, perf_counter() - start)

    async def timed(self, request: Request) -> tuple[Response, list[float]]:
        """One attempt, streamed, and when each piece of the reply came, by perf_counter."""
        url = joined(self._url, reply.path(request))
        body = orjson.dumps(request.sent | OPTIONS)
        sent_at, start = time(), perf_counter()
        assembly = Assembly(start)
        try:
            posted = self._session.post(
                url, data=body, allow_redirects=False, timeout=self._of_silence
            )
            async with posted as answer:
                if answer.status != 200:
                    raise failures.failure(answer.status, await answer.read(), answer.headers)
                async for line in lines(answer.content.iter_any()):
                    assembly.line(line)
        except FAILURES as error:
            raise self._meaning(error) from error
        return assembly.response(request, self.url, sent_at), assembly.arrivals

    async def models(self) -> list[Json] | None:
        """The entries of /models; None where the endpoint has no such page."""
        try:
            status, headers, body = await self._exchange("GET", joined(self._url, "/models"))
        except Transient as error:
            kind = ServerError if error.down else NotModels
            raise kind(
                f"no answer from {self.url}: {error}; is the server up, and the URL right?"
            ) from error
        return reply.models(self.url, status, headers, body)

    async def page(self, path: str, body: bytes = b"") -> str | None:
        """A page beside /v1, such as /metrics; None where it is not to be had."""
        root = self._url.partition("?")[0].rstrip("/").removesuffix("/v1")
        url, method = root + path, "POST" if body else "GET"
        try:
            status, _, page = await self._exchange(method, url, body or None)
        except Transient:
            return None
        return page.decode("utf-8", "replace") if status == 200 else None

    async def exchange(self, url: str, body: bytes = b"") -> tuple[int, bytes] | None:
        """Status and body of any URL of the server; None where it does not answer."""
        own = URL(self._url)
        known = str(URL(url).with_user(own.user).with_password(own.password))
        try:
            status, _, page = await self._exchange("POST" if body else "GET", known, body or None)
        except (Transient, ServerError):
            return None
        return status, page

    async def close(self) -> None:
        """Closes the connections."""
        await self._session.close()

    async def _exchange(
        self, method: str, url: str, body: bytes | None = None
    ) -> tuple[int, Mapping[str, str], bytes]:
        try:
            asked = self._session.request(method, url, data=body, allow_redirects=False)
            async with asked as answer:
                return answer.status, answer.headers, await answer.read()
        except FAILURES as error:
            raise self._meaning(error) from error

    def _meaning(self, error: Exception) -> EvaluatorError:
        """One of aiohttp's errors as one of ours."""
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            return Transient(f"cannot connect within {to_connect(self._timeout):g} s", down=True)
        if isinstance(error, TimeoutError):
            return Transient(f"no reply within {self._timeout:g} s", kind="timeout")
        if isinstance(error, aiohttp.ClientConnectorError):
            return Transient(f"cannot connect: {error.os_error}", down=True)
        if isinstance(error, aiohttp.InvalidURL):
            return ServerError(f"not a URL: {self.url!r}")
        return Transient(
            f"connection lost: {type(error).__name__}: {error}", kind="connection lost"
        )
