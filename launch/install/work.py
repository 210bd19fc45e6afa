"""What is installed, where, and what of it is there already."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path

from . import installers, state
from .environments import Environment, digest
from .pythons import Arguments, lacking


@dataclass(frozen=True, slots=True)
class Work:
    environment: Environment
    arguments: Arguments
    root: Path

    @property
    def folder(self) -> Path:
        return self.root / self.environment.folder

    def installer(self) -> installers.Installer:
        return installers.choose(self.arguments.installer, lacking(), self.folder)

    def wanted(self) -> state.Marker:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        requirements = digest(self.environment, self.root)
        name = self.installer().name
        return state.Marker(str(self.folder), version, base(), name, requirements)

    def state(self) -> state.State:
        wanted = self.wanted()
        if not self.arguments.named:  # then any Python will do that it was made with
            wanted = replace(wanted, python="")
        found = state.read(self.folder)
        runs = state.version_of(self.folder / "bin" / "python") if found else None
        exists = self.folder.exists() and any(self.folder.iterdir())
        return state.judged(found, exists, runs, wanted)


def base() -> str:
    """This Python; in a virtual environment, the one that it was made with."""
    inner = Path(sys.prefix) != Path(sys.base_prefix)
    base: str = getattr(sys, "_base_executable", "") if inner else sys.executable
    return base or sys.executable
