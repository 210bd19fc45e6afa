"""Assembles a streamed reply: server-sent events in, one Response out, with its token times.

Times by the formulas of vLLM's own benchmark: TTFT is the time to the first piece of the reply
(reasoning and tool calls are pieces too), latency the time to the last.  `arrivals` holds the time
of every piece, for whoever wants the gaps between them; a Response leaves them out.
"""

import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from time import perf_counter
from typing import Any, TypeVar

import orjson

from evaluator.client import failures, reply
from evaluator.errors import RequestError, Transient
from evaluator.types import Body, Json, Request, Response

COUNTING = "stream_options"  # the field that has the tokens of a stream counted
REFUSES_COUNTING = re.compile(rf"{COUNTING}|include_usage")
DATA, DONE = b"data:", b"[DONE]"

Reply = TypeVar("Reply")


def options(refused: Collection[str]) -> Body:
    """The fields that ask for a stream, but for what the server refuses."""
    counting = {} if COUNTING in refused else {COUNTING: {"include_usage": True}}
    return {"stream": True, **counting}


async def counted(
    send: Callable[[Request], Awaitable[Reply]], request: Request, refused: dict[str, str]
) -> Reply:
    """What `send` gives; where the server refuses to count a stream's tokens, once more without.

    That it did is noted in `refused`.
    """
    try:
        return await send(request)
    except RequestError as error:
        if not refuses_counting(error):
            raise
        refused[COUNTING] = str(error)
    return await send(request)


def refuses_counting(error: RequestError) -> bool:
    """Whether a server does not take the field that has the tokens of a stream counted."""
    status = error.status or 0
    refusal = status in (400, 422) or status >= 500
    return refusal and REFUSES_COUNTING.search(error.said) is not None


