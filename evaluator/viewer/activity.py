"""Whether a run is going on, by when its files changed: its lock is left alone."""

from pathlib import Path
from time import time
from typing import Literal

from evaluator.results.folder import RunFolder
from evaluator.viewer.folders import Place

State = Literal["", "going on", "not finished", "damaged"]
QUIET = 300.0  # seconds without a reply after which a run no longer counts as going on


def state_of(place: Place) -> State:
    """What is to be said of how far a place is; nothing where it is finished."""
    if place.kind != "run" or finished(place.path):
        return ""
    if time() - changed(place.path) < QUIET:
        return "going on"
    return "" if RunFolder(place.path).report.exists() else "not finished"


def finished(folder: Path) -> bool:
    """Whether a run's report is newer than all that it is made of."""
    return modified(RunFolder(folder).report) >= changed(folder)


def changed(folder: Path) -> float:
    """When a run got its last reply or outcome, in seconds since 1970; 0 for never."""
    files = RunFolder(folder)
    return max(*map(modified, files.journals), modified(files.outcomes), 1.0)


def modified(path: Path) -> float:
    """When a file was changed last; 0 where there is none."""
    return path.stat().st_mtime if path.exists() else 0.0
