"""The bodies that vLLM's OpenAI-compatible server sends, as dictionaries."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any
from zlib import crc32

from .replies import Reply
from .tokens import tokens

CREATED = 1_700_000_000  # a constant: the same request gets the same bytes
Json = dict[str, Any]


def usage(prompt_tokens: int, output_tokens: int) -> Json:
    total = prompt_tokens + output_tokens
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": output_tokens,
        "total_tokens": total,
    }


def chat(index: int, body: Json, reply: Reply, spent: Json, reasoning_field: str) -> Json:
    message: Json = {"role": "assistant", "content": reply.content}
    if reply.reasoning:
        message[reasoning_field] = reply.reasoning
    if reply.tool_calls:
        message["tool_calls"] = reply.tool_calls
    choice = {
        "index": 0,
        "message": message,
        "logprobs": _chat_logprobs(body, reply),
        "finish_reason": reply.reason,
    }
    return {
        "id": f"chatcmpl-{index}",
        "object": "chat.completion",
        "created": CREATED,
        "model": body.get("model", ""),
        "choices": [choice],
        "usage": spent,
    }


def chat_chunks(index: int, body: Json, reply: Reply, spent: Json, field: str) -> list[list[Json]]:
    """The chunks of a stream, those of one token together; `field` is the reasoning field."""
    head = {
        "id": f"chatcmpl-{index}",
        "object": "chat.completion.chunk",
        "created": CREATED,
        "model": body.get("model", ""),
    }
    steps = [[_choice(delta, logprobs)] for delta, logprobs in _deltas(body, reply, field)] or [[]]
    steps[0].insert(0, _choice({"role": "assistant", "content": ""}))
    steps[-1].append(_choice({}, finish_reason=reply.reason))
    chunks = [[head | {"choices": [choice]} for choice in step] for step in steps]
    if (body.get("stream_options") or {}).get("include_usage"):
        chunks[-1].append(head | {"choices": [], "usage": spent})
    return chunks


def _choice(delta: Json, logprobs: Json | None = None, finish_reason: str | None = None) -> Json:
    return {"index": 0, "delta": delta, "logprobs": logprobs, "finish_reason": finish_reason}


def _deltas(body: Json, reply: Reply, field: str) -> Iterator[tuple[Json, Json | None]]:
    for token in tokens(reply.reasoning):
        yield {field: token}, None
    said = tokens(reply.text)
    content = (_chat_logprobs(body, reply) or {}).get("content")
    for i, token in enumerate(said):
        # positions beyond the text's own tokens travel with the last of them
        upto = i + 1 if i + 1 < len(said) else None
        yield {"content": token}, content and {"content": content[i:upto]}
    for i, call in enumerate(reply.tool_calls):
        opening = {**call, "function": call["function"] | {"arguments": ""}}
        yield {"tool_calls": [{"index": i, **opening}]}, None
        rest = {"index": i, "function": {"arguments": call["function"]["arguments"]}}
        yield {"tool_calls": [rest]}, None


def _chat_logprobs(body: Json, reply: Reply) -> Json | None:
    if not body.get("logprobs"):
        return None
    positions = reply.top_logprobs or [{token: -0.1} for token in tokens(reply.text)]
    return {"content": [_position(each, body.get("top_logprobs") or 0) for each in positions]}


def _position(logprobs: Mapping[str, float], wanted: int) -> Json:
    best = sorted(logprobs.items(), key=lambda item: -item[1])
    listed = [{"token": t, "logprob": p, "bytes": list(t.encode())} for t, p in best]
    return listed[0] | {"top_logprobs": listed[:wanted]}


def completion(index: int, body: Json, choices: Sequence[Json], spent: Json) -> Json:
    return {
        "id": f"cmpl-{index}",
        "object": "text_completion",
        "created": CREATED,
        "model": body.get("model", ""),
        "choices": choices,
        "usage": spent,
    }


def completion_choice(nth: int, body: Json, reply: Reply) -> Json:
    """One choice for the one prompt in `body`, which comes first in the text if `echo`."""
    said = reply.text if body.get("max_tokens") != 0 else ""
    text = body["prompt"] + said if body.get("echo") else said
    logprobs = None
    if body.get("logprobs") is not None:
        prompt = tokens(body["prompt"]) if body.get("echo") else ()
        logprobs = _completion_logprobs(prompt, tokens(said), reply)
    return {
        "index": nth,
        "text": text,
        "logprobs": logprobs,
        "finish_reason": reply.reason if said else "length",
        "stop_reason": None,
        "prompt_logprobs": None,
    }


def _completion_logprobs(prompt: Sequence[str], said: Sequence[str], reply: Reply) -> Json:
    pieces = [*prompt, *said]
    of_prompt = reply.prompt_logprobs or [None, *map(_pretended, prompt[1:])]
    top: list[Mapping[str, float] | None] = [
        None if logprob is None else {token: logprob}
        for token, logprob in zip(prompt, of_prompt, strict=False)
    ]
    top += (reply.top_logprobs or [{token: -0.1} for token in said])[: len(said)]
    return {
        "text_offset": [0, *accumulate(map(len, pieces))][: len(pieces)],
        "token_logprobs": [None if each is None else max(each.values()) for each in top],
        "tokens": pieces,
        "top_logprobs": top,
    }


def _pretended(token: str) -> float:
    """A logprob between -10 and 0 that belongs to the token for good."""
    return -(crc32(token.encode()) % 1000) / 100


def models(
    ids: Sequence[str],
    max_model_len: int,
    root: str | None = None,
    adapters: Mapping[str, str] | None = None,
) -> Json:
    """`adapters` are further models, with the folder of each; the first model is their base."""
    folders = adapters or {}
    cards = [
        {
            "id": name,
            "object": "model",
            "created": CREATED,
            "owned_by": "vllm",
            "root": folders.get(name) or root or name,
            "parent": ids[0] if name in folders else None,
            "max_model_len": None if name in folders else max_model_len,
        }
        for name in (*ids, *folders)
    ]
    return {"object": "list", "data": cards}


def error(message: str, kind: str, code: int, param: str | None = None) -> Json:
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def too_long(limit: int, prompt_tokens: int) -> Json:
    return error(
        f"This model's maximum context length is {limit} tokens. However, your prompt contains "
        f"{prompt_tokens} input tokens, which exceeds this limit even without any output tokens. "
        "Please reduce the length of the input prompt.",
        "BadRequestError",
        400,
    )


def unknown_field(name: str) -> Json:
    return error(f"Unrecognized request argument supplied: {name}", "invalid_request_error", 400)


def no_such_model(name: object) -> Json:
    return error(f"The model `{name}` does not exist.", "NotFoundError", 404, "model")
