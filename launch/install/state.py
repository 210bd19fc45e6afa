"""Whether an environment is ready, out of date or broken, by the marker in its folder."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from ..locale import N_
from .pythons import MARKER, QUERY_TIMEOUT

VERSION = "import sys; print('%d.%d' % sys.version_info[:2])"


@dataclass(frozen=True, slots=True)
class Marker:
    """Written last, when all is installed. `base` is the Python that made the environment."""

    folder: str
    python: str  # its version, as 3.11
    base: str
    installer: str  # pip is not there where uv was
    requirements: str


@dataclass(frozen=True, slots=True)
class State:
    verdict: Literal["ready", "outdated", "anew"]
    reason: str = ""


def judged(found: Marker | None, exists: bool, runs: str | None, wanted: Marker) -> State:
    """`runs` is the version of the environment's own Python; None if it does not run.

    An empty `wanted.python` accepts the version that the environment was made with.
    """
    if not exists:
        return State("anew")
    if found is None:
        return State("anew", N_("its installation did not come to an end"))
    if broken := _broken(found, runs, wanted):
        return State("anew", broken)
    if found.requirements == wanted.requirements:
        return State("ready")
    if found.installer != wanted.installer:
        return State(
            "anew",
            N_("{old} made it, and now it is {new}", old=found.installer, new=wanted.installer),
        )
    return State("outdated", N_("what it must hold has changed"))


def _broken(found: Marker, runs: str | None, wanted: Marker) -> str:
    if found.folder != wanted.folder:
        return N_("it was made as {folder!r}", folder=found.folder)
    if runs is None:
        return N_("its Python ({base}) is gone", base=found.base)
    if runs != found.python:
        return N_("it was made with Python {old}, which is now {new}", old=found.python, new=runs)
    if wanted.python and wanted.python != found.python:
        return N_("it was made with Python {old}, not {new}", old=found.python, new=wanted.python)
    return ""


def read(folder: Path) -> Marker | None:
    try:
        content = json.loads((folder / MARKER).read_text(encoding="utf-8"))
        return Marker(**content)
    except (OSError, ValueError, TypeError):
        return None


def write(folder: Path, marker: Marker) -> None:
    """Written to another file and renamed: it is whole or not there."""
    scratch = folder / f"{MARKER}.new"
    scratch.write_text(json.dumps(asdict(marker)) + "\n", encoding="utf-8")
    scratch.replace(folder / MARKER)


def version_of(python: Path) -> str | None:
    """The version of an environment's Python, as 3.11; None if it does not run."""
    environment: Mapping[str, str] = {k: v for k, v in os.environ.items() if k != "PYTHONHOME"}
    try:
        asked = subprocess.run(
            [python, "-I", "-S", "-c", VERSION],
            env=environment,
            capture_output=True,
            text=True,
            timeout=QUERY_TIMEOUT,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return asked.stdout.strip() if asked.returncode == 0 else None
