"""Waiting for what comes to be in another process or thread."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(found: Callable[[], T], patience: float = 30.0) -> T:
    """The first thing found that is true.  Raises AssertionError after `patience` seconds."""
    until = time.monotonic() + patience
    while not (thing := found()):
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.01)
    return thing
