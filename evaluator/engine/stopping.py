"""How work that runs is stopped from outside: by a signal, or by whoever started it in a thread.

Nothing is raised in the middle of an event loop, as a second Ctrl-C in asyncio.run is: what the
loop was about to wake would never wake.
"""

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

    Safe to call from any thread, from a signal's handler, and more than once: that breaks off what
    the work does to end in order.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a handler runs in the midst of what its thread does
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


STOP: ContextVar[Stop | None] = ContextVar("STOP", default=None)  # of the work at hand


def run_stoppable(work: Coroutine[Any, Any, T]) -> T:
    """The result of the work, in an event loop of its own.

    Raises KeyboardInterrupt where it was stopped: by the thread's Stop, or as `stopped_by_signals`
    says.
    """
    with stopped_by_signals() as stop:
        try:
            return asyncio.run(_until_stopped(work, stop))
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None


async def _until_stopped(work: Coroutine[Any, Any, T], stop: Stop) -> T:
    task = asyncio.current_task()
    assert task
    with stop.ends(task):
        return await work


@contextmanager
def stopped_by_signals() -> Iterator[Stop]:
    """SIGINT and SIGTERM stop the work of this block and nothing else in it, such as its report.

    A thread that has a Stop is left to that.  Signals that are ignored stay so.
    """
    if (stop := STOP.get()) or threading.current_thread() is not threading.main_thread():
        yield stop or Stop()
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    ours = {each: by for each, by in before.items() if by not in (signal.SIG_IGN, None)}
    stop = Stop()
    was = STOP.set(stop)
    for number in ours:
        signal.signal(number, lambda *_: stop())
    try:
        yield stop
    finally:
        for number, handler in ours.items():
            signal.signal(number, handler)
        STOP.reset(was)
