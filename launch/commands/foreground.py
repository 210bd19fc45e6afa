"""Runs COMMAND in the foreground, relays signals to it, and leaves nothing of it behind."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NoReturn

from ..errors import UsageError
from ..locale import N_
from ..processes import process_tree
from ..processes.signals import Signals

POLL_INTERVAL = 0.05  # seconds
COMMAND_TIMEOUT = 20.0  # seconds COMMAND may take to save what it has
INTERRUPT_DELAY = 3.0  # seconds for COMMAND to react to a Ctrl-C that it got from the terminal


def split_words(words: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """vLLM's flags and COMMAND, from `[FLAGS... --] COMMAND...`. Only flags begin with a dash."""
    if not words or not words[0].startswith("-"):
        return (), tuple(words)
    if "--" not in words:
        raise UsageError(
            N_("no COMMAND after the vLLM flags {words!r}; add -- COMMAND...", words=list(words))
        )
    at = words.index("--")
    return tuple(words[:at]), tuple(words[at + 1 :])


def check_command(command: Sequence[str]) -> None:
    """Raises UsageError for a program that is not there, before a server takes minutes to start."""
    if not command:
        raise UsageError(N_("no COMMAND to run; launch with --model NAME -- COMMAND..."))
    if shutil.which(command[0]) is None:
        raise UsageError(
            N_("no program {command!r} to run; check its spelling and PATH", command=command[0])
        )


def run(
    command: Sequence[str],
    environment: Mapping[str, str],
    signals: Signals,
    watch: Callable[[], None] = lambda: None,
    errors: BinaryIO | None = None,
) -> int:
    """COMMAND's exit code, as a shell gives it. It does not outlive us, whichever way we end.

    `watch` is called all the while; `errors` takes COMMAND's standard error.
    """
    try:
        process = subprocess.Popen(command, env=dict(environment), stderr=errors)
    except OSError as error:
        raise UsageError(
            N_(
                "cannot run {command!r} ({strerror}); check COMMAND",
                command=command[0],
                strerror=error.strerror,
            )
        ) from error
    leader = process_tree.identity(process.pid)
    relay = _SignalRelay(process, leader, signals)
    with process_tree.guarded(process):
        while process.poll() is None:
            watch()
            relay()
            time.sleep(POLL_INTERVAL)
    return exit_code(process.wait())


def become(command: Sequence[str]) -> NoReturn:
    """Replace this process by COMMAND, which has no server here: signals reach it directly."""
    check_command(command)
    sys.stdout.flush()
    sys.stderr.flush()
    os.execvp(command[0], list(command))


def exit_code(code: int) -> int:
    """As a shell gives it: 128 + the number of the signal that ended the process."""
    return code if code >= 0 else 128 - code


@dataclass(slots=True)
class _SignalRelay:
    """Passes our signals on to COMMAND, except those that the terminal sent to it as well."""

    process: subprocess.Popen[bytes]
    leader: process_tree.ProcessIdentity
    signals: Signals
    interrupt_at: float | None = None
    interrupted: bool = False

    def __call__(self) -> None:
        received = self.signals.received
        if any(number != signal.SIGINT for number in received):
            process_tree.stop(self.leader, COMMAND_TIMEOUT)
        elif received and not self.interrupted:
            self._interrupt()

    def _interrupt(self) -> None:
        """Once, and after a delay: a second SIGINT would break off COMMAND's orderly end."""
        if self.interrupt_at is None:
            self.interrupt_at = time.monotonic() + INTERRUPT_DELAY
        elif time.monotonic() > self.interrupt_at:
            self.interrupted = True
            if not at_terminal():
                self.process.send_signal(signal.SIGINT)


def at_terminal() -> bool:
    """Whether the terminal sends a Ctrl-C to our whole process group, COMMAND included."""
    try:
        with Path("/dev/tty").open("rb") as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False
