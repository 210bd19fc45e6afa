"""A lock that keeps a second run from writing to the same folder."""

import os
import sys
from pathlib import Path

from evaluator.errors import UsageError
from evaluator.locale import N_

if sys.platform == "win32":
    import msvcrt

    FAR = 1 << 40  # a byte beyond every file: others must be able to read what is there

    def open_folder(folder: Path) -> int:
        """A descriptor to lock a folder by.  Raises OSError.

        Windows opens no folder: a file in it stands for it, which goes as it is closed.
        """
        return os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_TEMPORARY)

    def hold(descriptor: int) -> None:
        """Locks an open file until it is closed.  Raises OSError where another process has it."""
        place = os.lseek(descriptor, 0, os.SEEK_CUR)
        os.lseek(descriptor, FAR, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        finally:
            os.lseek(descriptor, place, os.SEEK_SET)

else:
    import fcntl

    def open_folder(folder: Path) -> int:
        """A descriptor to lock a folder by.  Raises OSError."""
        return os.open(folder, os.O_RDONLY)

    def hold(descriptor: int) -> None:
        """Locks an open file until it is closed.  Raises OSError where another process has it."""
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def lock(descriptor: int, folder: Path) -> None:
    """Locks an open file or folder until it is closed.

    Where another run holds it, closes it and raises a UsageError that names the run's folder.
    """
    if not lock_if_free(descriptor):
        os.close(descriptor)
        raise UsageError(
            N_(
                "another run is writing to {folder!r}; wait for it to end or choose another --out",
                folder=str(folder),
            )
        )


def lock_if_free(descriptor: int) -> bool:
    """Locks an open file or folder until it is closed; False where another process holds it."""
    try:
        hold(descriptor)
    except (BlockingIOError, PermissionError):  # what the two systems raise
        return False
    return True
