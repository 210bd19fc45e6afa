"""A lock that keeps a second run from writing to the same folder."""

import fcntl
import os
from pathlib import Path

from evaluator.errors import UsageError


def lock(descriptor: int, folder: Path) -> None:
    """Locks an open file or folder until it is closed.

    Where another run holds it, closes it and raises a UsageError that names the run's folder.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise UsageError(
            f"another run is writing to {str(folder)!r}; wait for it to end or choose another --out"
        ) from None
