"""One installation at a time: a second `make` waits, then finds the environment ready."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(file: Path, waiting: Callable[[], None]) -> Iterator[int]:
    """Hold the lock. The processes that install inherit its descriptor.

    If they outlive us, no other installation begins. `waiting` is called while another holds it.
    """
    import fcntl  # there is none on Windows, where nothing is installed

    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError:
            pass  # some network file systems have no locks; then go on without one
        yield descriptor
    finally:
        os.close(descriptor)
