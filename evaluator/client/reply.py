"""Reads a reply of an OpenAI-compatible server: a Response, or the error that it stands for.

Both transports read replies here, so that the same bytes give the same Response.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from math import exp, log1p
from typing import Any

import orjson

from evaluator.client.echo import ending
from evaluator.client.failures import excerpt, failure, refuse_unfinished, told
from evaluator.errors import (
    NotModels,
    ServerError,
    Transient,
)
from evaluator.locale import N_
from evaluator.types import Json, Request, Response

# what reading a reply of another shape raises
WRONG_SHAPE = (AttributeError, LookupError, TypeError, ValueError, OverflowError)
LEAST = -9999.0  # vLLM's logprob of what cannot come; others say -Infinity or null
PATHS = ("/completions", "/chat/completions")
REFUSAL = "refusal"  # the finish reason of what a model says in place of an answer
BOM = b"\xef\xbb\xbf"


def path(request: Request) -> str:
    """Where the request goes: a bare prompt to completions, messages to chat."""
    return PATHS[0] if "prompt" in request.body else PATHS[1]


def parse(body: bytes) -> Json:
    """The JSON object of a 200 reply.  Raises Transient for anything else: proxies do that."""
    try:
        payload = loads(body)
    except ValueError as error:
        reason = f"status 200, but not JSON: {excerpt(body)!r}"
        raise Transient(reason, kind="not JSON") from error
    if not isinstance(payload, dict):
        reason = f"status 200, but no JSON object: {excerpt(body)!r}"
        raise Transient(reason, kind="not JSON")
    return payload


def loads(data: bytes) -> Any:
    """JSON, also where orjson refuses it: half of a surrogate pair, -Infinity, a byte order mark.

    Raises ValueError.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return without_half_surrogates(lenient(data))


def lenient(data: bytes) -> Any:
    """JSON with the halves of surrogate pairs as they are, and -Infinity as LEAST.

    Raises ValueError.
    """
    if not any(mark in data.lower() for mark in (b"\\ud", b"infinity", BOM)):
        raise ValueError("not JSON")
    value = json.loads(data.removeprefix(BOM), parse_constant=_constant)
    without_half_surrogates(value)  # refuses what else orjson does
    return value


def _constant(name: str) -> float:
    if name != "-Infinity":  # a logprob of nothing; the others mean nothing here
        raise ValueError(f"not JSON: {name}")
    return LEAST


def without_half_surrogates(value: Any) -> Any:
    """The value with halves of surrogate pairs joined where they meet, and replaced elsewhere."""
    joined = json.loads(json.dumps(value))  # escaped, two halves that meet are one character
    return orjson.loads(json.dumps(joined, ensure_ascii=False).encode("utf-8", "replace"))


def response(
    request: Request, payload: Json, endpoint: str, sent_at: float, latency: float
) -> Response:
    """A plain (unstreamed) reply.

    Raises Transient when the reply has no choice in it, and the error that it tells of.
    """
    if not payload.get("choices"):
        if error := payload.get("error"):
            raise told(error, orjson.dumps(payload), "an error with status 200")
        reason = f"a reply without choices: {excerpt(orjson.dumps(payload))!r}"
        raise Transient(reason, kind="no choices")
    try:
        return _response(request, payload, endpoint, sent_at, latency)
    except WRONG_SHAPE as error:
        raise malformed(orjson.dumps(payload)) from error


