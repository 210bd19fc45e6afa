"""Endpoints asked who they are: five short questions each, all at once, before a run begins."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import orjson
from yarl import URL

from evaluator.client.endpoint import UNEXPLAINED, Endpoint, ask_alone
from evaluator.client.pool import Pool
from evaluator.client.transport import courtesy
from evaluator.client.urls import hosted
from evaluator.engine.form import NEUTRAL, Api, Form
from evaluator.errors import RequestError
from evaluator.results.identity import Identity
from evaluator.runs.identity import QUESTIONS, weights
from evaluator.types import Request, Response

TOKENS = 16  # of a reply: fewer say too little, and more are more likely to differ by noise
TRIES = 3  # of a question, where it fails for now
AGAIN = 2  # times that a reply which is not the expected one is asked for again, alone
PATIENCE = 120.0  # seconds for all tries of one question
APIS: Sequence[Api] = ("chat", "completions")


async def identify(pool: Pool, expected: Identity | None = None) -> dict[str, Identity]:
    """The identity of each endpoint, by URL.

    Replies that are not those of the `expected` identity, or of the first endpoint, are asked for
    again: what differs by chance comes out as expected sooner or later. Raises Unauthorized.
    """
    asked = [each for each in pool.endpoints if each.transport.url and each.up]
    if not asked:
        return {}
    first = await EndpointIdentity(pool, asked[0], expected).identity()
    expected = expected or first
    others = await asyncio.gather(
        *(EndpointIdentity(pool, each, expected).identity() for each in asked[1:])
    )
    return {each.transport.url: one for each, one in zip(asked, (first, *others), strict=True)}


class EndpointIdentity:
    """One endpoint that is asked who it is."""

    def __init__(self, pool: Pool, endpoint: Endpoint, expected: Identity | None) -> None:
        self._pool = pool
        self._endpoint = endpoint
        self._expected = expected

    async def identity(self) -> Identity:
        """What it says of its model, and what the model says."""
        url = self._endpoint.transport.url
        if hosted(url):  # its words change from day to day, and each costs money
            return Identity(host=URL(url).host or "")
        (api, replies), version = await asyncio.gather(self._replies(), self._version())
        card = {key: str(value) for key, value in self._endpoint.card.items() if value}
        return Identity(
            root=card.get("root", ""),
            parent=card.get("parent", ""),
            owner=card.get("owned_by", ""),
            version=version,
            weights=weights(card.get("root", "")),
            api=api,
            replies=tuple(whole_reply(reply) if reply else None for reply in replies),
            logprobs=tuple(likelihoods(reply) if reply else "" for reply in replies),
        )

    async def _version(self) -> str:
        """What vLLM and some others say at /version."""
        with suppress(ValueError, LookupError, TypeError):
            page = await courtesy(self._endpoint.transport.page("/version"))
            return str(orjson.loads(page or "")["version"])
        return ""

    async def _replies(self) -> tuple[str, list[Response | None]]:
        """The replies, by the first API that gives one: base models may have no chat template.

        The first question goes ahead alone, so that what it is refused costs one request.
        """
        first = self._expected.api if self._expected else ""
        for api in sorted(APIS, key=lambda each: each != (first or APIS[0])):
            if (reply := await self._reply(api, 0)) is None:
                continue
            others = range(1, len(QUESTIONS))
            replies = await asyncio.gather(*(self._reply(api, number) for number in others))
            return api, await self._as_expected(api, [reply, *replies])
        return "", []

    async def _as_expected(
        self, api: Api, replies: Sequence[Response | None]
    ) -> list[Response | None]:
        """The replies, of which those that are not as expected are asked for again, one by one."""
        wanted = self._expected.replies if self._expected and self._expected.api == api else ()
        kept = list(replies)
        for number, text in enumerate(wanted):
            if text is not None and (reply := kept[number]):
                kept[number] = await self._settled(api, number, text, reply)
        return kept

    async def _settled(
        self, api: Api, number: int, expected: str, reply: Response
    ) -> Response | None:
        """The expected reply, if it comes, or another that comes each time; else none."""
        replies = [reply]
        while whole_reply(replies[-1]) != expected and len(replies) <= AGAIN:
            replies.append(await self._reply(api, number) or reply)
        alike = len({whole_reply(each) for each in replies}) == 1
        return replies[-1] if alike or whole_reply(replies[-1]) == expected else None

    async def _reply(self, api: Api, number: int) -> Response | None:
        """The reply to one question; None where there is none to be had."""
        params = {"temperature": 0.0, "max_tokens": TOKENS}
        body = Form(api).body(self._pool.model, QUESTIONS[number], params)
        logprobs: Any = True if api == "chat" else 1
        request = Request(
            "identity", str(number), "model", body, optional={**NEUTRAL, "logprobs": logprobs}
        )
        without_logprobs = replace(request, optional=NEUTRAL)  # where they are refused unnamed
        for each in (request, without_logprobs):
            try:
                async with asyncio.timeout(PATIENCE):
                    return await ask_alone(self._endpoint, each, self._pool.rates, TRIES)
            except TimeoutError:
                return None
            except RequestError as error:
                if error.status not in UNEXPLAINED:
                    return None
        return None


def whole_reply(reply: Response) -> str:
    """All that the model said, its thinking included."""
    return reply.reasoning + reply.text


def likelihoods(reply: Response) -> str:
    """Each token and its logprob, as JSON; at temperature 0 the likeliest is what was said."""
    steps = [max(place.items(), key=lambda each: each[1]) for place in reply.top_logprobs if place]
    return orjson.dumps([(token, round(logprob, 3)) for token, logprob in steps]).decode()
