"""Standard output and error that outlive whatever reads them.

Exit codes and files must not hang on a reader that has gone (`| head`), on a terminal of another
encoding, or on a full disk behind a redirection.
"""

import codecs
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EPIPE
from typing import Any, Literal

ESCAPED = "readable"  # how a character that the encoding lacks is written
PLAIN = {"·": "-", "±": "+-", "…": "...", "━": "=", "╸": "=", "╺": "-"}


def readable(error: UnicodeError) -> tuple[str | bytes, int]:
    """Our own signs in plainer ones, everything else as its number: \\u4e2d."""
    if isinstance(error, UnicodeEncodeError) and error.object[error.start] in PLAIN:
        return PLAIN[error.object[error.start]], error.start + 1
    return codecs.backslashreplace_errors(error)


codecs.register_error(ESCAPED, readable)


class Lasting(io.RawIOBase):
    """A stream's bytes; those that can no longer be written are dropped."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self.lost: OSError | None = None  # why nothing is written any more

    def write(self, data: Any) -> int | None:
        """Writes while that can be done, and says so in any case."""
        if self.lost is None:
            try:
                written: int | None = self._raw.write(data)
                return written
            except OSError as error:
                self.lost = error
        return memoryview(data).nbytes

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        number: int = self._raw.fileno()
        return number

    def isatty(self) -> bool:
        return bool(self._raw.isatty())


@contextmanager
def lasting_streams() -> Iterator[None]:
    """Standard output and error are lasting from here on; says what else than a reader was lost."""
    streams = [lasting("stdout"), lasting("stderr")]
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            if stream:
                stream.flush()
        for stream in streams:
            if stream and stream.lost and stream.lost.errno != EPIPE:
                sys.stderr.write(f"output was lost: {stream.lost.strerror}\n")


def lasting(name: Literal["stdout", "stderr"]) -> Lasting | None:
    """Makes the stream of that name lasting; None where it has no bytes below, or is closed."""
    given = getattr(sys, name)
    bytes_of = getattr(given, "buffer", None)
    raw = getattr(bytes_of, "raw", bytes_of)  # with PYTHONUNBUFFERED there is no buffer
    if not isinstance(raw, io.RawIOBase):
        return None
    given.flush()
    below = Lasting(raw)
    buffer = io.BufferedWriter(below)
    lines = name == "stderr" or raw is bytes_of or given.isatty()
    text = io.TextIOWrapper(buffer, given.encoding, ESCAPED, line_buffering=lines)
    setattr(sys, name, text)
    return below
