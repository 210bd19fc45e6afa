"""What `launch` says while it works, also where nobody reads it any more."""

import os
from contextlib import suppress
from tempfile import TemporaryFile

import pytest

from launch.processes.output import copy_captured
from launch.progress import DetachableConsole, Progress


def test_a_terminal_that_is_cut_ends_no_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers are stopped within steps: ssh may be gone by then."""
    monkeypatch.setenv("TERM", "xterm")
    ours, its = os.openpty()
    terminal = os.fdopen(its, "w")
    progress = Progress(DetachableConsole(file=terminal, force_terminal=True))
    done = []
    with progress.step("serving") as show:
        show("1 of 2 answer")
        os.close(ours)
        show("2 of 2 answer")
        done.append("served")
    with progress.step("stopping"):
        done.append("stopped")
    progress.say("the servers are stopped")
    with suppress(OSError):
        terminal.close()

    assert done == ["served", "stopped"]


def test_captured_output_that_nobody_reads_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    target = os.fdopen(writer, "w")
    with TemporaryFile() as captured:
        captured.write(b"a score")
        copy_captured(captured, target)
    with suppress(OSError):
        target.close()
