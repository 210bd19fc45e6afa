"""One installation at a time: a second `make` waits, and then finds the environment ready."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(file: Path, waiting: Callable[[], None]) -> Iterator[int]:
    """Hold the lock; its descriptor goes to the processes that install.

    They may outlive us, and then no other may begin. `waiting` is called if another holds it.
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
            pass  # a file system without locks, as some network mounts: better than nothing at all
        yield descriptor
    finally:
        os.close(descriptor)
