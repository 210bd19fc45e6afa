"""Hosted endpoints (GLM-4, GPT, DashScope, Azure) through the openai SDK.

The SDK sends; replies are read from the raw bytes, so that both transports read them alike.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from time import perf_counter, time
from typing import Any
from urllib.parse import parse_qsl

import openai

from evaluator.client import failures, reply
from evaluator.client.stream import OPTIONS, Assembly
from evaluator.client.urls import certificates, hosted, of_host, proxy, to_connect, without_password
from evaluator.errors import EvaluatorError, ServerError, Transient, UsageError
from evaluator.types import Body, Json, Request, Response

NO_KEY = "none"  # the SDK insists on a key even where the endpoint wants none


class Sdk:
    """One endpoint through openai.AsyncOpenAI.  Retries are the pool's: here `max_retries=0`."""

    def __init__(
        self, url: str, api_key: str = "", timeout: float = 600.0, stream: bool = False
    ) -> None:
        self.url = without_password(url.rstrip("/"))
        self._timeout = timeout
        self._stream = stream
        address, _, query = url.partition("?")
        limit = openai.Timeout(timeout, connect=to_connect(timeout))
        self._client = openai.AsyncOpenAI(
            base_url=address.rstrip("/"),
            api_key=api_key or NO_KEY,
            timeout=limit,
            max_retries=0,
            default_query=dict(parse_qsl(query)),
            default_headers=headers(url, api_key),
            http_client=http_client(url, limit),
        )

    async def send(self, request: Request) -> Response:
        """One attempt.  Raises Transient, RequestError or Unauthorized."""
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
        body["extra_body"] = request.sent | OPTIONS
        with self._failures():
            sent_at, start = time(), perf_counter()
            async with resource.with_streaming_response.create(**body) as answer:
                assembly = Assembly(start)
                async for chunk in chunks(answer):
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
            raise ServerError(
                f"no answer from {self.url}: {error}; is the server up, and the URL right?"
            ) from error
        entries = reply.models(self.url, answer.status_code, answer.headers, answer.content)
        return None if hosted(self.url) else entries

    async def _models(self) -> Any:
        """The answer to /models, whatever its status."""
        try:
            return (await self._client.models.with_raw_response.list()).http_response
        except openai.APIStatusError as error:
            return error.response

    async def page(self, path: str, body: bytes = b"") -> str | None:
        """Hosted endpoints have no pages of their own."""
        return None

    async def exchange(self, url: str, body: bytes = b"") -> tuple[int, bytes] | None:
        """Status and body of any URL of the server; None where it does not answer."""
        try:
            if body:
                said = await self._client.post(url, cast_to=str, content=body)
            else:
                said = await self._client.get(url, cast_to=str)
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
            raise failures.failure(answer.status_code, answer.content, answer.headers) from error
        except openai.APITimeoutError as error:
            if type(error.__cause__).__name__ == "ConnectTimeout":
                reason = f"cannot connect within {to_connect(self._timeout):g} s"
                raise Transient(reason, down=True) from error
            raise Transient(f"no reply within {self._timeout:g} s", kind="timeout") from error
        except openai.APIConnectionError as error:
            cause = error.__cause__ or error
            down = "connect" in type(cause).__name__.lower()
            reason = f"connection lost: {type(cause).__name__}: {cause}"
            raise Transient(reason, kind="connection lost", down=down) from error


def headers(url: str, api_key: str) -> dict[str, Any]:
    """Headers beside the SDK's own: Azure's key, and nothing that is meant for OpenAI alone."""
    if of_host(url, ("azure.com",)):
        return {"api-key": api_key or NO_KEY}
    if of_host(url, ("openai.com",)):
        return {}
    return {"OpenAI-Organization": openai.omit, "OpenAI-Project": openai.omit}


def http_client(url: str, timeout: openai.Timeout) -> Any:
    """The SDK's HTTP client, by the environment's proxy and certificates.  Raises UsageError."""
    through = proxy(url)
    try:
        return openai.DefaultAsyncHttpxClient(
            proxy=through,
            timeout=timeout,
            follow_redirects=False,
            trust_env=False,  # which would send requests for this machine through a proxy too
            verify=certificates(url),
        )
    except ImportError as error:
        raise UsageError(
            f"{without_password(through or '')!r} is a SOCKS proxy, for which the SDK lacks a "
            f"package: {error}; or name an HTTP proxy, or put the host into NO_PROXY"
        ) from error


async def chunks(answer: Any) -> AsyncIterator[bytes]:
    """The body of a streamed answer."""
    try:
        async for chunk in answer.iter_bytes():
            yield chunk
    except EvaluatorError:
        raise
    except Exception as error:  # the HTTP library's own, which is another with each SDK
        reason = f"connection lost: {type(error).__name__}: {error}"
        raise Transient(reason, kind="connection lost") from error