def _response(
    request: Request, payload: Json, endpoint: str, sent_at: float, latency: float
) -> Response:
    choice = payload["choices"][0]
    message = choice.get("message") or {"content": choice.get("text")}
    refusal = as_text(message.get("refusal"))
    text = as_text(message.get("content")) or refusal
    reason = as_text(choice.get("finish_reason"))
    refuse_unfinished(reason, text)
    prompt_tokens, output_tokens, cached_tokens = tokens(payload.get("usage") or {})
    # all else of an echo is known
    echoed = ending(request, choice, output_tokens) if request.scored else None
    return Response(
        key=request.key,
        text="" if echoed else text,
        reasoning=reasoning(message),
        tool_calls=[{**call} for call in message.get("tool_calls") or ()],
        finish_reason=REFUSAL if refusal else reason,
        top_logprobs=echoed.likeliest if echoed else top_logprobs(choice.get("logprobs")),
        prompt_tokens=prompt_tokens,
        output_tokens=output_tokens,
        sent_at=sent_at,
        latency=latency,
        endpoint=endpoint,
        token_logprobs=echoed.tokens if echoed else (),
        cached_tokens=cached_tokens,
    )


def reasoning(message: Json) -> str:
    """The model's thinking, by either of the names that servers give it."""
    thought = message.get("reasoning_content") or message.get("reasoning")
    return as_text(thought) if thought else ""


def as_text(content: Any) -> str:
    """A text, which may be null or come in parts.  Raises one of WRONG_SHAPE for anything else."""
    if isinstance(content, str):
        return content
    return "" if content is None else "".join(part.get("text") or "" for part in content)


def tokens(usage: Json) -> tuple[int, int, int | None]:
    """The tokens of the prompt and of the reply, and how many of the prompt's were cached.

    None where the server does not say that.  Raises one of WRONG_SHAPE.
    """
    cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens")
    if cached is None:
        cached = usage.get("prompt_cache_hit_tokens")  # DeepSeek's name
    prompt, output = usage.get("prompt_tokens") or 0, usage.get("completion_tokens") or 0
    return int(prompt), int(output), None if cached is None else int(cached)


def malformed(data: bytes) -> Transient:
    """The error for JSON that is not a reply's."""
    return Transient(f"not of a reply's shape: {excerpt(data)!r}", kind="malformed")


def models(url: str, status: int, headers: Mapping[str, str], body: bytes) -> list[Json] | None:
    """The entries of a /models page; None where there is no such page.

    Raises ServerError where the key is refused, NotModels for what else is no list.
    """
    if status in (404, 405):
        return None
    if status != 200:
        kind = ServerError if status == 401 else NotModels
        raise kind(N_("{url}/models: {error}", url=url, error=failure(status, body, headers)))
    try:
        entries = parse(body).get("data") or []
    except Transient as error:
        raise NotModels(
            N_("{url}/models: {error}; is the URL right?", url=url, error=error)
        ) from error
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise NotModels(
            N_("{url}/models is no list of models: {said!r}", url=url, said=excerpt(body))
        )
    return entries


def unanswered(url: str, error: Transient) -> ServerError:
    """The error for a page of models that does not come, from a server that may be there or not."""
    kind = ServerError if error.down else NotModels
    return kind(
        N_(
            "no answer from {url}: {error}; is the server up, and the URL right?",
            url=url,
            error=error.message,
        )
    )


def top_logprobs(logprobs: Json | None) -> Sequence[Mapping[str, float]]:
    """Token to logprob for each position, from the chat shape or the completions shape."""
    if not logprobs:
        return ()
    if content := logprobs.get("content"):
        return [by_token(place.get("top_logprobs") or [place]) for place in content]
    # the first echoed token has no logprob: null there
    return [place or {} for place in logprobs.get("top_logprobs") or ()]


def by_token(tops: Iterable[Json]) -> dict[str, float]:
    """Token to logprob.  Tokens of one spelling count together: some lose their leading space."""
    logprobs: dict[str, float] = {}
    for top in tops:
        token, given = top["token"], top["logprob"]
        logprob = LEAST if given is None else float(given)
        if token in logprobs:
            logprob = together(logprob, logprobs[token])
        logprobs[token] = logprob
    return logprobs


def together(one: float, other: float) -> float:
    """The logprob of either; by way of their difference, as exp(-9999), vLLM's least, is 0."""
    high, low = max(one, other), min(one, other)
    return high + log1p(exp(low - high))
