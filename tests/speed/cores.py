"""A core for each process, on a machine that has fewer: each is held to an equal part of one.

Held to the same part, processes are as fast beside each other as on cores of their own that are so
much slower. So ratios of rates hold. Linux's control groups do it, for root.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from threading import Event, Thread
from time import sleep
from typing import Any

import psutil

from .processes import Ended, Running

GROUPS = Path("/sys/fs/cgroup")
PERIOD = 10_000  # microseconds, in each of which a process has its part
SPARE = 0.5  # of the machine, for whatever else runs there
LOOK_EVERY = 0.01  # seconds between looks for processes that have begun


class Cores:
    """Slow cores; `part` says of what speed, and is 1 where there are enough real ones."""

    def __init__(self, part: float, folder: Path | None, stack: ExitStack) -> None:
        self.part = part
        self._folder = folder
        self._stack = stack

    def __str__(self) -> str:
        cores = f"{os.cpu_count()} cores"
        return f"{cores}, each process held to {self.part:.2f} of one" if self._folder else cores

    def give(self, pid: int) -> None:
        """Gives a process a core of its own."""
        if self._folder:
            group = Path(mkdtemp(prefix="speed-", dir=self._folder))
            self._stack.callback(remove, group)
            limit(group, round(self.part * PERIOD))
            (group / "cgroup.procs").write_text(str(pid))

    def run(self, command: Sequence[str], **options: Any) -> Ended:
        """Runs a command to its end, on a core of its own, as is each process that it starts."""
        running, ended = Running(command, **options), Event()

        def watch() -> None:
            seen: set[psutil.Process] = set()
            while not ended.wait(LOOK_EVERY):
                with suppress(psutil.NoSuchProcess, ProcessLookupError):  # it just ended
                    for each in set(psutil.Process(running.pid).children()) - seen:
                        seen.add(each)
                        self.give(each.pid)

        self.give(running.pid)
        watcher = Thread(target=watch)
        watcher.start()
        try:
            return running.wait()
        finally:
            ended.set()
            watcher.join()


@contextmanager
def cores(wanted: int) -> Iterator[Cores]:
    """So many cores: real ones where the machine has them, or may not share them out."""
    folder, real = control_groups(), os.cpu_count() or 1
    with ExitStack() as stack:
        if real >= wanted or not folder:
            yield Cores(1.0, None, stack)
        else:
            yield Cores((1 - SPARE) * real / wanted, folder, stack)


def control_groups() -> Path | None:
    """Where groups are made that are held to a part of the CPU; None where that is not allowed."""
    first = GROUPS / "cpu"
    if first.is_dir():
        return first if os.access(first, os.W_OK) else None
    with suppress(OSError):
        (GROUPS / "cgroup.subtree_control").write_text("+cpu")
        return GROUPS
    return None


def limit(group: Path, quota: int) -> None:
    """Allows a group so many microseconds in each period: by version 2's file, or version 1's."""
    if (group / "cpu.max").exists():
        (group / "cpu.max").write_text(f"{quota} {PERIOD}")
    else:
        (group / "cpu.cfs_period_us").write_text(str(PERIOD))
        (group / "cpu.cfs_quota_us").write_text(str(quota))


def remove(group: Path) -> None:
    """Removes a group, once what is left in it has ended."""
    while any((group / "cgroup.procs").read_text().split()):
        sleep(LOOK_EVERY)
    group.rmdir()
