"""The fast path: plain HTTP and orjson, for vLLM and any other OpenAI-compatible endpoint."""

from collections.abc import Mapping
from time import perf_counter, time

import orjson

from evaluator.client import failures, reply
from evaluator.client.connection import Sink
from evaluator.client.http import CannotConnect, ConnectTimeout, Http
from evaluator.client.stream import OPTIONS, Assembly
from evaluator.client.urls import certificates, joined, proxy, to_connect, without_password
from evaluator.errors import EvaluatorError, ServerError, Transient, UsageError
from evaluator.types import Json, Request, Response

FAILURES = (OSError, ValueError)  # a TimeoutError is an OSError; a ValueError is no URL


class Wire:
    """One endpoint, with as many connections as the pool has slots."""

    def __init__(
        self, url: str, api_key: str = "", timeout: float = 600.0, stream: bool = False
    ) -> None:
        self._url = url.rstrip("/")  # with user and password, where it has them
        self.url = without_password(self._url)
        self._timeout = timeout  # of silence: a stream may take as long as it goes on
        self._stream = stream
        headers = {"Content-Type": "application/json"}
        if api_key and self._url == self.url:  # a password goes before a key
            headers["Authorization"] = f"Bearer {api_key}"
        if (through := proxy(self._url)) and through.startswith("socks"):
            raise UsageError(
                f"{without_password(through)!r} is a SOCKS proxy, which --transport wire does not "
                "speak; name an HTTP proxy, or put the host into NO_PROXY"
            )
        self._http = Http(self._url, headers, to_connect(timeout), through, certificates(url))
        self._urls = {path: joined(self._url, path) for path in reply.PATHS}

    async def send(self, request: Request) -> Response:
        """One attempt.  Raises Transient, RequestError or Unauthorized."""
        if self._stream and not request.scored:  # an echo comes all at once
            return (await self.timed(request))[0]
        url = self._urls[reply.path(request)]
        sent_at, start = time(), perf_counter()
        status, headers, body = await self._exchange("POST", url, orjson.dumps(request.sent))
        if status != 200:
            raise failures.failure(status, body, headers)
        payload = reply.parse(body)
        return reply.response(request, payload, self.url, sent_at, perf_counter() - start)

    async def timed(self, request: Request) -> tuple[Response, list[float]]:
        """One attempt, streamed, and when each piece of the reply came, by perf_counter."""
        url, content = self._urls[reply.path(request)], orjson.dumps(request.sent | OPTIONS)
        sent_at, start = time(), perf_counter()
        assembly = Assembly(start)
        status, headers, body = await self._exchange("POST", url, content, assembly.feed)
        if status != 200:
            raise failures.failure(status, body, headers)
        assembly.end()
        return assembly.response(request, self.url, sent_at), assembly.arrivals

    async def models(self) -> list[Json] | None:
        """The entries of /models; None where the endpoint has no such page."""
        try:
            status, headers, body = await self._exchange("GET", joined(self._url, "/models"))
        except Transient as error:
            raise ServerError(
                f"no answer from {self.url}: {error}; is the server up, and the URL right?"
            ) from error
        return reply.models(self.url, status, headers, body)

    async def page(self, path: str, body: bytes = b"") -> str | None:
        """A page beside /v1, such as /metrics; None where it is not to be had."""
        root = self._url.partition("?")[0].rstrip("/").removesuffix("/v1")
        url, method = root + path, "POST" if body else "GET"
        try:
            status, _, page = await self._exchange(method, url, body)
        except Transient:
            return None
        return page.decode("utf-8", "replace") if status == 200 else None

    async def exchange(self, url: str, body: bytes = b"") -> tuple[int, bytes] | None:
        """Status and body of any URL of the server; None where it does not answer."""
        try:
            status, _, page = await self._exchange("POST" if body else "GET", url, body)
        except (Transient, ServerError):
            return None
        return status, page

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.close()

    async def _exchange(
        self, method: str, url: str, body: bytes = b"", sink: Sink | None = None
    ) -> tuple[int, Mapping[str, str], bytes]:
        try:
            got = await self._http.request(method, url, body, self._timeout, sink)
        except FAILURES as error:
            raise self._meaning(error) from error
        return got.status, got.headers if got.status != 200 else {}, got.body

    def _meaning(self, error: Exception) -> EvaluatorError:
        """What went wrong on the way, as one of our errors."""
        if isinstance(error, ConnectTimeout):
            return Transient(f"cannot connect within {to_connect(self._timeout):g} s", down=True)
        if isinstance(error, CannotConnect):
            return Transient(f"cannot connect: {error}", down=True)
        if isinstance(error, TimeoutError):
            return Transient(f"no reply within {self._timeout:g} s", kind="timeout")
        if isinstance(error, ValueError):
            return ServerError(f"not a URL: {self.url!r}")
        return Transient(f"connection lost: {error}", kind="connection lost")
