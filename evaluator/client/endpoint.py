"""One server as a pool sees it, and what is said to it: not every server takes every field."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from evaluator.client.transport import Transport
from evaluator.errors import RequestError
from evaluator.types import Request, Response

REFUSALS = (400, 422)  # what servers answer to a field that they do not take
PREFIX = 200  # characters at the start of a prompt by which it keeps to one endpoint


@dataclass(slots=True, eq=False)
class Endpoint:
    """`refused` are the optional fields that it does not take, and why.

    `card` is what its /v1/models says of the model.
    """

    transport: Transport
    in_flight: int = 0
    takes_optional: bool = True
    refused: dict[str, str] = field(default_factory=dict)
    card: Mapping[str, Any] = field(default_factory=dict)
    probe: "asyncio.Task[None] | None" = None  # running while the endpoint is down

    @property
    def up(self) -> bool:
        return self.probe is None


async def attempt(endpoint: Endpoint, request: Request) -> Response:
    """One attempt.  An optional field that the endpoint refuses is left out from then on."""
    if not endpoint.takes_optional:
        return await endpoint.transport.send(replace(request, optional={}))
    while True:
        if endpoint.refused:
            taken = {k: v for k, v in request.optional.items() if k not in endpoint.refused}
            request = replace(request, optional=taken)
        try:
            return await endpoint.transport.send(request)
        except RequestError as error:
            named = [name for name in request.optional if name in str(error)]
            if error.status not in REFUSALS or not named:
                raise
            endpoint.refused |= dict.fromkeys(named, str(error))


def response_format(schema: Mapping[str, Any]) -> dict[str, Any]:
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
