"""Sends runs by processes of their own, each within a time limit."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from evaluator.errors import ServerError, UsageError
from evaluator.locale import N_
from evaluator.report.escaping import harmless

PACKAGES = {"wandb": "wandb", "mlflow": "mlflow", "swanlab": "swanlab"}
PACKAGES |= {"tensorboard": "tensorboardX"}  # by name of the tracker: the module that it needs
TIMEOUT = 120.0  # seconds
SECRET = re.compile(r"KEY|TOKEN|PASSWORD|SECRET")  # in the name of a variable
SHORTEST_SECRET = 6  # characters: a shorter one stands in other words too
LONGEST = 300  # characters of what a tracker said


def check_installed(names: Iterable[str]) -> None:
    """Raises UsageError where the package of a tracker is missing, before anything is asked."""
    for name in names:
        if find_spec(PACKAGES[name]) is None:
            raise UsageError(
                N_(
                    "{name}: {package} is not installed; pip install 'evaluator[{name}]'",
                    name=name,
                    package=PACKAGES[name],
                )
            )


def send(name: str, folder: Path, timeout: float = TIMEOUT) -> str:
    """Where the run is now.  Raises ServerError, in one line, where the tracker fails or hangs."""
    command = [sys.executable, "-m", "evaluator.trackers", name, str(folder)]
    apart: dict[str, Any] = {} if sys.platform == "win32" else {"start_new_session": True}
    # Files and not pipes: what a tracker starts may hold a pipe open for ever.
    with TemporaryFile() as said, TemporaryFile() as errors:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=errors, **apart
        )
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise ServerError(
                N_("not tracked by {name}: no end in {timeout:g} s", name=name, timeout=timeout)
            ) from None
        finally:
            end(process)
        if code:
            raise ServerError(
                N_("not tracked by {name}: {reason}", name=name, reason=last_line(whole(errors)))
            )
        return last_line(whole(said))


def whole(file: IO[bytes]) -> bytes:
    """All that was written to a file."""
    file.seek(0)
    return file.read()


def end(process: "subprocess.Popen[bytes]") -> None:
    """Ends the process, and what it has started."""
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(ProcessLookupError):  # all have ended
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def last_line(said: bytes) -> str:
    """The last line of what was said, without secrets."""
    lines = [line for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
    line = lines[-1].strip() if lines else "it said nothing"
    for name, value in os.environ.items():
        if SECRET.search(name.upper()) and len(value) >= SHORTEST_SECRET:
            line = line.replace(value, "***")
    return harmless(line)[:LONGEST]
