"""Waiting for what comes to be in another process or thread."""

import time
from collections.abc import Callable

PATIENCE = 60.0  # seconds: a busy machine is no failure


def wait_until(true: Callable[[], object], patience: float = PATIENCE) -> None:
    """Returns once it is so.  Raises AssertionError where it has not come to be in time."""
    until = time.monotonic() + patience
    while not true():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.01)
