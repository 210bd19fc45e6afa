"""A process with all its descendants: in a session of its own, stopped without survivors."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import psutil

from .. import MODULE
from ..errors import SurvivorError
from ..locale import N_

TERM_TIMEOUT = 5.0  # seconds after SIGTERM: a ready vLLM needs one, a loading one ignores SIGTERM
KILL_TIMEOUT = 10.0  # seconds the kernel may take to end a process
REAP_TIMEOUT = 0.5  # seconds for init to collect zombies; some containers have no such init
POLL_INTERVAL = 0.05  # seconds
CLOCK_DRIFT = 2.0  # seconds; start times are relative to the boot time, which moves with the clock
PR_SET_CHILD_SUBREAPER = 36  # of <linux/prctl.h>


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """One process, told from a later one with the same pid by its start time (Unix seconds)."""

    pid: int
    created_at: float

    @property
    def alive(self) -> bool:
        process = _find(self.pid)
        return process is not None and self.matches(process) and _is_alive(process)

    def matches(self, process: psutil.Process) -> bool:
        return bool(abs(process.create_time() - self.created_at) < CLOCK_DRIFT)


def identity(pid: int) -> ProcessIdentity:
    return ProcessIdentity(pid, psutil.Process(pid).create_time())


def adopt_orphans() -> None:
    """On Linux, a worker whose parent has died becomes our child, so that we can reap it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def start(
    command: Sequence[str],
    environment: Mapping[str, str],
    log: BinaryIO,
    folder: Path | None = None,
) -> subprocess.Popen[bytes]:
    """In a session of its own: the terminal's Ctrl-C does not reach it, and we decide its end."""
    return subprocess.Popen(
        command,
        env=dict(environment),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


@contextmanager
def guarded(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Stops the process tree at the end of the block, even if we are killed: see guard.py."""
    leader = identity(process.pid)
    guard = subprocess.Popen(
        [
            *(sys.executable, "-m", f"{MODULE}.processes.guard"),
            *(str(leader.pid), str(leader.created_at)),
        ],
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


def stop(leader: ProcessIdentity, timeout: float = TERM_TIMEOUT) -> None:
    """Stop the process tree: SIGTERM, after `timeout` seconds SIGKILL. Returns when none is left.

    Raises SurvivorError for a process that is still there after SIGKILL.
    """
    seen: set[psutil.Process] = set()  # once its parent has gone, a child is not found any more
    _signal_until_gone(leader, seen, signal.SIGTERM, timeout)
    if left := _signal_until_gone(leader, seen, signal.SIGKILL, KILL_TIMEOUT):
        pids = " ".join(str(process.pid) for process in left)
        raise SurvivorError(
            N_("process {pids} survives SIGKILL; look why: ps -fp {pids!r}", pids=pids)
        )
    _reap({each for each in seen if each.pid != leader.pid})


def _signal_until_gone(
    leader: ProcessIdentity, seen: set[psutil.Process], number: signal.Signals, timeout: float
) -> set[psutil.Process]:
    """Signal each member of the tree once, new ones too. Returns who is left."""
    until = time.monotonic() + timeout
    signalled: set[psutil.Process] = set()
    while True:
        seen |= process_tree(leader)
        left = {each for each in seen if _is_alive(each)}
        if not left or time.monotonic() > until:
            return left
        _send(left - signalled, number)
        signalled |= left
        time.sleep(POLL_INTERVAL)


def _reap(dead: set[psutil.Process]) -> None:
    """Zombies stay in `ps` until a parent collects them, and would look like survivors."""
    until = time.monotonic() + REAP_TIMEOUT
    while time.monotonic() < until:
        for each in dead:
            with suppress(ChildProcessError):  # not our child: init collects it
                os.waitpid(each.pid, os.WNOHANG)
        if not any(each.is_running() for each in dead):
            return
        time.sleep(POLL_INTERVAL)


def process_tree(leader: ProcessIdentity) -> set[psutil.Process]:
    """The process, its descendants, and the members of its session, also after its own end."""
    process = _find(leader.pid)
    if process is not None and not leader.matches(process):
        return set()  # the pid was reused, which the kernel does only after the whole session ended
    members = {each for each in psutil.process_iter() if _session(each.pid) == leader.pid}
    if process is not None:
        with suppress(psutil.NoSuchProcess):
            members |= {process, *process.children(recursive=True)}
    return members


def _is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _send(processes: Iterable[psutil.Process], number: int) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)  # psutil compares the start time first


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
