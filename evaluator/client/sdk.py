"""Hosted endpoints (GLM-4, GPT, DashScope, Azure) through the openai SDK.

The SDK sends; replies are read from the raw bytes, so that both transports read them alike.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from time import perf_counter, time
from typing import Any
from urllib.parse import parse_qsl

import openai
from yarl import URL

from evaluator.client import failures, reply
from evaluator.client.access import PLAIN, Access, Route, route
from evaluator.client.liveness import IDLE_CLOSED, LOST, TIMED_OUT, Liveness
from evaluator.client.stream import Assembly, counted, options
from evaluator.client.urls import hosted, of_host, to_answer, to_connect, without_password
from evaluator.errors import (
    EvaluatorError,
    Transient,
    UsageError,
)
from evaluator.locale import N_
from evaluator.types import Body, Json, Request, Response

NO_KEY = "none"  # the SDK insists on a key even where the endpoint wants none


class Sdk:
    """One endpoint through openai.AsyncOpenAI.  Retries are the pool's: here `max_retries=0`."""

    def __init__(
        self,
        url: str,
        api_key: str = "",
        timeout: float = 600.0,
        stream: bool = False,
        access: Access = PLAIN,
    ) -> None:
        self.url = without_password(url.rstrip("/"))
        self.liveness = Liveness(timeout)
        self.refused: dict[str, str] = {}
        self._timeout = timeout
        self._stream = stream
        address, _, query = url.partition("?")
        # how long a reply may take is for `liveness` to say
        limit = openai.Timeout(None, connect=to_connect(timeout))
        self._route = route(url, api_key, access)
        self._client = openai.AsyncOpenAI(
            base_url=address.rstrip("/"),
            api_key=api_key or NO_KEY,
            timeout=limit,
            max_retries=0,
            default_query=dict(parse_qsl(query)),
            http_client=http_client(url, self._route, limit),
        )

    async def send(self, request: Request) -> Response:
        """One attempt.  Raises Transient, RequestError or Unauthorized."""
        send = partial(self.liveness.attempt, self._once)
        if self._stream:
            return await counted(send, request, self.refused)
        return await send(request)

    async def _once(self, request: Request) -> Response:
        resource: Any = self._client.chat.completions
        if "prompt" in request.body:
            resource = self._client.completions
        # Everything goes as extra_body, so that the body is sent as it is, known field or not.
        body: Body = {"model": request.body["model"], "extra_body": request.sent}
        body |= {key: request.body[key] for key in ("messages", "prompt") if key in request.body}
        if self._stream and not request.scored:  # an echo comes all at once
            return await self._streamed(request, resource, body)
        with self._failures():
            sent_at, start = time(), perf_counter()
            raw = await resource.with_raw_response.create(**body)
            latency = perf_counter() - start
        return reply.response(request, reply.parse(raw.content), self.url, sent_at, latency)

    async def _streamed(self, request: Request, resource: Any, body: Body) -> Response:
        body["extra_body"] = request.sent | options(self.refused)
        with self._failures():
            sent_at, start = time(), perf_counter()
            async with resource.with_streaming_response.create(**body) as answer:
                assembly = Assembly(start)
                async for chunk in chunks(answer):
                    self.liveness.progress()
                    assembly.feed(chunk)
            assembly.end()
            return assembly.response(request, self.url, sent_at)

    async def models(self) -> list[Json] | None:
        """The entries of /models; None where there is no such page, or it does not name all.

        Providers serve older models, and aliases, that they list no longer.
        """
        try:
            with self._failures():
                answer = await self._models()
        except Transient as error:
            raise reply.unanswered(self.url, error) from error
        said = self._route.without_secrets(answer.content)
        entries = reply.models(self.url, answer.status_code, answer.headers, said)
        return None if hosted(self.url) else entries

    async def _models(self) -> Any:
        """The answer to /models, whatever its status."""
        try:
            asked = self._client.models.with_raw_response.list(timeout=to_answer(self._timeout))
            return (await asked).http_response
        except openai.APIStatusError as error:
            return error.response

    async def page(self, path: str, body: bytes = b"") -> str | None:
        """Hosted endpoints have no pages of their own."""
        return None

    async def exchange(self, url: str, body: bytes = b"") -> tuple[int, bytes] | None:
        """Status and body of any URL of the server; None where it does not answer."""
        client = self._client.with_options(timeout=to_answer(self._timeout))
        try:
            if body:
                said = await client.post(url, cast_to=str, content=body)
            else:
                said = await client.get(url, cast_to=str)
        except openai.APIStatusError as error:
            return error.status_code, error.response.content
        except openai.APIConnectionError:
            return None
        return 200, said.encode()

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.close()

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Turns the SDK's errors into ours."""
        try:
            yield
        except openai.APIStatusError as error:
            answer = error.response
            said = self._route.without_secrets(answer.content)
            raise failures.failure(answer.status_code, said, answer.headers) from error
        except openai.APITimeoutError as error:
            if type(error.__cause__).__name__ == "ConnectTimeout":
                raise failures.not_connected(to_connect(self._timeout)) from error
            raise Transient(
                failures.not_answered(to_answer(self._timeout)), kind=TIMED_OUT
            ) from error
        except openai.APIConnectionError as error:
            raise self._meaning(error.request, error.__cause__ or error) from error

    def _meaning(self, request: Any, cause: BaseException) -> EvaluatorError:
        """One of the HTTP library's errors, which is another with each SDK, as one of ours."""
        name = type(cause).__name__
        if name == "ConnectError":
            return self._route.unreached(cause, cause)
        if name == "ProxyError" and (status := str(cause)[:3]).isdecimal():
            return self._route.turned_away(int(status))
        if was_idle(request, cause):
            return Transient(failures.LOST_UNANSWERED, kind=IDLE_CLOSED)
        return Transient(f"connection lost: {name}: {cause}", kind=LOST)


