"""One server as a pool sees it. Not every server takes every field, so it learns from refusals."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from evaluator.client.body_changes import cut
from evaluator.client.dialects import ONE_BEYOND, Rule, fitted, guesses, learnt
from evaluator.client.failures import backoff
from evaluator.client.rates import Rates
from evaluator.client.transport import Transport
from evaluator.errors import RequestError, Transient
from evaluator.types import Body, Json, Request, Response, Schema

UNEXPLAINED = (400, 403, 422, 500, 501)  # may be a refusal of a field, though none is named
PLACE = re.compile(r"""['"]loc['"]\s*:\s*[\[(]([^\])]*)""")  # of a mistake, as pydantic tells it
PARAM = re.compile(r'"param"\s*:\s*"([^"]+)"')  # and as OpenAI does
TOO_LONG = re.compile(r"context length|too long|too many tokens", re.IGNORECASE)
Reply = TypeVar("Reply")
PREFIX = 200  # characters at the start of a prompt by which it keeps to one endpoint


@dataclass(slots=True, eq=False)
class Endpoint:
    """`refused` are the optional fields that it does not take, and why; `rules` its dialect.

    `adapted` says what was asked in another way for that, by field; `taught`, what it said first.

    `proven`: the optional fields were taken once, or tried without, and are not to blame for a
    failure that names none; nor are `guessed`, the fields of rules that were tried in vain.
    `guessing` is held while one request finds out what was refused, so that those refused meanwhile
    are asked again by what it found.
    `slots` are its own, where it has other than the pool gives each; so are `rates`.
    `card` is what its /v1/models says of the model.
    """

    transport: Transport
    in_flight: int = 0
    slots: int = 0
    rates: Rates = field(default_factory=Rates)
    takes_optional: bool = True
    proven: bool = False
    refused: dict[str, str] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    adapted: dict[str, str] = field(default_factory=dict)
    taught: dict[str, str] = field(default_factory=dict)
    guessed: list[Rule] = field(default_factory=list)
    guessing: asyncio.Lock = field(default_factory=asyncio.Lock)
    card: Json = field(default_factory=dict)
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


def spare(endpoint: Endpoint) -> None:
    """Has an echo asked for with one token behind it, where none at all may do harm.

    vLLM takes 0.  Elsewhere it may mean no limit, or stop the server for good.
    """
    if endpoint.card.get("owned_by") != "vllm" and ONE_BEYOND not in endpoint.rules:
        endpoint.rules.append(ONE_BEYOND)


def remember(endpoint: Endpoint, earlier: Endpoint) -> None:
    """Takes over what was learnt of the same server over another connection."""
    for name in ("proven", "refused", "rules", "adapted", "taught", "guessed"):
        setattr(endpoint, name, getattr(earlier, name))
    endpoint.transport.refused |= earlier.transport.refused


async def attempt_at_rate(endpoint: Endpoint, request: Request, rates: Rates) -> Response:
    """One attempt, once the rates let it pass."""
    if not rates.bound:
        return await attempt(endpoint, request)
    async with rates.turn:
        guess = await rates.passing(request)
    response = await attempt(endpoint, request)
    rates.passed(guess, response)
    return response


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
                if (found := await guessed(endpoint, sent, error, send)) is None:
                    raise
                return found
        note_taken(endpoint, sent, reply)
        return reply


async def ask_alone(endpoint: Endpoint, request: Request, rates: Rates, tries: int) -> Response:
    """One endpoint's response to a question about itself.

    Raises RequestError; it is Transient after so many `tries` that failed for now, or one that
    took too long.
    """
    failures = 0
    while True:
        try:
            return await attempt_at_rate(endpoint, request, rates)
        except Transient as error:
            failures += 1
            if failures == tries or error.down or error.kind == "timeout":
                raise
            await asyncio.sleep(backoff(failures, error.retry_after))


def fitting(endpoint: Endpoint, request: Request) -> Request:
    """The request as the endpoint takes it, as far as that is known."""
    optional, body = request.optional, request.body
    if optional and not endpoint.takes_optional:
        optional = {}
    elif endpoint.refused:
        optional = {k: v for k, v in optional.items() if k not in endpoint.refused}
    if request.schema and "response_format" not in body:
        body = {**body, "response_format": response_format(request.schema)}
    if endpoint.rules:
        body, notes = fitted(body, endpoint.rules)
        endpoint.adapted |= notes
    if optional is request.optional and body is request.body:
        return request
    return replace(request, optional=optional, body=body)


def note_taken(endpoint: Endpoint, sent: Request, reply: object) -> None:
    """Notes that the fields of a request are not to blame for what fails later."""
    endpoint.proven |= bool(sent.optional)
    if sent.schema or sent.scored:
        tokens = (reply.output_tokens or 0) if isinstance(reply, Response) else 0
        endless = sent.body.get("max_tokens") == 0 and tokens > 0
        if endless and ONE_BEYOND not in endpoint.rules:  # 0 means no limit there
            endpoint.rules.append(ONE_BEYOND)
        endpoint.guessed += guesses(sent.body, [*endpoint.rules, *endpoint.guessed])


def learn(endpoint: Endpoint, sent: Request, error: RequestError) -> None:
    """Notes what a server's words say of the fields that were sent, whatever their status."""
    if named := named_fields(error.said, sent.optional):
        endpoint.refused |= dict.fromkeys(named, str(error))
    elif rule := learnt(sent.body, error.said, endpoint.rules):
        endpoint.rules.append(rule)
        endpoint.taught[rule.field] = str(error)


def named_fields(said: str, fields: Iterable[str]) -> list[str]:
    """The fields that a refusal names, in the place for that where it has one.

    Beside it some servers repeat the whole request.
    """
    told = " ".join([*PLACE.findall(said), *PARAM.findall(said)]) or said
    return [name for name in fields if re.search(rf"\b{name}\b", told)]


async def guessed(
    endpoint: Endpoint,
    sent: Request,
    error: RequestError,
    send: Callable[[Request], Awaitable[Reply]],
) -> Reply | None:
    """The reply to the request without what the endpoint may have refused, though it names nothing.

    Where there is one, that is what it refused.  Each guess is made once.
    """
    if error.status not in UNEXPLAINED or TOO_LONG.search(error.said):
        return None
    if sent.optional and not endpoint.proven:
        endpoint.proven = True
        if reply := await reply_to(replace(sent, optional={}), send):
            endpoint.refused |= dict.fromkeys(sent.optional, str(error))
            return reply
    for rule in guesses(sent.body, [*endpoint.rules, *endpoint.guessed]):
        endpoint.guessed.append(rule)
        if reply := await reply_to(replace(sent, body=rule.change(sent.body)), send):
            endpoint.rules.append(rule)
            return reply
    return None


async def reply_to(request: Request, send: Callable[[Request], Awaitable[Reply]]) -> Reply | None:
    """The reply to the request as it stands; None where it is refused."""
    try:
        return await send(request)
    except RequestError:
        return None


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
