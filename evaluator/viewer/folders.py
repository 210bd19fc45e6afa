"""The folders that are shown, and what lies below them. Nothing outside of them is ever read."""

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from evaluator.digest import content_digest
from evaluator.errors import DataError, UsageError
from evaluator.locale import N_
from evaluator.results import arena, comparison, perf

Kind = Literal["run", "compare", "arena", "perf"]
RESULTS: Mapping[Kind, str] = {
    "run": "run.json",
    "compare": comparison.NAME,
    "arena": arena.NAME,
    "perf": perf.NAME,
}
JOURNAL = "responses.jsonl"  # of a run whose run.json was lost, where it stands alone
OF_PAGES = "_samples"  # how the names of folders end that belong to a page


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that holds results of one kind; `id` names it in addresses."""

    id: str
    kind: Kind
    name: str  # for people
    root: Path  # the folder that was given, without links
    path: Path

    def check(self) -> None:
        """Raises DataError where reading it would lead out of the root, or never end."""
        if self.path.resolve() != self.path:
            raise DataError(N_("{name} is now a link to another place", name=self.name))
        for file in self.path.iterdir():
            if file.is_symlink() and not file.resolve().is_relative_to(self.root):
                raise DataError(
                    N_(
                        "{name}/{file} is a link that leads out of the folder",
                        name=self.name,
                        file=file.name,
                    )
                )
            if file.exists() and not is_plain(file):
                raise DataError(
                    N_(
                        "{name}/{file} is neither a file nor a folder",
                        name=self.name,
                        file=file.name,
                    )
                )


def is_plain(path: Path) -> bool:
    """Whether it is a file or a folder: a pipe would never end."""
    mode = path.stat().st_mode
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)


class Folders:
    """The folders that are shown.  Raises UsageError where one is none."""

    def __init__(self, roots: Sequence[Path]) -> None:
        for root in roots:
            if not root.is_dir():
                raise UsageError(
                    N_("there is no folder {root!r}; name a folder with runs", root=str(root))
                )
        self._roots = list(dict.fromkeys(root.resolve() for root in roots))
        self._known: dict[str, Place] = {}

    def places(self) -> list[Place]:
        """All that lies below them now."""
        found = (place for root in self._roots for place in self._below(root))
        self._known = {place.id: place for place in found}
        return list(self._known.values())

    def find(self, id: str) -> Place:
        """The place of that id, which may be read.  Raises KeyError, DataError and OSError."""
        if id not in self._known:
            self.places()
        place = self._known[id]
        place.check()
        return place

    def _below(self, root: Path) -> Iterator[Place]:
        """What lies in a folder and below it; links are not followed."""
        for folder, subfolders, files in os.walk(root):
            subfolders[:] = sorted(each for each in subfolders if not each.endswith(OF_PAGES))
            path, there = Path(folder), set(files)
            for kind in kinds_of(there):
                id = content_digest(f"{kind} {os.fsencode(path)!r}", 8)
                yield Place(id, kind, self._name(root, path), root, path)

    def _name(self, root: Path, path: Path) -> str:
        """The path below the root, which is named where there are several."""
        start = root.parent if len(self._roots) > 1 or path == root else root
        return path.relative_to(start).as_posix()


def kinds_of(files: set[str]) -> Iterator[Kind]:
    """Of what kinds a folder with such files holds results."""
    found = [kind for kind, name in RESULTS.items() if name in files]
    yield from found
    if not found and JOURNAL in files:
        yield "run"
