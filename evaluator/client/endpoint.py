"""One server as a pool sees it. Not every server takes every field, so it learns from refusals."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from evaluator.client.dialects import Rule, cut, fitted, learnt
from evaluator.client.transport import Transport
from evaluator.errors import RequestError
from evaluator.types import Body, Json, Request, Response, Schema

REFUSALS = (400, 422)  # what servers answer to a field that they do not take
TOO_LONG = re.compile(r"context length|too long|too many tokens", re.IGNORECASE)
Reply = TypeVar("Reply")
PREFIX = 200  # characters at the start of a prompt by which it keeps to one endpoint


@dataclass(slots=True, eq=False)
class Endpoint:
    """`refused` are the optional fields that it does not take, and why; `rules` its dialect.

    `adapted` says what was asked in another way for that, by field.

    `proven`: the optional fields were taken once, or tried without, and are not to blame for a
    failure that names none.
    `card` is what its /v1/models says of the model; `guessing` is held while one request finds out
    what was refused, so that those refused meanwhile are asked again by what it found.
    """

    transport: Transport
    in_flight: int = 0
    takes_optional: bool = True
    proven: bool = False
    refused: dict[str, str] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    adapted: dict[str, str] = field(default_factory=dict)
    card: Json = field(default_factory=dict)
    guessing: asyncio.Lock = field(default_factory=asyncio.Lock)
    probe: "asyncio.Task[None] | None" = None  # running while the endpoint is down
    down_since: float = 0.0  # on the clock of monotonic
    down_for: str = ""  # the reason

    @property
    def up(self) -> bool:
        return self.probe is None

    @property
    def refusals(self) -> dict[str, str]:
        """All fields that it does not take, and why."""
        return self.refused | self.transport.refused


async def attempt(endpoint: Endpoint, request: Request) -> Response:
    """One attempt, in the endpoint's dialect."""
    response = await adapted(endpoint, request, endpoint.transport.send)
    if response.key != request.key:
        response = replace(response, key=request.key)
    return (
        cut(response, request.body, fitting(endpoint, request).body) if endpoint.rules else response
    )


async def adapted(
    endpoint: Endpoint, request: Request, send: Callable[[Request], Awaitable[Reply]]
) -> Reply:
    """What `send` gives for the request, put in the endpoint's dialect.

    What it refuses is left out, or said otherwise, from then on.
    """
    while True:
        sent = fitting(endpoint, request)
        try:
            reply = await send(sent)
        except RequestError as error:
            learn(endpoint, sent, error)
            async with endpoint.guessing:
                if fitting(endpoint, request) != sent:
                    continue
                if (alone := await without_optional(endpoint, sent, error, send)) is None:
                    raise
                return alone
        endpoint.proven |= bool(sent.optional)
        return reply


def fitting(endpoint: Endpoint, request: Request) -> Request:
    """The request as the endpoint takes it, as far as that is known."""
    if request.optional and not endpoint.takes_optional:
        request = replace(request, optional={})
    elif endpoint.refused:
        taken = {k: v for k, v in request.optional.items() if k not in endpoint.refused}
        request = replace(request, optional=taken)
    if endpoint.rules:
        body, notes = fitted(request.body, endpoint.rules)
        endpoint.adapted |= notes
        request = replace(request, body=body)
    return request


def learn(endpoint: Endpoint, sent: Request, error: RequestError) -> None:
    """Notes what a refusal says of the fields that were sent; a server's own failure may too."""
    if error.status not in REFUSALS and (error.status or 0) < 500:
        return
    named = [name for name in sent.optional if re.search(rf"\b{name}\b", error.said)]
    if named:
        endpoint.refused |= dict.fromkeys(named, str(error))
    elif rule := learnt(sent.body, error.said, endpoint.rules):
        endpoint.rules.append(rule)


async def without_optional(
    endpoint: Endpoint,
    sent: Request,
    error: RequestError,
    send: Callable[[Request], Awaitable[Reply]],
) -> Reply | None:
    """The reply of an endpoint that never took the optional fields, to the request without them.

    If there is one, they are what it refused, though it names none.
    """
    if not sent.optional or endpoint.proven or error.status not in (*REFUSALS, 500, 501):
        return None
    if TOO_LONG.search(error.said):
        return None
    endpoint.proven = True  # one try is enough
    try:
        reply = await send(replace(sent, optional={}))
    except RequestError:
        return None
    endpoint.refused |= dict.fromkeys(sent.optional, str(error))
    return reply


def response_format(schema: Schema) -> Body:
    """A schema as OpenAI and vLLM want it."""
    return {
        "type": "json_schema",
        "json_schema": {"name": "reply", "schema": dict(schema), "strict": True},
    }


def prefix(request: Request) -> bytes:
    """What prompts with the same worked examples have in common: how they begin.

    All have the system prompt in common, which is no reason to keep them on one endpoint.
    """
    messages = [m for m in request.body.get("messages") or () if m.get("role") != "system"]
    start = messages[0].get("content") if messages else request.body.get("prompt")
    return str(start)[:PREFIX].encode("utf-8", "surrogatepass")
