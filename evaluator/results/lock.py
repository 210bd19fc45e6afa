"""A lock on an open file, which ends with the process that holds it."""

import os
import sys

if sys.platform == "win32":
    import msvcrt

    BEYOND = 2**31 - 2  # a byte that no file reaches: locked bytes cannot be read on Windows

    def lock(file: int) -> None:
        """Locks the file against other processes.  Raises BlockingIOError where one holds it."""
        os.lseek(file, BEYOND, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError(error.errno, error.strerror) from error
else:
    import fcntl

    def lock(file: int) -> None:
        """Locks the file against other processes.  Raises BlockingIOError where one holds it."""
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
