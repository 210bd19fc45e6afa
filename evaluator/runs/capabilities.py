"""What an endpoint can do, found out by asking: `evaluator check`.

Every answer is one small request.  A page that is not there costs nothing.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson

from evaluator.client.access import PLAIN, Access
from evaluator.client.address import served
from evaluator.client.dialects import known
from evaluator.client.endpoint import Endpoint, attempt, spare
from evaluator.client.transport import Transport, TransportName, courtesy, transport
from evaluator.client.urls import hosted
from evaluator.engine.form import ECHO, NEUTRAL
from evaluator.engine.stopping import run_stoppable
from evaluator.errors import EvaluatorError, NotModels, UsageError
from evaluator.locale import N_
from evaluator.options.commands import CheckOptions
from evaluator.runs.questions import HELLO, RATE, SCHEMA, SCORED, SENTENCE, TOOL, USE_TOOL
from evaluator.types import Body, Json, Request, Response

TOKENS = 16  # of the reply by which a token's time is taken


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried. `works` is None where there is only something to tell."""

    what: str
    works: bool | None
    detail: str = ""


def findings(options: CheckOptions) -> list[Finding]:
    """What the endpoint was found to do, in the order of a table.

    Raises ServerError where nobody answers.
    """
    return run_stoppable(_findings(options))


async def _findings(options: CheckOptions) -> list[Finding]:
    (key,) = options.api_keys([options.base_url])
    inspector = Inspector(
        options.base_url,
        options.model,
        options.transport,
        key,
        options.timeout,
        options.access,
    )
    try:
        return [found async for found in inspector.findings()]
    finally:
        await inspector.close()


