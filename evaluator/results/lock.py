"""A lock that keeps a second run from writing to the same folder."""

import os
import sys
from pathlib import Path

from evaluator.errors import UsageError

if sys.platform == "win32":
    import msvcrt

    BEYOND = 2**31 - 2  # a byte that no file reaches: locked bytes cannot be read on Windows

    def _take(descriptor: int) -> None:
        os.lseek(descriptor, BEYOND, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError(error.errno, error.strerror) from error
else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def lock(descriptor: int, folder: Path) -> None:
    """Locks an open file until it is closed, which the end of its process does too.

    Where another run holds it, closes it and raises a UsageError that names the run's folder.
    """
    try:
        _take(descriptor)
    except BlockingIOError:
        os.close(descriptor)
        raise UsageError(
            f"another run is writing to {str(folder)!r}; wait for it to end or choose another --out"
        ) from None
