"""How work that runs is stopped from outside: by SIGTERM, or by whoever started it in a thread."""

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")


class Stop:
    """Ends the work that another thread does, now or as soon as it begins.

    Safe to call from any thread, and more than once.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked = False
        self._cancel: Callable[[], object] | None = None

    def __call__(self) -> None:
        with self._lock:
            self._asked = True
            if self._cancel:
                self._cancel()

    @contextmanager
    def ends(self, task: asyncio.Task[Any]) -> Iterator[None]:
        """The task of the running loop is what ends while the block runs."""
        loop = asyncio.get_running_loop()
        with self._lock:
            self._cancel = lambda: loop.call_soon_threadsafe(task.cancel)
            if self._asked:
                self._cancel()
        try:
            yield
        finally:
            with self._lock:
                self._cancel = None


STOP: ContextVar[Stop | None] = ContextVar("STOP", default=None)  # of the thread that works


async def run_stoppable(work: Coroutine[Any, Any, T]) -> T:
    """The result of the work, which may be stopped as `stoppable` says."""
    with stoppable():
        return await work


@contextmanager
def stoppable() -> Iterator[None]:
    """The running task is cancelled by SIGTERM in the main thread, elsewhere by the thread's Stop.

    Windows has no such signal, and a signal is the main thread's alone.
    """
    task = asyncio.current_task()
    assert task
    if stop := STOP.get():
        with stop.ends(task):
            yield
    elif threading.current_thread() is threading.main_thread():
        with ended_by_signal(task.cancel):
            yield
    else:
        yield


@contextmanager
def ended_by_signal(end: Callable[[], object]) -> Iterator[None]:
    """SIGTERM calls `end` while the block runs; whatever handled it before does so again after."""
    loop, before = asyncio.get_running_loop(), signal.getsignal(signal.SIGTERM)
    try:
        loop.add_signal_handler(signal.SIGTERM, end)
    except NotImplementedError:
        yield
        return
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
        signal.signal(signal.SIGTERM, before)
