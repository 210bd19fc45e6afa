"""Processes in a session of their own, and the proof that none of one is left."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import BinaryIO

import psutil

from launch.errors import SurvivorError

GRACE = 5.0  # seconds for an orderly end: a ready vLLM needs one, a loading one ignores SIGTERM
BURIAL_GRACE = 0.5  # seconds for init to collect the dead; some containers have none that does
KILL_GRACE = 10.0  # seconds the kernel may take to end it
GLANCE = 0.05
CLOCK_DRIFT = 2.0  # seconds; a birthday is told from the boot time, which moves with the clock
PR_SET_CHILD_SUBREAPER = 36  # of <linux/prctl.h>


@dataclass(frozen=True, slots=True)
class Identity:
    """A process for good: the kernel gives its pid to another one day, but not its birthday."""

    pid: int
    created_at: float

    @property
    def alive(self) -> bool:
        leader = _find(self.pid)
        return leader is not None and self._is(leader) and _lives(leader)

    def _is(self, process: psutil.Process) -> bool:
        return bool(abs(process.create_time() - self.created_at) < CLOCK_DRIFT)


def identity(pid: int) -> Identity:
    return Identity(pid, psutil.Process(pid).create_time())


def adopt_orphans() -> None:
    """On Linux: a worker whose parent has died becomes ours, to be collected when it has ended."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def start(
    command: Sequence[str], environment: Mapping[str, str], log: BinaryIO
) -> subprocess.Popen[bytes]:
    """Out of reach of the terminal's Ctrl-C, so that we decide when it ends."""
    return subprocess.Popen(
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


@contextmanager
def guarded(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Stops the whole family at the end, even if we are killed with -9: see guard.py."""
    leader = identity(process.pid)
    guard = subprocess.Popen(
        [sys.executable, "-m", "launch.guard", str(leader.pid), str(leader.created_at)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    with guard:
        try:
            yield
        finally:
            stop(leader)
            process.wait()


def stop(leader: Identity, grace: float = GRACE) -> None:
    """End the process with its whole family: ask, then kill; returns when none is left."""
    seen: set[psutil.Process] = set()  # a child is found no more once its parent has gone
    _end(leader, seen, signal.SIGTERM, grace)
    if left := _end(leader, seen, signal.SIGKILL, KILL_GRACE):
        pids = " ".join(str(process.pid) for process in left)
        raise SurvivorError(f"process {pids} survives SIGKILL; look why: ps -fp {pids!r}")
    _bury({each for each in seen if each.pid != leader.pid})


def _end(
    leader: Identity, seen: set[psutil.Process], number: signal.Signals, patience: float
) -> set[psutil.Process]:
    """Signal each member once, newcomers too; who is left when patience or the family ends."""
    until = time.monotonic() + patience
    told: set[psutil.Process] = set()
    while True:
        seen |= family(leader)
        left = {each for each in seen if _lives(each)}
        if not left or time.monotonic() > until:
            return left
        _tell(left - told, number)
        told |= left
        time.sleep(GLANCE)


def _bury(dead: set[psutil.Process]) -> None:
    """The dead stay in `ps` until a parent collects them, and would look like survivors."""
    until = time.monotonic() + BURIAL_GRACE
    while time.monotonic() < until:
        for each in dead:
            with suppress(ChildProcessError):  # not ours: init's to collect
                os.waitpid(each.pid, os.WNOHANG)
        if not any(each.is_running() for each in dead):
            return
        time.sleep(GLANCE)


def family(leader: Identity) -> set[psutil.Process]:
    """The process, its descendants, and who is in its session, also when it is gone itself."""
    process = _find(leader.pid)
    if process is not None and not leader._is(process):
        return set()  # the pid is a stranger's: the kernel gives away none whose session lives
    members = {each for each in psutil.process_iter() if _session(each.pid) == leader.pid}
    if process is not None:
        with suppress(psutil.NoSuchProcess):
            members |= {process, *process.children(recursive=True)}
    return members


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _tell(processes: Iterable[psutil.Process], number: int) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)  # psutil looks at the birthday first


def _find(pid: int) -> psutil.Process | None:
    try:
        return psutil.Process(pid)
    except psutil.NoSuchProcess:
        return None


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None
