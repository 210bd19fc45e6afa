"""The fast path: aiohttp and orjson, for vLLM and any plain OpenAI-compatible endpoint."""

from collections.abc import Mapping
from functools import cached_property
from time import perf_counter, time
from typing import ClassVar, Self
from weakref import WeakSet

import aiohttp
import orjson
from aiohttp.connector import Connection
from yarl import URL

from evaluator.client import failures, reply
from evaluator.client.access import PLAIN, Access, route
from evaluator.client.liveness import IDLE_CLOSED, LOST, TIMED_OUT, Liveness
from evaluator.client.stream import COUNTING, Assembly, lines, options, refuses_counting
from evaluator.client.urls import joined, to_answer, to_connect, without_password
from evaluator.errors import (
    EvaluatorError,
    NotModels,
    RequestError,
    ServerError,
    Transient,
    UsageError,
)
from evaluator.types import Json, Request, Response

FAILURES = (aiohttp.ClientError, OSError)  # a TimeoutError is an OSError
IDLE = 4.0  # seconds; a connection that uvicorn closes after 5 must not be used again
LONGEST_HEADER = 65_536  # bytes; gateways send more than the usual 8,190


class IdleClosed(aiohttp.ServerDisconnectedError):
    """A connection that had been used before died before a byte of the reply came."""


class Answer(aiohttp.ClientResponse):
    """A reply that tells a connection which was closed while it was idle from one that is lost."""

    used: ClassVar[WeakSet[object]] = WeakSet()  # connections that a reply came on

    async def start(self, connection: Connection) -> Self:
        """Waits for the head of the reply.  Raises IdleClosed, and what aiohttp does."""
        line = connection.protocol
        try:
            await super().start(connection)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
            raise IdleClosed if line in self.used else error from error
        self.used.add(line)
        return self


class Wire:
    """One endpoint over aiohttp, with as many connections as the pool has slots."""

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
        connect = to_connect(timeout)
        self._of_pages = aiohttp.ClientTimeout(total=to_answer(timeout), sock_connect=connect)
        # how long a reply may take is for `liveness` to say
        self._of_replies = aiohttp.ClientTimeout(total=None, sock_connect=connect)
        self._stream = stream
        self._route = route(self._url, api_key, access)
        if (through := self._route.proxy) and through.startswith("socks"):
            raise UsageError(
                f"{without_password(through)!r} is a SOCKS proxy, which --transport wire does not "
                "speak; name an HTTP proxy, or put the host into NO_PROXY"
            )

    @cached_property
    def _session(self) -> aiohttp.ClientSession:
        """The connections, from the first request on: what was never used need not be closed."""
        return aiohttp.ClientSession(
            proxy=self._route.proxy,
            # limit 0: the pool's slots are the only cap on connections
            connector=aiohttp.TCPConnector(
                limit=0, keepalive_timeout=IDLE, ssl=self._route.certificates
            ),
            headers={"Content-Type": "application/json", **self._route.headers},
            max_line_size=LONGEST_HEADER,
            max_field_size=LONGEST_HEADER,
            timeout=self._of_replies,
            response_class=Answer,
        )

    async def send(self, request: Request) -> Response:
        """One attempt.  Raises Transient, RequestError or Unauthorized."""
        if self._stream and not request.scored:  # an echo comes all at once
            return (await self.timed(request))[0]
        return await self.liveness.attempt(self._whole, request)

    async def timed(self, request: Request) -> tuple[Response, list[float]]:
        """One attempt, streamed, and when each piece of the reply came, by perf_counter."""
        try:
            return await self.liveness.attempt(self._streamed, request)
        except RequestError as error:
            if not refuses_counting(error):
                raise
            self.refused[COUNTING] = str(error)
        return await self.liveness.attempt(self._streamed, request)

    async def _whole(self, request: Request) -> Response:
        url = joined(self._url, reply.path(request))
        content = orjson.dumps(request.sent)
        sent_at, start = time(), perf_counter()
        status, headers, body = await self._exchange("POST", url, content, self._of_replies)
        if status != 200:
            raise failures.failure(status, body, headers)
        payload = reply.parse(body)
        return reply.response(request, payload, self.url, sent_at, perf_counter() - start)

    async def _streamed(self, request: Request) -> tuple[Response, list[float]]:
        url = joined(self._url, reply.path(request))
        body = orjson.dumps(request.sent | options(self.refused))
        sent_at, start = time(), perf_counter()
        assembly = Assembly(start)
        try:
            posted = self._session.post(url, data=body, allow_redirects=False)
            async with posted as answer:
                if answer.status != 200:
                    said = self._route.without_secrets(await answer.read())
                    raise failures.failure(answer.status, said, answer.headers)
                async for line in lines(answer.content.iter_any()):
                    self.liveness.progress()
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
        except (Transient, ServerError):
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
        """Closes the connections, if there are any."""
        if "_session" in vars(self):
            await self._session.close()

    async def _exchange(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        limit: aiohttp.ClientTimeout | None = None,
    ) -> tuple[int, Mapping[str, str], bytes]:
        try:
            asked = self._session.request(
                method, url, data=body, allow_redirects=False, timeout=limit or self._of_pages
            )
            async with asked as answer:
                said = await answer.read()
                if answer.status != 200:
                    said = self._route.without_secrets(said)
                return answer.status, answer.headers, said
        except FAILURES as error:
            raise self._meaning(error) from error

    def _meaning(self, error: Exception) -> EvaluatorError:
        """One of aiohttp's errors as one of ours."""
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            return Transient(f"cannot connect within {to_connect(self._timeout):g} s", down=True)
        if isinstance(error, aiohttp.ServerTimeoutError):
            return Transient(f"no answer within {to_answer(self._timeout):g} s", kind=TIMED_OUT)
        if isinstance(error, IdleClosed):
            return Transient("connection lost before a reply came", kind=IDLE_CLOSED)
        if isinstance(error, aiohttp.ClientConnectorError):
            return self._route.unreached(error.os_error, error)
        if isinstance(error, aiohttp.ClientHttpProxyError):
            return self._route.turned_away(error.status)
        if isinstance(error, aiohttp.InvalidURL):
            return ServerError(f"not a URL: {self.url!r}")
        return Transient(f"connection lost: {type(error).__name__}: {error}", kind=LOST)
