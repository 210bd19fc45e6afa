"""The fast path: aiohttp and orjson, for vLLM and any plain OpenAI-compatible endpoint."""

from collections.abc import Mapping
from pathlib import Path
from time import perf_counter, time
from typing import Any, Protocol

import aiohttp
import orjson
from yarl import URL

from evaluator.client import reply
from evaluator.types import Request, Response, ServerError, Transient


class Transport(Protocol):
    """Speaks to one endpoint: one attempt per call, no retries."""

    url: str

    async def send(self, request: Request) -> Response:
        """Raises Transient, RequestError or Unauthorized."""
        ...

    async def models(self) -> list[dict[str, Any]] | None:
        """What the endpoint serves; None where it does not tell.  Raises ServerError."""
        ...

    async def page(self, path: str) -> str | None:
        """A page beside /v1, such as /metrics; None where it is not to be had."""
        ...

    async def close(self) -> None:
        """Closes the connections."""
        ...


class Nowhere:
    """Stands in for the endpoints of a replay, in which everything comes from the journal."""

    def __init__(self, folder: Path) -> None:
        self.url = ""
        self._folder = folder

    async def send(self, request: Request) -> Response:
        """Raises ServerError: there is nothing to ask."""
        raise ServerError(
            f"{str(self._folder)!r} does not answer {request.benchmark} {request.sample_id!r} yet; "
            "run without --replay to ask"
        )

    async def models(self) -> list[dict[str, Any]] | None:
        """Nothing is served."""
        return None

    async def page(self, path: str) -> str | None:
        """There are no pages."""
        return None

    async def close(self) -> None:
        """Nothing to close."""


class Wire:
    """One endpoint over aiohttp, with as many connections as the pool has slots."""

    def __init__(self, url: str, api_key: str = "", timeout: float = 600.0) -> None:
        self.url = url.rstrip("/")
        self._timeout = timeout
        headers = {"Content-Type": "application/json"}
        if api_key:
            headers["Authorization"] = f"Bearer {api_key}"
        self._session = aiohttp.ClientSession(
            # limit 0: the pool's slots are the only cap on connections
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=75),
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=timeout, sock_connect=min(30.0, timeout)),
        )

    async def send(self, request: Request) -> Response:
        """One attempt.  Raises Transient, RequestError or Unauthorized."""
        path = "/completions" if "prompt" in request.body else "/chat/completions"
        sent_at, start = time(), perf_counter()
        status, headers, body = await self._exchange(
            "POST", self.url + path, orjson.dumps(request.body)
        )
        if status != 200:
            raise reply.failure(status, body, headers)
        payload = reply.parse(body)
        return reply.response(request, payload, self.url, sent_at, perf_counter() - start)

    async def models(self) -> list[dict[str, Any]] | None:
        """The entries of /models; None where the endpoint has no such page."""
        try:
            status, headers, body = await self._exchange("GET", self.url + "/models")
        except Transient as error:
            raise ServerError(
                f"no answer from {self.url}: {error}; is the server up, and the URL right?"
            ) from error
        if status in (404, 405):
            return None
        if status != 200:
            raise ServerError(f"{self.url}/models: {reply.failure(status, body, headers)}")
        entries: list[dict[str, Any]] | None = reply.parse(body).get("data")
        return entries

    async def page(self, path: str) -> str | None:
        """A page beside /v1, such as /metrics; None where it is not to be had."""
        root = self.url.removesuffix("/v1")
        try:
            status, _, body = await self._exchange("GET", root + path)
        except Transient:
            return None
        return body.decode("utf-8", "replace") if status == 200 else None

    async def close(self) -> None:
        """Closes the connections."""
        await self._session.close()

    async def _exchange(
        self, method: str, url: str, body: bytes | None = None
    ) -> tuple[int, Mapping[str, str], bytes]:
        try:
            async with self._session.request(method, url, data=body) as answer:
                return answer.status, answer.headers, await answer.read()
        except TimeoutError as error:
            raise Transient(f"no reply within {self._timeout:g} s") from error
        except aiohttp.ClientConnectorError as error:
            raise Transient(f"cannot connect: {error.os_error}", down=True) from error
        except aiohttp.InvalidURL as error:
            raise ServerError(f"not a URL: {url!r}") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Transient(f"connection lost: {type(error).__name__}: {error}") from error


def without_password(url: str) -> str:
    """The URL as it may stand in a file: without user and password."""
    return str(URL(url).with_user(None))
