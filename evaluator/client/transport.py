"""What a pool needs of a transport, and which transport a URL gets."""

import asyncio
from collections.abc import Awaitable, Mapping
from math import inf
from pathlib import Path
from time import time
from typing import Literal, Protocol, TypeVar

from evaluator.client.access import PLAIN, Access
from evaluator.client.liveness import Liveness
from evaluator.client.urls import hosted
from evaluator.errors import ServerError
from evaluator.locale import N_
from evaluator.types import Json, Request, Response

TransportName = Literal["auto", "wire", "sdk"]
PATIENCE = 10.0  # seconds for a page that a server may have, and a run can do without

T = TypeVar("T")


async def courtesy(page: Awaitable[T], patience: float | None = None) -> T | None:
    """What a page says that a run can do without; None where it does not come in time."""
    try:
        async with asyncio.timeout(PATIENCE if patience is None else patience):
            return await page
    except TimeoutError:
        return None


class Transport(Protocol):
    """Speaks to one endpoint: one attempt per call, no retries."""

    url: str  # as it may be shown: a transport keeps the password to itself
    liveness: Liveness
    refused: dict[str, str]  # its own fields that the server does not take, and why

    async def send(self, request: Request) -> Response:
        """Raises Transient, RequestError or Unauthorized."""
        ...

    async def models(self) -> list[Json] | None:
        """What the endpoint serves; None where it does not tell.  Raises ServerError."""
        ...

    async def page(self, path: str, body: bytes = b"") -> str | None:
        """A page beside /v1, such as /metrics; None where it is not to be had.

        With a body it is posted to.
        """
        ...

    async def exchange(self, url: str, body: bytes = b"") -> tuple[int, bytes] | None:
        """Status and body of any URL of the server, asked once; None where it does not answer.

        With a body it is posted to.
        """
        ...

    async def close(self) -> None:
        """Closes the connections."""
        ...


class Offline:
    """What the transports without an endpoint have in common: nothing is there to ask."""

    url = ""

    def __init__(self) -> None:
        self.liveness = Liveness(inf)
        self.refused: dict[str, str] = {}

    async def models(self) -> list[Json] | None:
        """Nothing is served."""
        return None

    async def page(self, path: str, body: bytes = b"") -> str | None:
        """There are no pages."""
        return None

    async def exchange(self, url: str, body: bytes = b"") -> tuple[int, bytes] | None:
        """There is no server."""
        return None

    async def close(self) -> None:
        """Nothing to close."""


class NoEndpoint(Offline):
    """Stands in for the endpoints of a replay, in which everything comes from the journal."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    async def send(self, request: Request) -> Response:
        """Raises ServerError: there is nothing to ask."""
        raise ServerError(
            N_(
                "{folder!r} does not answer {benchmark} {sample_id!r} yet; run without "
                "--replay to ask",
                folder=str(self._folder),
                benchmark=request.benchmark,
                sample_id=request.sample_id,
            )
        )


class RecordedReplies(Offline):
    """Answers from recorded replies, {"response", "finish_reason"?, ...} by benchmark and sample.

    A list of texts is a dialogue's: each answers the turn that it stands for, the last all others.
    A record may also tell `prompt_tokens`, `output_tokens` and `latency`.
    """

    def __init__(self, replies: Mapping[tuple[str, str], Json]) -> None:
        super().__init__()
        self._replies = replies

    async def send(self, request: Request) -> Response:
        """The recorded reply to the sample's question."""
        record = self._replies[request.benchmark, request.sample_id]
        said = record["response"] or ""
        if isinstance(said, list):
            turns = request.body.get("messages", ())
            turn = sum(each["role"] == "assistant" for each in turns)
            said = said[min(turn, len(said) - 1)] or ""
        return Response(
            request.key,
            said,
            finish_reason=str(record.get("finish_reason") or ""),
            prompt_tokens=record.get("prompt_tokens", 0),
            output_tokens=record.get("output_tokens", 0),
            sent_at=time(),
            latency=record.get("latency", 0.0),
        )


def chosen(url: str, name: TransportName = "auto") -> Literal["wire", "sdk"]:
    """The transport for a URL: the SDK for the known hosted providers, the fast path for others."""
    if name != "auto":
        return name
    return "sdk" if hosted(url) else "wire"


def transport(
    url: str,
    name: TransportName,
    api_key: str,
    timeout: float,
    stream: bool,
    access: Access = PLAIN,
) -> Transport:
    """The transport for one endpoint.  The SDK is imported only when it is used."""
    if chosen(url, name) == "sdk":
        from evaluator.client.sdk import Sdk

        return Sdk(url, api_key, timeout, stream, access)
    from evaluator.client.wire import Wire

    return Wire(url, api_key, timeout, stream, access)
