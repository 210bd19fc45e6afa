"""Comparisons of expressions in processes of their own.

One takes 1 to 100 ms, which would hold up every request of the event loop, and its time limit is a
signal, which only the main thread of a process can be sent.
"""

import asyncio
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from multiprocessing import get_context, parent_process

from evaluator.extract.expressions import expression, quickly_equal, verified

MOST = 4  # processes; more would only wait for replies


async def expression_equal_apart(reply: str, gold: str) -> bool:
    """As `expression_equal`; only what takes long is done elsewhere, twice if a process dies."""
    given = expression(reply)
    if given is None:
        return False
    equal = quickly_equal(given, gold)
    if equal is not None:
        return equal
    processes = _processes()
    try:
        return await _verified(processes, given, gold)
    except BrokenProcessPool:  # the kernel killed one of them for want of memory, say
        if processes is _processes():  # else another comparison that was lost has cleared it
            _processes.cache_clear()
    return await _verified(_processes(), given, gold)


async def _verified(processes: ProcessPoolExecutor, given: str, gold: str) -> bool:
    return await asyncio.get_running_loop().run_in_executor(processes, verified, given, gold)


@cache
def _processes() -> ProcessPoolExecutor:
    """Started when first needed; they end with this process, whichever way it ends."""
    count = max(1, min(MOST, (os.cpu_count() or 2) - 1))
    # spawn: a fork of a process that has threads may hang
    return ProcessPoolExecutor(count, get_context("spawn"), initializer=_begin)


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this one
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if parent := parent_process():
        parent.join()
        os._exit(1)
