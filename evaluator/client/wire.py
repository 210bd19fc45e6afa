"""The fast path: plain HTTP and orjson, for vLLM and any other OpenAI-compatible endpoint."""

import asyncio
from collections.abc import Mapping
from functools import partial
from time import perf_counter, time

import orjson

from evaluator.client import failures, reply
from evaluator.client.access import PLAIN, Access, route
from evaluator.client.connection import Lost, Sink
from evaluator.client.http import CannotConnect, ConnectTimeout, Http, ProxyRefusal
from evaluator.client.liveness import IDLE_CLOSED, LOST, TIMED_OUT, Liveness
from evaluator.client.stream import Assembly, counted, options
from evaluator.client.urls import joined, to_answer, to_connect, without_password
from evaluator.errors import (
    EvaluatorError,
    ServerError,
    Transient,
    UsageError,
)
from evaluator.locale import N_
from evaluator.types import Json, Request, Response

FAILURES = (OSError, ValueError)  # a TimeoutError is an OSError; a ValueError is no URL


class Wire:
    """One endpoint, with as many connections as the pool has slots."""

    def __init__(
        self,
        url: str,
        api_key: str = "",
        timeout: float = 600.0,
        stream: bool = False,
        access: Access = PLAIN,
    ) -> None:
        self._url = url.rstrip("/")  # with user and password, where it has them
        self.url = without_password(self._url)
        self.liveness = Liveness(timeout)
        self.refused: dict[str, str] = {}
        self._timeout = timeout
        self._stream = stream
        self._route = route(self._url, api_key, access)
        if (through := self._route.proxy) and through.startswith("socks"):
            raise UsageError(
                N_(
                    "{through!r} is a SOCKS proxy, which --transport wire does not speak; name "
                    "an HTTP proxy, or put the host into NO_PROXY",
                    through=without_password(through),
                )
            )
        headers = {"Content-Type": "application/json", **self._route.headers}
        self._http = Http(
            self._url, headers, to_connect(timeout), through, self._route.certificates
        )
        self._urls = {path: joined(self._url, path) for path in reply.PATHS}

    async def send(self, request: Request) -> Response:
        """One attempt.  Raises Transient, RequestError or Unauthorized."""
        if self._stream and not request.scored:  # an echo comes all at once
            return (await self.timed(request))[0]
        return await self.liveness.attempt(self._whole, request)

    async def timed(self, request: Request) -> tuple[Response, list[float]]:
        """One attempt, streamed, and when each piece of the reply came, by perf_counter."""
        send = partial(self.liveness.attempt, self._streamed)
        return await counted(send, request, self.refused)

    async def _whole(self, request: Request) -> Response:
        content = orjson.dumps(request.sent)
        sent_at, start = time(), perf_counter()
        status, headers, body = await self._exchange(
            "POST", self._urls[reply.path(request)], content
        )
        if status != 200:
            raise failures.failure(status, body, headers)
        payload = reply.parse(body)
        return reply.response(request, payload, self.url, sent_at, perf_counter() - start)

    async def _streamed(self, request: Request) -> tuple[Response, list[float]]:
        content = orjson.dumps(request.sent | options(self.refused))
        sent_at, start = time(), perf_counter()
        assembly = Assembly(start)

        def grow(piece: bytes) -> None:
            self.liveness.progress()
            assembly.feed(piece)

        status, headers, body = await self._exchange(
            "POST", self._urls[reply.path(request)], content, grow
        )
        if status != 200:
            raise failures.failure(status, body, headers)
        assembly.end()
        return assembly.response(request, self.url, sent_at), assembly.arrivals

    async def models(self) -> list[Json] | None:
        """The entries of /models; None where the endpoint has no such page."""
        try:
            status, headers, body = await self._page("GET", joined(self._url, "/models"))
        except Transient as error:
            raise reply.unanswered(self.url, error) from error
        return reply.models(self.url, status, headers, body)

    async def page(self, path: str, body: bytes = b"") -> str | None:
        """A page beside /v1, such as /metrics; None where it is not to be had."""
        root = self._url.partition("?")[0].rstrip("/").removesuffix("/v1")
        answer = await self.exchange(root + path, body)
        return answer[1].decode("utf-8", "replace") if answer and answer[0] == 200 else None

    async def exchange(self, url: str, body: bytes = b"") -> tuple[int, bytes] | None:
        """Status and body of any URL of the server; None where it does not answer."""
        try:
            status, _, page = await self._page("POST" if body else "GET", url, body)
        except (Transient, ServerError):
            return None
        return status, page

    async def close(self) -> None:
        """Closes the connections, if there are any."""
        await self._http.close()

    async def _page(
        self, method: str, url: str, body: bytes = b""
    ) -> tuple[int, Mapping[str, str], bytes]:
        """A page, which comes at once or not at all; a reply's time is for `liveness` to say."""
        try:
            async with asyncio.timeout(to_answer(self._timeout)):
                return await self._exchange(method, url, body)
        except TimeoutError as error:
            raise self._meaning(error) from error

    async def _exchange(
        self, method: str, url: str, body: bytes = b"", sink: Sink | None = None
    ) -> tuple[int, Mapping[str, str], bytes]:
        try:
            got = await self._http.request(method, url, body, sink)
        except FAILURES as error:
            raise self._meaning(error) from error
        if got.status == 200:
            return got.status, {}, got.body
        return got.status, got.headers, self._route.without_secrets(got.body)

    def _meaning(self, error: Exception) -> EvaluatorError:
        """What went wrong on the way, as one of our errors."""
        if isinstance(error, ConnectTimeout):
            return failures.not_connected(to_connect(self._timeout))
        if isinstance(error, CannotConnect):
            return self._route.unreached(error, error)
        if isinstance(error, ProxyRefusal):
            return self._route.turned_away(error.status)
        if isinstance(error, TimeoutError):
            return Transient(failures.not_answered(to_answer(self._timeout)), kind=TIMED_OUT)
        if isinstance(error, Lost) and error.idle:
            return Transient(failures.LOST_UNANSWERED, kind=IDLE_CLOSED)
        if isinstance(error, ValueError):
            return ServerError(N_("not a URL: {url!r}", url=self.url))
        return Transient(f"connection lost: {error}", kind=LOST)