class Inspector:
    """Asks one endpoint, streamed and not."""

    def __init__(
        self,
        url: str,
        model: str,
        kind: TransportName,
        key: str,
        timeout: float,
        access: Access = PLAIN,
    ) -> None:
        self.model = model
        self._plain = self._endpoint(transport(url, kind, key, timeout, False, access))
        self._streamed = self._endpoint(transport(url, kind, key, timeout, True, access))

    def _endpoint(self, made: Transport) -> Endpoint:
        takes = not hosted(made.url)
        return Endpoint(made, takes_optional=takes, rules=known(made.url, self.model))

    async def findings(self) -> AsyncIterator[Finding]:
        """All that was found, in the order of a table.  Raises ServerError where nobody answers."""
        async for found in self._said_by_server():
            yield found
        yield await self._tried("chat", self._ask(HELLO, max_tokens=1))
        yield await self._tried("completions", self._ask(prompt=SENTENCE, max_tokens=1))
        yield await self._logprobs()
        yield await self._echo()
        yield await self._schema()
        yield await self._tools()
        async for found in self._stream():
            yield found
        yield Finding(N_("fields refused"), None, refused(self._plain, self._streamed))

    async def close(self) -> None:
        """Closes the connections."""
        await self._plain.transport.close()
        await self._streamed.transport.close()

    async def _said_by_server(self) -> AsyncIterator[Finding]:
        """What the server says of itself."""
        asked = self._plain.transport
        try:
            entries = await served(asked)
        except NotModels:
            entries = []
        card: Json = {}
        if entries:
            names = [str(entry.get("id")) for entry in entries]
            self.model = self.model or names[0]
            card = next((e for e in entries if e.get("id") == self.model), {})
            listed = ", ".join(names[:5])
            yield Finding(N_("models"), not names or self.model in names, listed)
        else:
            yield Finding(N_("models"), False, N_("no list of models"))
        if not self.model:
            raise UsageError(N_("{url} lists no models; name one with --model", url=asked.url))
        self._plain.card = card
        spare(self._plain)
        yield Finding(N_("engine"), None, await engine(asked, card))
        if told := adapter(card):
            yield Finding(N_("adapter"), None, told)
        yield Finding(N_("context length"), None, context_length(card))
        for page in ("/metrics", "/tokenize"):
            body = orjson.dumps({"model": self.model, "prompt": "a"})
            there = await courtesy(asked.page(page, body if page == "/tokenize" else b""))
            yield Finding(page, bool(there))

    async def _ask(
        self, chat: str = "", streamed: bool = False, scored: int = 0, **body: Any
    ) -> Response:
        """The reply to a chat of one turn, or to a body with a prompt of its own."""
        asked = {"model": self.model, "temperature": 0.0, **body}
        if chat:
            asked["messages"] = [{"role": "user", "content": chat}]
        schema = SCHEMA if chat == RATE else None
        request = Request(
            *("check", "1", "model", asked),
            schema=schema,
            optional=NEUTRAL if chat else {},
            scored=scored,
        )
        return await attempt(self._streamed if streamed else self._plain, request)

    async def _tried(self, what: str, asked: Any) -> Finding:
        try:
            response: Response = await asked
        except EvaluatorError as error:
            return Finding(what, False, error.message)
        return Finding(what, True, N_("{ms:,.0f} ms for one token", ms=response.latency * 1000))

    async def _logprobs(self) -> Finding:
        try:
            got = await self._ask(HELLO, max_tokens=1, logprobs=True, top_logprobs=20)
        except EvaluatorError as error:
            return Finding("logprobs", False, error.message)
        count = len(got.top_logprobs[0]) if got.top_logprobs else 0
        return Finding("logprobs", count > 0, N_("{count} of 20 asked for", count=count))

    async def _echo(self) -> Finding:
        try:
            body: Body = {"prompt": SENTENCE, **ECHO}
            got = await self._ask(scored=len(SCORED), **body)
        except EvaluatorError as error:
            return Finding("echo", False, error.message)
        return Finding("echo", bool(got.token_logprobs), "--mode likelihood")

    async def _schema(self) -> Finding:
        try:
            rating = orjson.loads((await self._ask(RATE, max_tokens=64)).text)["rating"]
        except EvaluatorError as error:
            return Finding(N_("JSON schema"), False, error.message)
        except (ValueError, LookupError, TypeError):
            return Finding(N_("JSON schema"), False, N_("taken, but the reply does not keep to it"))
        kept = isinstance(rating, int) and "response_format" not in self._plain.adapted
        return Finding(N_("JSON schema"), kept, "" if kept else N_("any JSON object at most"))

    async def _tools(self) -> Finding:
        try:
            got = await self._ask(USE_TOOL, max_tokens=64, tools=[TOOL])
            plain = await self._ask(USE_TOOL, max_tokens=1)
        except EvaluatorError as error:
            return Finding("tools", False, error.message)
        if 0 < plain.prompt_tokens == got.prompt_tokens:
            return Finding("tools", False, N_("taken, but the chat template never shows them"))
        return Finding(
            "tools", True, N_("called") if got.tool_calls else N_("taken; the model called none")
        )

    async def _stream(self) -> AsyncIterator[Finding]:
        try:
            got = await self._ask(HELLO, streamed=True, max_tokens=TOKENS)
        except EvaluatorError as error:
            yield Finding(N_("streaming"), False, error.message)
            return
        counted = (
            N_("with usage") if got.output_tokens else N_("without usage: tokens are not counted")
        )
        yield Finding(N_("streaming"), got.ttft is not None, counted)
        if got.ttft is not None and got.output_tokens > 1:
            each = (got.latency - got.ttft) / (got.output_tokens - 1)
            yield Finding(N_("time of one token"), None, f"{each * 1000:,.1f} ms")


async def engine(transport: Transport, card: Json) -> str:
    """The server's software and its version, as far as it tells."""
    page = await courtesy(transport.page("/version"))
    try:
        version = orjson.loads(page or "{}")
    except orjson.JSONDecodeError:
        version = {}
    number = version.get("version") if isinstance(version, dict) else None
    told = (card.get("owned_by"), number)
    return " ".join(str(each) for each in told if each) or N_("not told")


def adapter(card: Json) -> str:
    """Which adapter the model is, and to which base; empty where it is none."""
    return f"adapter {card.get('root')} of {card['parent']}" if card.get("parent") else ""


def context_length(card: Json) -> str:
    """The longest context that is served."""
    length = card.get("max_model_len")
    if isinstance(length, int) and length:
        return N_("{n:,} {n:token|tokens}", n=length)
    return N_("not told")


def refused(*endpoints: Endpoint) -> str:
    """The fields that were refused, and those that are asked for in another way."""
    told = dict.fromkeys(name for each in endpoints for name in each.refused)
    adapted = {name: note for each in endpoints for name, note in each.adapted.items()}
    return ", ".join([*told, *(f"{name} ({note})" for name, note in adapted.items())]) or N_("none")
