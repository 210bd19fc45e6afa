"""The lines of responses.jsonl: what one holds, and how lines are read."""

from codecs import BOM_UTF8
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import fields
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from evaluator.types import Json, Request, Response

# every line starts with this, so that a line's key is found without parsing the line
_START = b'{"key":"'
_KEY = slice(len(_START), len(_START) + 32)
_RESPONSE_FIELDS = tuple(field.name for field in fields(Response))
_of_response = attrgetter(*_RESPONSE_FIELDS)
NUMBER = (float, int)
# What replays and reports read of every line; what an older one may lack has its default.
_KINDS: dict[str, Any] = {"key": str, "role": str, "text": str, "attempts": int}
_KINDS |= {"sent_at": NUMBER, "latency": NUMBER, "ttft": (*NUMBER, type(None))}
_KINDS |= {"prompt_tokens": int, "output_tokens": int}
_DEFAULTS: dict[str, Any] = {"reasoning": "", "finish_reason": "", "endpoint": ""}
_DEFAULTS |= {"tool_calls": [], "top_logprobs": [], "token_logprobs": []}
_KINDS |= {name: type(value) for name, value in _DEFAULTS.items()}


class Timing(NamedTuple):
    """What a report reads of a line: whose reply it is, and what it took, in seconds and tokens.

    A tuple, because a million of them are made for one report.
    """

    key: bytes
    role: str
    sent_at: float
    ttft: float | None
    latency: float
    attempts: int
    prompt_tokens: int
    output_tokens: int
    cached_tokens: int | None = None


Record = dict[str, Any]  # a line as JSON: what was asked, and the fields of a `Response`
_of_timing = itemgetter(*(name for name in Timing._fields if name != "cached_tokens"))
_read_of = itemgetter(*_KINDS)


def whole_lines(path: Path) -> Iterator[bytes]:
    """The lines of a journal in order of arrival; a torn last one was never a response."""
    with path.open("rb") as file:
        yield from (line for line in file if line.endswith(b"\n"))


def timings(path: Path) -> Iterator[Timing | None]:
    """When each reply was asked for and what it took, a damaged line as None."""
    for record in map(parsed, whole_lines(path)):
        if record is None:
            yield None
        else:
            key, *took = _of_timing(record)
            yield Timing._make((bytes.fromhex(key), *took, record.get("cached_tokens")))


def line_of(request: Request, response: Response) -> bytes:
    """The line of a response."""
    return orjson.dumps(record_of(request, response), option=orjson.OPT_APPEND_NEWLINE)


def records(path: Path) -> Iterator[Record]:
    """The journal's records, without damaged lines."""
    return (record for line in whole_lines(path) if (record := parsed(line)))


def picked(path: Path, keys: Collection[str]) -> Iterator[Record]:
    """The records under these keys; of the other lines only the key is read."""
    wanted = {bytes.fromhex(key) for key in keys}
    found = (line for line in whole_lines(path) if key_of(line) in wanted)
    return (record for line in found if (record := parsed(line)))


def parsed(line: bytes) -> Record | None:
    """The record in a line; None in one that was damaged on the disk, or by hand."""
    with suppress(ValueError, LookupError, TypeError):  # no JSON, a field or its type, no key
        record = orjson.loads(line.removeprefix(BOM_UTF8))
        sound = all(map(isinstance, _read_of(_DEFAULTS | record), _KINDS.values()))
        return record if sound and bytes.fromhex(record["key"]) else None
    return None


def key_of(line: bytes) -> bytes | None:
    """The key of a whole line; None where it is no record.

    A line as it was written here is not parsed for that. One that another program wrote may have
    another order, spaces, or a byte order mark.
    """
    if line.startswith(_START) and line.endswith((b"}\n", b"}\r\n")):
        with suppress(ValueError):  # not hexadecimal: a line damaged by hand
            return bytes.fromhex(line[_KEY].decode("latin-1"))
    record = parsed(line) if line.endswith(b"\n") else None
    return bytes.fromhex(record["key"]) if record else None


def record_of(request: Request, response: Response) -> Record:
    record = {
        "key": request.key,
        "benchmark": request.benchmark,
        "sample_id": request.sample_id,
        "role": request.role,
        "nth": request.nth,
    }
    record.update(zip(_RESPONSE_FIELDS, _of_response(response), strict=True))
    return record


def response(record: Json) -> Response:
    """The response in a journal's record."""
    return Response(**{name: record[name] for name in _RESPONSE_FIELDS if name in record})
