"""responses.jsonl: every response, on disk the moment it arrives, found again by what was asked.

The one file of a run that cannot be made again.  In memory it is an index of offsets, not replies.
"""

import os
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import fields
from operator import attrgetter, itemgetter
from pathlib import Path
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
# what replays and reports read of every line
_NEEDED = frozenset({"key", "role", "text", "sent_at", "ttft", "latency", "attempts"})
_NEEDED |= {"prompt_tokens", "output_tokens"}


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


class Journal:
    """An append-only file of responses, locked against a second run.

    Raises UsageError when another run holds it or it cannot be opened, JournalError when a
    response cannot be written.
    """

    def __init__(self, path: Path, reuse: Sequence[Path] = ()) -> None:
        self.path = path
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
        self._reused = [_open_reused(other) for other in reuse]

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

    def _unwritable(self, reason: str) -> JournalError:
        return JournalError(
            f"cannot write to the journal {str(self.path)!r}: {reason}; "
            f"the {len(self)} responses in it are kept: make room and run the same command again"
        )


def timings(path: Path) -> Iterator[Timing | None]:
    """When each reply was asked for and what it took, a damaged line as None.

    A torn last line is left out: it was never a response.
    """
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                try:
                    key, *took = _of_timing(orjson.loads(line))
                    yield Timing(bytes.fromhex(key), *took)
                except (ValueError, LookupError, TypeError):
                    yield None


def records(path: Path) -> Iterator[Record]:
    """The journal's records in order of arrival, without damaged lines.

    A torn last line is left out: it was never a response.
    """
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n") and (record := parsed(line)):
                yield record


def picked(path: Path, keys: Collection[str]) -> Iterator[Record]:
    """The records under these keys, in order of arrival; the other lines are not parsed."""
    with path.open("rb") as file:
        for line in file:
            wanted = line.endswith(b"\n") and line[_KEY].decode("latin-1") in keys
            if wanted and (record := parsed(line)):
                yield record


def parsed(line: bytes) -> Record | None:
    """The record in a line; None in one that was damaged on the disk."""
    with suppress(ValueError, TypeError):  # no JSON, or no key
        record = orjson.loads(line)
        if isinstance(record, dict) and record.keys() >= _NEEDED and bytes.fromhex(record["key"]):
            return record
    return None


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
            if line.startswith(_START) and line.endswith(b"}\n"):
                with suppress(ValueError):  # not hexadecimal: a line damaged by hand
                    offsets[bytes.fromhex(line[_KEY].decode("latin-1"))] = offset
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
    return file, index(file, os.fstat(file).st_size)
