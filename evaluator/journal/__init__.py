"""responses.jsonl: every response, on disk the moment it arrives, found again by what was asked.

The one file of a run that cannot be made again.  In memory it is an index of offsets, not replies.
"""

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from time import monotonic, sleep
from typing import Self

from evaluator.errors import JournalError, UsageError
from evaluator.journal.lines import Record, key_of, line_of, parsed, response
from evaluator.locale import N_
from evaluator.results.folder import RunFolder
from evaluator.results.lock import lock, lock_if_free
from evaluator.types import Request, Response

BINARY = getattr(os, "O_BINARY", 0)  # Windows would change line ends without it
BLOCK = 1 << 20  # bytes of lines that are added together
LOOK_EVERY = 1.0  # seconds between looks whether the file is still there: each costs a system call
TO_END = 10.0  # seconds that a client has to end, once the run that began it is gone

Opened = tuple[int, dict[bytes, int]]  # a file to read, and where each key's record begins in it


class Journal:
    """An append-only file of responses, locked against a second run.

    What a journal `beside` it knows, to which it will be added, is known too. Raises UsageError
    when another run holds it or it cannot be opened, JournalError when a response cannot be
    written.
    """

    def __init__(self, path: Path, reuse: Sequence[Path] = (), beside: Path | None = None) -> None:
        self.path = path
        self._reused = [opened for other in reuse for opened in _open_reused(other)]
        self._beside = _open(beside) if beside else None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | BINARY, 0o644)
        except OSError as error:
            raise UsageError(
                N_(
                    "cannot write the journal {path!r}: {strerror}; choose another --out",
                    path=str(path),
                    strerror=error.strerror,
                )
            ) from error
        lock(self._file, path.parent)
        self._end = mend(self._file)
        self._offsets = index(self._file, self._end)
        self._look_at = 0.0 if os.fstat(self._file).st_nlink else float("inf")  # not all count them

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        beside = [self._beside] if self._beside else []
        for file in (self._file, *(file for file, _ in (*beside, *self._reused))):
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
        if self._beside and (record := _found(self._beside, key)):
            return response(record)
        for opened in self._reused:
            if record := _found(opened, key):
                found = response(record)
                self.add(request, found)
                return found
        return None

    def reused(self, key: bytes) -> bool:
        """Whether a reused run has the response: then this one has not asked for it."""
        return any(key in offsets for _, offsets in self._reused)

    def add(self, request: Request, response: Response) -> None:
        """Appends one line.  It is with the operating system before this returns."""
        self._append([(bytes.fromhex(request.key), line_of(request, response))])

    def add_lines(self, lines: Iterable[bytes]) -> list[bytes]:
        """Appends lines that others made, at once.  Returns those that were not here yet."""
        found = {key: line for line in lines if (key := key_of(line))}
        new = [each for each in found.items() if each[0] not in self._offsets]
        self._append(new)
        return [line for _, line in new]

    def _append(self, lines: Sequence[tuple[bytes, bytes]]) -> None:
        """Appends lines, each with its key."""
        packed = b"".join([line for _, line in lines])
        try:
            written = os.write(self._file, packed)
        except OSError as error:
            raise self._unwritable(error.strerror or str(error)) from error
        if written < len(packed):
            os.ftruncate(self._file, self._end)
            raise self._unwritable("the disk is full")
        for key, line in lines:
            self._offsets[key] = self._end
            self._end += len(line)
        if (now := monotonic()) >= self._look_at:
            self._look_at = now + LOOK_EVERY
            self._check_there()

    def absorb(self, shard: Path) -> None:
        """Adds what another process wrote, where it is not here yet, and removes its file.

        Waits for that process to end.  Raises UsageError where it does not, and JournalError.
        """
        file = os.open(shard, os.O_RDWR | BINARY)
        deadline = monotonic() + TO_END
        while not lock_if_free(file):
            if monotonic() > deadline:
                os.close(file)
                raise UsageError(
                    N_(
                        "a client of an earlier run still writes to {shard!r}; end it, and run "
                        "the same command again",
                        shard=str(shard),
                    )
                )
            sleep(0.05)
        try:
            with shard.open("rb") as written:
                while lines := written.readlines(BLOCK):
                    self.add_lines(lines)
        finally:
            os.close(file)
        shard.unlink()

    def _check_there(self) -> None:
        """Raises JournalError where the file was deleted: what is written to it then is lost."""
        if not os.fstat(self._file).st_nlink:
            raise JournalError(
                N_(
                    "the journal {path!r} was deleted while the run wrote to it; the {count} "
                    "{count:response|responses} in it {count:is|are} lost: run the same command "
                    "again to ask anew",
                    path=str(self.path),
                    count=len(self),
                )
            )

    def _unwritable(self, reason: str) -> JournalError:
        return JournalError(
            N_(
                "cannot write to the journal {path!r}: {reason}; the {count} "
                "{count:response|responses} in it {count:is|are} kept: make room and run the same "
                "command again",
                path=str(self.path),
                reason=reason,
                count=len(self),
            )
        )


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


def _record_at(file: int, offset: int) -> Record | None:
    """The record at `offset`: lines are a few KiB, so one read is the rule."""
    size = 8192
    while b"\n" not in (chunk := read_at(file, size, offset)) and len(chunk) == size:
        size *= 8
    return parsed(chunk.partition(b"\n")[0])


def _found(opened: Opened, key: bytes) -> Record | None:
    file, offsets = opened
    return None if (offset := offsets.get(key)) is None else _record_at(file, offset)


def _open(path: Path) -> Opened:
    file = os.open(path, os.O_RDONLY | BINARY)
    return file, index(file, os.fstat(file).st_size)


def journals_of(run: Path) -> list[Path]:
    """The journals of a run's folder; a file is one itself."""
    return RunFolder(run).journals if run.is_dir() else [run]


def _open_reused(run: Path) -> list[Opened]:
    paths = journals_of(run)
    try:
        opened = [_open(path) for path in paths]
    except OSError as error:
        raise UsageError(
            N_("--reuse {run!r}: {strerror}", run=str(run), strerror=error.strerror)
        ) from error
    sizes = [os.fstat(file).st_size for file, _ in opened]
    if not any(found for _, found in opened) and (any(sizes) or not run.is_dir()):
        for file, _ in opened:
            os.close(file)
        raise UsageError(
            N_(
                "--reuse {run!r}: no recorded replies in {paths}; give a run's folder",
                run=str(run),
                paths=paths[0],
            )
        )
    return opened
