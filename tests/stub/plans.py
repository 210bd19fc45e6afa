"""Ready-made plans: plain answers, streams, and replies with a fault in them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime

import orjson

from . import shapes
from .connection import REASONS, chunk, response, top
from .exchange import Ending, Plan
from .faults import Fault

_STREAM_HEAD = top(200, "text/event-stream; charset=utf-8").encode()
_STREAM_HEAD += b"Transfer-Encoding: chunked\r\n\r\n"
_END = chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n"
_HTML = b"<html><head><title>Sign in</title></head><body>Please sign in.</body></html>"


def plain(
    status: int, body: shapes.Json | bytes, delay: float = 0.0, extra: Mapping[str, str] = {}
) -> Plan:
    """One answer; without a delay it counts as a probe, that is, not as in flight."""
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    return Plan((response(status, data, extra=extra),), delay, probe=not delay)


def stream(steps: Sequence[Iterable[shapes.Json]]) -> list[bytes]:
    """The parts of a stream, one per step of its chunks."""
    parts = [b"".join(map(_event, step)) for step in steps]
    parts[0] = _STREAM_HEAD + parts[0]
    parts[-1] += _END
    return parts


def _event(shape: shapes.Json) -> bytes:
    return chunk(b"data: " + orjson.dumps(shape) + b"\n\n")


def struck(fault: Fault, max_model_len: int) -> Plan | None:
    """The plan of a fault that takes the reply's place; None if it is one that spoils the reply."""
    match fault.kind:
        case int(status):
            message = fault.message or REASONS.get(status, "Unknown")
            body = shapes.error(message, "StubFault", status)
            return plain(status, body, fault.delay, _retry_after(fault))
        case "reset" | "hang":
            return Plan((), fault.delay, ending=fault.kind)
        case "html":
            return Plan((response(200, _HTML, "text/html"),), fault.delay)
        case "too_long":
            return plain(400, shapes.too_long(max_model_len, max_model_len + 1), fault.delay)
        case "unknown_field":
            return plain(400, shapes.unknown_field("structured_outputs"), fault.delay)
    return None


def _retry_after(fault: Fault) -> dict[str, str]:
    when = fault.retry_after
    if when is None:
        return {}
    if isinstance(when, datetime):
        return {"Retry-After": format_datetime(when, usegmt=True)}
    return {"Retry-After": when if isinstance(when, str) else f"{when:g}"}


def spoilt(plan: Plan, fault: Fault, streamed: bool) -> Plan:
    """The reply with the fault in it."""
    first = plan.first + fault.delay
    if streamed:
        parts, ending = _spoilt_stream(plan.parts, fault)
    else:
        parts, ending = _spoilt_whole(plan.parts[0], fault)
    return Plan(parts, first, plan.gap, ending)


def _spoilt_whole(whole: bytes, fault: Fault) -> tuple[list[bytes], Ending]:
    head, _, data = whole.partition(b"\r\n\r\n")
    half = data[: len(data) // 2]
    match fault.kind:
        case "null_choices":
            return [response(200, orjson.dumps(orjson.loads(data) | {"choices": None}))], "done"
        case "truncated":
            return [response(200, half)], "done"
        case "stream_error":
            return [response(500, orjson.dumps(_failure()))], "done"
        case _:  # cut, short
            return [head + b"\r\n\r\n" + half], "close"


def _spoilt_stream(parts: Sequence[bytes], fault: Fault) -> tuple[list[bytes], Ending]:
    kept = [*parts[: len(parts) // 2]] or [_STREAM_HEAD]
    match fault.kind:
        case "null_choices":
            return [_STREAM_HEAD, _event({"choices": None}) + _END], "done"
        case "truncated":
            return [*kept, chunk(b'data: {"id": "chatcmpl-0", "choi\n\n') + _END], "done"
        case "stream_error":
            return [*kept, _event(_failure()) + _END], "done"
        case _:  # cut, short
            return kept, "close"


def _failure() -> shapes.Json:
    return shapes.error("EngineCore encountered an issue.", "InternalServerError", 500)
