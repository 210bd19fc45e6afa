"""When one process more is worth its core."""

import os
from collections.abc import Sequence

BUSY = 0.9  # share of a core from which on a process holds up what it does


def all_busy(cpus: Sequence[float]) -> bool:
    """Whether each takes its whole core; `cpus` are shares of one, of all processes."""
    return bool(cpus) and all(cpu >= BUSY for cpu in cpus)


def usable_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
