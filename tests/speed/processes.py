"""Commands run as processes of their own, with the time, CPU and memory that they took."""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, time
from typing import IO, Any
from urllib.request import urlopen

import orjson

ROOT = Path(__file__).parents[2]
LONGEST = 600.0  # seconds after which a command is taken to hang
MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes


class Failed(Exception):
    """A command that did not do what it should; the message is one line."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that has come to its end.  Times in seconds, memory in MB.

    `memory` is the peak of the resident memory; Linux takes at least this process's own for it.
    """

    started_at: float  # since the epoch
    seconds: float
    cpu: float  # user and system
    memory: float
    code: int
    output: str

    @property
    def last_line(self) -> str:
        return (self.output.strip().splitlines() or ["no output"])[-1].strip()


class Running:
    """A started command; its output goes to a file, so that nobody has to read along."""

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str] | None = None,
        cwd: Path = ROOT,
        terminal: int | None = None,
    ) -> None:
        self._output: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  read when it has ended
        self._started_at, self._start = time(), perf_counter()
        self._process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment(env or {}),
            stdin=subprocess.DEVNULL if terminal is None else terminal,
            stdout=self._output if terminal is None else terminal,
            stderr=subprocess.STDOUT,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def interrupt(self) -> None:
        os.kill(self.pid, signal.SIGINT)

    def wait(self) -> Ended:
        """Waits for the end; a command that hangs is killed, and shows it in its code."""
        watchdog = threading.Timer(LONGEST, os.kill, (self.pid, signal.SIGKILL))
        watchdog.start()
        _, status, usage = os.wait4(self.pid, 0)
        seconds = perf_counter() - self._start
        watchdog.cancel()
        self._process.returncode = os.waitstatus_to_exitcode(status)
        with self._output as output:
            output.seek(0)
            text = output.read().decode("utf-8", "replace")
        return Ended(
            self._started_at,
            seconds,
            usage.ru_utime + usage.ru_stime,
            usage.ru_maxrss * MAXRSS_UNIT / 1e6,
            self._process.returncode,
            text,
        )


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without the settings that a run would read from it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EVALUATOR_")}
    return {**kept, **more}


def run(command: Sequence[str], **options: Any) -> Ended:
    """Runs the command to its end."""
    return Running(command, **options).wait()


def run_in_terminal(command: Sequence[str]) -> Ended:
    """Runs the command in a terminal of 100 x 30 characters that somebody reads."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    reader = threading.Thread(target=drain, args=(ours,))
    reader.start()
    running = Running(command, {"TERM": "xterm-256color"}, terminal=theirs)
    os.close(theirs)
    ended = running.wait()
    reader.join()
    return ended


def drain(file: int) -> None:
    """Reads a terminal until nobody is at its other end, and closes it."""
    try:
        while os.read(file, 65536):
            pass
    except OSError:  # how Linux says that the other end is closed
        pass
    finally:
        os.close(file)


@dataclass(frozen=True, slots=True)
class Server:
    """A stub server in a process of its own."""

    base_url: str
    pid: int

    def counters(self) -> dict[str, int]:
        """`count` of requests so far, and `peak_in_flight`."""
        with urlopen(self.base_url.removesuffix("/v1") + "/stub", timeout=10) as answer:
            counters: dict[str, int] = orjson.loads(answer.read())
        return counters


@contextmanager
def stub(*options: str) -> Iterator[Server]:
    """Runs a stub server that answers as to GSM8K."""
    command = [sys.executable, "-m", "tests.stub", "--port", "0", "--reply", "gsm8k", *options]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert process.stdout
        line = process.stdout.readline()
        if not line:
            raise Failed("the stub server did not start")
        yield Server(orjson.loads(line)["base_url"], process.pid)
    finally:
        process.terminate()
        process.communicate(timeout=30)