def http_client(url: str, way: Route, timeout: openai.Timeout) -> Any:
    """The SDK's HTTP client, by our own proxy, certificates and headers.  Raises UsageError."""
    try:
        return openai.DefaultAsyncHttpxClient(
            proxy=way.proxy,
            timeout=timeout,
            follow_redirects=False,
            trust_env=False,  # which would send requests for this machine through a proxy too
            verify=way.certificates,
            event_hooks={"request": [headers_of(url, way), traced]},
        )
    except ImportError as error:
        raise UsageError(
            N_(
                "{proxy!r} is a SOCKS proxy, which needs a package more: install socksio, name "
                "an HTTP proxy, or put the host into NO_PROXY",
                proxy=without_password(way.proxy or ""),
            )
        ) from error


def headers_of(url: str, way: Route) -> Callable[[Any], Awaitable[None]]:
    """Gives each request our headers; what the environment has for OpenAI goes to OpenAI alone."""
    unwanted: set[str] = set()
    if not of_host(url, ("openai.com",)):
        unwanted = {
            "openai-organization",
            "openai-project",
            "authorization",
            *environment_headers(),
        }
    if URL(url).user is not None:
        unwanted.discard("authorization")  # which is the URL's own

    async def hook(request: Any) -> None:
        for name in unwanted:
            request.headers.pop(name, None)
        request.headers.update(way.headers)

    return hook


def environment_headers() -> list[str]:
    """The names of the headers that the SDK takes from the environment."""
    lines = os.environ.get("OPENAI_CUSTOM_HEADERS", "").splitlines()
    return [
        name.strip().lower() for name, colon, _ in (line.partition(":") for line in lines) if colon
    ]


class Trace:
    """Notes whether a request got a connection of its own, and the head of a reply."""

    def __init__(self) -> None:
        self.connected = self.answered = False

    async def __call__(self, event: str, info: object) -> None:
        """An event of the HTTP library."""
        self.connected |= "connect_tcp" in event
        self.answered |= event.endswith("receive_response_headers.complete")


async def traced(request: Any) -> None:
    """Gives a request of the HTTP library its trace."""
    request.extensions = {**request.extensions, "trace": Trace()}


def was_idle(request: Any, cause: BaseException) -> bool:
    """Whether a request that failed met a connection that had been closed while it was idle."""
    trace = request.extensions.get("trace")
    lost = type(cause).__name__ in ("RemoteProtocolError", "ReadError", "WriteError")
    return lost and trace is not None and not (trace.connected or trace.answered)


async def chunks(answer: Any) -> AsyncIterator[bytes]:
    """The body of a streamed answer."""
    try:
        async for chunk in answer.iter_bytes():
            yield chunk
    except EvaluatorError:
        raise
    except Exception as error:  # the HTTP library's own, which is another with each SDK
        reason = f"connection lost: {type(error).__name__}: {error}"
        raise Transient(reason, kind=LOST) from error