class Assembly:
    """One reply as it grows.  Times are on the clock of perf_counter."""

    def __init__(self, started: float) -> None:
        self._started = started
        self.arrivals: list[float] = []  # of the pieces that carry tokens, the first included
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._tool_calls: dict[int, dict[str, Any]] = {}
        self._top_logprobs: list[Mapping[str, float]] = []
        self._tokens: tuple[int, int, int | None] = (0, 0, None)  # prompt, reply, cached
        self._has_halves = False
        self._finish_reason = ""
        self._done = False  # the server said that it has said all
        self._refusal: list[str] = []
        self._rest = b""  # of a line that is not whole yet
        self._pending = b""  # of an event over several lines
        self._plain: list[bytes] = []  # of a body that is no stream
        self._came = self._last = started  # the chunk that is read, the last piece

    def feed(self, chunk: bytes) -> None:
        """Takes a chunk, which may break off anywhere.

        Lines end in LF, CR LF or CR.  Raises Transient or RequestError for an error inside the
        stream.
        """
        self._came = perf_counter()
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        if not whole and b"\r" in self._rest[:-1]:  # of a server that ends lines in CR alone
            *whole, self._rest = self._rest.split(b"\r")
        for line in whole:
            if line.find(b"\r", 0, -1) >= 0:
                for part in line.split(b"\r"):
                    self.line(part)
            elif line or self._pending:
                self.line(line)

    def end(self) -> None:
        """Takes the end of the stream, where a line may stand that has none of its own."""
        for line in self._rest.split(b"\r"):
            self.line(line)

    def line(self, line: bytes) -> None:
        """Takes one line.  Raises Transient or RequestError for an error inside the stream."""
        if not line.startswith(DATA):
            self._beside(line)
            return
        if (data := line[len(DATA) :].strip()) == DONE:
            self._done = True
            return
        if self._pending:
            data = self._pending + b"\n" + data
        try:
            event = orjson.loads(data)
        except orjson.JSONDecodeError:
            event = self._lenient(data)
        if event is None:
            self._pending = data  # the rest may be on the next line
        else:
            self._pending = b""
            self._event(event, data)

    def _event(self, event: Any, data: bytes) -> None:
        if not isinstance(event, dict):
            raise not_json(data)
        if error := event.get("error"):
            raise failures.told(error, data, "an error inside the stream")
        try:
            if usage := event.get("usage"):
                self._tokens = reply.tokens(usage)
            if choices := event.get("choices"):
                self._piece(choices[0])
        except reply.WRONG_SHAPE as error:
            raise reply.malformed(data) from error

    def _beside(self, line: bytes) -> None:
        """A line without data: the end of an event, a comment, or of a body that is no stream."""
        text = line.strip().removeprefix(reply.BOM)
        if text.startswith(DATA):  # behind a byte order mark
            self.line(text)
        elif not text and self._pending:
            raise not_json(self._pending)
        elif text and not self.arrivals and (self._plain or text.startswith(b"{")):
            self._plain.append(text)

    def _lenient(self, data: bytes) -> Any:
        """An event with half of a surrogate pair: the next one may have the other half."""
        try:
            event = reply.lenient(data)
        except ValueError:
            return None
        self._has_halves = True
        return event

    def _piece(self, choice: Json) -> None:
        delta = choice.get("delta") or {"content": choice.get("text")}
        self._last = self._came
        content, calls = delta.get("content"), delta.get("tool_calls")
        text, reasoning = reply.as_text(content), reply.reasoning(delta)
        # An opening piece names only the role.  Later an empty text is a token as well: half of a
        # character, or the end of the reply.
        if text or reasoning or calls or (self.arrivals and content is not None):
            self.arrivals.append(self._last)
        self._text.append(text)
        self._refusal.append(reply.as_text(delta.get("refusal")))
        self._reasoning.append(reasoning)
        self._top_logprobs += reply.top_logprobs(choice.get("logprobs"))
        if reason := choice.get("finish_reason"):
            self._finish_reason = reply.as_text(reason)
        for call in calls or ():
            self._tool_call(call)

    def _tool_call(self, piece: Json) -> None:
        call = self._tool_calls.setdefault(
            int(piece.get("index") or 0),
            {"type": "function", "function": {"name": "", "arguments": ""}},
        )
        call |= {key: piece[key] for key in ("id", "type") if piece.get(key)}
        for key, value in (piece.get("function") or {}).items():
            call["function"][key] = call["function"].get(key, "") + (value or "")

    def response(self, request: Request, endpoint: str, sent_at: float) -> Response:
        """The whole reply.  Raises Transient when the stream ended before it did."""
        if self._plain:  # a whole reply, or an error, although a stream was asked for
            body = reply.parse(b"\n".join(self._plain))
            latency = perf_counter() - self._started
            return reply.response(request, body, endpoint, sent_at, latency)
        if self._pending:
            raise not_json(self._pending)
        if not self._finish_reason and not (self._done and self.arrivals):
            raise Transient("the stream ended in the middle of a reply", kind="cut stream")
        refusal = "".join(self._refusal)
        text = "".join(self._text) or refusal
        failures.refuse_unfinished(self._finish_reason, text)
        said = {
            "text": text,
            "reasoning": "".join(self._reasoning),
            "tool_calls": [self._tool_calls[i] for i in sorted(self._tool_calls)],
            "finish_reason": reply.REFUSAL if refusal else self._finish_reason,
            "top_logprobs": self._top_logprobs,
        }
        return Response(
            key=request.key,
            **reply.without_half_surrogates(said) if self._has_halves else said,
            prompt_tokens=self._tokens[0],
            output_tokens=self._tokens[1],
            cached_tokens=self._tokens[2],
            sent_at=sent_at,
            ttft=self.arrivals[0] - self._started if self.arrivals else None,
            latency=self._last - self._started,
            endpoint=endpoint,
        )


def not_json(data: bytes) -> Transient:
    """The error for an event that is no JSON object."""
    return Transient(f"an event that is not JSON: {failures.excerpt(data)!r}", kind="not JSON")
