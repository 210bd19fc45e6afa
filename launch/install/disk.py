"""Whether an installation fits on the disk, before it begins."""

import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ..locale import N_, joined


@dataclass(frozen=True, slots=True)
class Need:
    folder: Path
    gigabytes: float
    purpose: str


class Space(NamedTuple):
    """A file system, by its device number, and the GB that are free on it."""

    device: int
    free: float


def shortage(
    needs: Sequence[Need], look: Callable[[Path], Space], regained: float = 0.0
) -> str | None:
    """What does not fit, with its sizes in GB and folders. Needs on one file system add up.

    `regained` GB become free in the first folder, because its content is replaced.
    """
    spaces = [look(need.folder) for need in needs]
    for space in spaces:
        here = [need for need, other in zip(needs, spaces, strict=True) if other == space]
        free = space.free + (regained if needs[0] in here else 0.0)
        if free < sum(need.gigabytes for need in here):
            wanted = joined(N_(" and "), map(_told, here))
            return N_("{wanted}, and {free:.1f} GB are free there", wanted=wanted, free=free)
    return None


def _told(need: Need) -> str:
    return N_(
        "{size:.1f} GB {purpose} in {folder!r}",
        size=need.gigabytes,
        purpose=need.purpose,
        folder=str(need.folder),
    )


def space(folder: Path) -> Space:
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    return Space(existing.stat().st_dev, shutil.disk_usage(existing).free / 1e9)


def size(folder: Path) -> float:
    """The GB that a folder takes, without what hard links share with a package cache."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):  # another make may write there
                status = Path(place, name).lstat()
                total += status.st_blocks * 512 if status.st_nlink == 1 else 0
    return total / 1e9
