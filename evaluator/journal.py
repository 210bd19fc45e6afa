"""responses.jsonl: every response, on disk the moment it arrives, found again by what was asked.

The one file of a run that cannot be made again.  In memory it is an index of offsets, not replies.
"""

import os
import sys
from codecs import BOM_UTF8
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import fields
from operator import attrgetter, itemgetter
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple, Self

import orjson

from evaluator.errors import JournalError, UsageError
from evaluator.results.folder import RunFolder
from evaluator.results.lock import lock
from evaluator.types import Json, Request, Response

# every line starts with this, so that a line's key is found without parsing the line
_START = b'{"key":"'
_KEY = slice(len(_START), len(_START) + 32)
BINARY = getattr(os, "O_BINARY", 0)  # Windows would change line ends without it
_RESPONSE_FIELDS = tuple(field.name for field in fields(Response))
_of_response = attrgetter(*_RESPONSE_FIELDS)
LOOK_EVERY = 1.0  # seconds between looks whether the file is still there: each costs a system call

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


Record = dict[str, Any]  # a line as JSON: what was asked, and the fields of a `Response`
_of_timing = itemgetter(*Timing._fields)
_read_of = itemgetter(*_KINDS)


class Journal:
    """An append-only file of responses, locked against a second run.

    Raises UsageError when another run holds it or it cannot be opened, JournalError when a
    response cannot be written.
    """

    def __init__(self, path: Path, reuse: Sequence[Path] = ()) -> None:
        self.path = path
        self._reused = [_open_reused(other) for other in reuse]
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | BINARY, 0o644)
        except OSError as error:
            raise UsageError(
                f"cannot write the journal {str(path)!r}: {error.strerror}; choose another --out"
            ) from error
        lock(self._file, path.parent)
        self._end = mend(self._file)
        self._offsets = index(self._file, self._end)
        self._look_at = 0.0 if os.fstat(self._file).st_nlink else float("inf")  # not all count them

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for file in (self._file, *(file for file, _ in self._reused)):
            os.close(file)

    def __len__(self) -> int:
        return len(self._offsets)

    def get(self, request: Request) -> Response | None:
        """The recorded response to this request; one found in a reused run is copied here.

        One in a damaged line counts as not recorded.
        """
        key = bytes.fromhex(request.key)
        if (offset := self._offsets.get(key)) is not None and (
            record := _record_at(self._file, offset)
        ):
            return response(record)
        for file, offsets in self._reused:
            if (offset := offsets.get(key)) is not None and (record := _record_at(file, offset)):
                found = response(record)
                self.add(request, found)
                return found
        return None

    def add(self, request: Request, response: Response) -> None:
        """Appends one line.  It is with the operating system before this returns."""
        line = orjson.dumps(_record(request, response), option=orjson.OPT_APPEND_NEWLINE)
        try:
            written = os.write(self._file, line)
        except OSError as error:
            raise self._unwritable(error.strerror or str(error)) from error
        if written < len(line):
            os.ftruncate(self._file, self._end)
            raise self._unwritable("the disk is full")
        self._offsets[bytes.fromhex(request.key)] = self._end
        self._end += written
        if (now := monotonic()) >= self._look_at:
            self._look_at = now + LOOK_EVERY
            self._check_there()

    def _check_there(self) -> None:
        """Raises JournalError where the file was deleted: what is written to it then is lost."""
        if not os.fstat(self._file).st_nlink:
            raise JournalError(
                f"the journal {str(self.path)!r} was deleted while the run wrote to it; the "
                f"{len(self)} responses in it are lost: run the same command again to ask anew"
            )

    def _unwritable(self, reason: str) -> JournalError:
        return JournalError(
            f"cannot write to the journal {str(self.path)!r}: {reason}; "
            f"the {len(self)} responses in it are kept: make room and run the same command again"
        )


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
            yield Timing(bytes.fromhex(key), *took)


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


def read_at(file: int, size: int, offset: int) -> bytes:
    """At most so many bytes from a place in the file."""
    if sys.platform == "win32":  # which has no pread; nobody else moves in this file
        os.lseek(file, offset, os.SEEK_SET)
        return os.read(file, size)
    return os.pread(file, size, offset)


def mend(file: int) -> int:
    """Cuts off a torn last line (the machine died while writing it).  Returns the size in bytes."""
    size = end = os.fstat(file).st_size
    while end:
        start = max(0, end - 65536)
        if (newline := read_at(file, end - start, start).rfind(b"\n")) >= 0:
            end = start + newline + 1
            break
        end = start
    if end < size:
        os.ftruncate(file, end)
    return end


def index(file: int, end: int) -> dict[bytes, int]:
    """Key to offset of every line before `end`.  A line that is no record is passed over."""
    offsets: dict[bytes, int] = {}
    offset = 0
    with os.fdopen(os.dup(file), "rb") as lines:
        lines.seek(0)
        while offset < end:
            line = lines.readline()
            if key := key_of(line):
                offsets[key] = offset
            offset += len(line)
    return offsets


def _record(request: Request, response: Response) -> Record:
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


def _record_at(file: int, offset: int) -> Record | None:
    """The record at `offset`: lines are a few KiB, so one read is the rule."""
    size = 8192
    while b"\n" not in (chunk := read_at(file, size, offset)) and len(chunk) == size:
        size *= 8
    return parsed(chunk.partition(b"\n")[0])


def _open_reused(run: Path) -> tuple[int, dict[bytes, int]]:
    path = RunFolder(run).responses if run.is_dir() else run
    try:
        file = os.open(path, os.O_RDONLY | BINARY)
    except OSError as error:
        raise UsageError(f"--reuse {str(run)!r}: {error.strerror}") from error
    found = index(file, size := os.fstat(file).st_size)
    if not found and (size or not run.is_dir()):
        os.close(file)
        raise UsageError(
            f"--reuse {str(run)!r}: no recorded replies in {path}; give a run's folder"
        )
    return file, found
