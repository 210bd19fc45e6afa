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
from evaluator.client.endpoint import Endpoint, attempt, response_format
from evaluator.client.transport import Transport, TransportName, transport
from evaluator.client.urls import hosted
from evaluator.engine.form import ECHO, NEUTRAL
from evaluator.errors import EvaluatorError, NotModels, UsageError
from evaluator.types import Body, Json, Request, Response

HELLO = [{"role": "user", "content": "Say hello."}]
SENTENCE = "Water boils at one hundred degrees"
SCHEMA = {
    "type": "object",
    "properties": {"rating": {"type": "integer", "minimum": 1, "maximum": 10}},
    "required": ["rating"],
}
TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Tells the weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
TOKENS = 16  # of the reply by which a token's time is taken


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried. `works` is None where there is only something to tell."""

    what: str
    works: bool | None
    detail: str = ""


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
        yield await self._tried("chat", self._ask(messages=HELLO, max_tokens=1))
        yield await self._tried("completions", self._ask(prompt=SENTENCE, max_tokens=1))
        yield await self._logprobs()
        yield await self._echo()
        yield await self._schema()
        yield await self._tools()
        async for found in self._stream():
            yield found
        yield self._refused()

    async def close(self) -> None:
        """Closes the connections."""
        await self._plain.transport.close()
        await self._streamed.transport.close()

    async def _said_by_server(self) -> AsyncIterator[Finding]:
        """What the server says of itself."""
        asked = self._plain.transport
        try:
            entries = await served(asked)
        except NotModels:  # a courtesy
            entries = []
        card: Json = {}
        if entries:
            names = [str(entry.get("id")) for entry in entries]
            self.model = self.model or names[0]
            card = next((e for e in entries if e.get("id") == self.model), {})
            listed = ", ".join(names[:5])
            yield Finding("models", not names or self.model in names, listed)
        else:
            yield Finding("models", False, "no list of models")
        if not self.model:
            raise UsageError(f"{asked.url} lists no models; name one with --model")
        yield Finding("engine", None, await self._engine(card))
        length = card.get("max_model_len")
        yield Finding("context length", None, f"{length:,} tokens" if length else "not told")
        for page in ("/metrics", "/tokenize"):
            body = orjson.dumps({"model": self.model, "prompt": "a"})
            there = await asked.page(page, body if page == "/tokenize" else b"")
            yield Finding(page, bool(there))

    async def _engine(self, card: Json) -> str:
        owner = str(card.get("owned_by") or "")
        try:
            version = orjson.loads(await self._plain.transport.page("/version") or "{}")
        except orjson.JSONDecodeError:
            version = {}
        number = version.get("version") if isinstance(version, dict) else None
        return " ".join(filter(None, (owner, str(number or "")))) or "not told"

    async def _ask(self, streamed: bool = False, scored: int = 0, **body: Any) -> Response:
        asked = {"model": self.model, "temperature": 0.0, **body}
        optional = NEUTRAL if "messages" in body else {}
        request = Request("check", "1", "model", asked, optional=optional, scored=scored)
        return await attempt(self._streamed if streamed else self._plain, request)

    async def _tried(self, what: str, asked: Any) -> Finding:
        try:
            response: Response = await asked
        except EvaluatorError as error:
            return Finding(what, False, str(error))
        return Finding(what, True, f"{response.latency * 1000:,.0f} ms for one token")

    async def _logprobs(self) -> Finding:
        try:
            got = await self._ask(messages=HELLO, max_tokens=1, logprobs=True, top_logprobs=20)
        except EvaluatorError as error:
            return Finding("logprobs", False, str(error))
        count = len(got.top_logprobs[0]) if got.top_logprobs else 0
        return Finding("logprobs", count > 0, f"{count} of 20 asked for")

    async def _echo(self) -> Finding:
        try:
            body: Body = {"prompt": SENTENCE, **ECHO}
            got = await self._ask(scored=len(" degrees"), **body)
        except EvaluatorError as error:
            return Finding("echo", False, str(error))
        return Finding("echo", bool(got.token_logprobs), "--mode likelihood")

    async def _schema(self) -> Finding:
        format = response_format(SCHEMA)
        asked = [{"role": "user", "content": 'Rate a plain "hello" from 1 to 10, as JSON.'}]
        try:
            got = await self._ask(messages=asked, max_tokens=64, response_format=format)
            rating = orjson.loads(got.text)["rating"]
        except EvaluatorError as error:
            return Finding("JSON schema", False, str(error))
        except (ValueError, LookupError, TypeError):
            return Finding("JSON schema", False, "taken, but the reply does not keep to it")
        kept = isinstance(rating, int) and "response_format" not in self._plain.adapted
        return Finding("JSON schema", kept, "" if kept else "any JSON object at most")

    async def _tools(self) -> Finding:
        asked = [{"role": "user", "content": "What is the weather in Beijing? Use the tool."}]
        try:
            got = await self._ask(messages=asked, max_tokens=64, tools=[TOOL])
        except EvaluatorError as error:
            return Finding("tools", False, str(error))
        return Finding(
            "tools", True, "called" if got.tool_calls else "taken; the model called none"
        )

    async def _stream(self) -> AsyncIterator[Finding]:
        try:
            got = await self._ask(streamed=True, messages=HELLO, max_tokens=TOKENS)
        except EvaluatorError as error:
            yield Finding("streaming", False, str(error))
            return
        counted = "with usage" if got.output_tokens else "without usage: tokens are not counted"
        yield Finding("streaming", got.ttft is not None, counted)
        if got.ttft is not None and got.output_tokens > 1:
            each = (got.latency - got.ttft) / (got.output_tokens - 1)
            yield Finding("time of one token", None, f"{each * 1000:,.1f} ms")

    def _refused(self) -> Finding:
        refused = {**self._plain.refused, **self._streamed.refused}
        adapted = {**self._plain.adapted, **self._streamed.adapted}
        told = [*refused, *(f"{name} ({note})" for name, note in adapted.items())]
        return Finding("fields refused", None, ", ".join(told) or "none")
