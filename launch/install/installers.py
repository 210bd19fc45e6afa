"""The command lines of pip and of uv, and which of the two is used."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..errors import UsageError
from ..locale import N_
from .environments import Environment

Name = Literal["pip", "uv"]


@dataclass(frozen=True, slots=True)
class Installer:
    """Installs into one environment, whose folder is `folder`."""

    name: Name
    program: str
    folder: Path

    @property
    def python(self) -> str:
        return str(self.folder / "bin" / "python")

    def make(self, base: str) -> list[str]:
        """Makes an empty environment, and removes what the folder held before."""
        if self.name == "uv":
            return [self.program, "venv", "--quiet", "--clear", "--python", base, str(self.folder)]
        return [base, "-m", "venv", "--clear", str(self.folder)]

    def install(self, environment: Environment, options: Sequence[str]) -> list[str]:
        if self.name == "uv":
            # the demo model is fetched with the environment's own pip, which uv leaves out
            pip = ["pip"] if environment.has_vllm else []
            return self._uv("install", *options, *environment.packages, *pip)
        quiet = () if environment.has_vllm else ("--quiet", "--progress-bar", "on")
        return [self.python, "-m", "pip", "install", *quiet, *options, *environment.packages]

    def uninstall(self, names: Sequence[str]) -> list[str]:
        if self.name == "uv":
            return self._uv("uninstall", "--quiet", *names)
        return [self.python, "-m", "pip", "uninstall", "--quiet", "--yes", *names]

    def extra_index(self, index: str) -> list[str]:
        """Options for one more index. The best version of all indexes is taken, as pip does."""
        if self.name == "uv":
            return ["--extra-index-url", index, "--index-strategy", "unsafe-best-match"]
        return ["--extra-index-url", index]

    def _uv(self, action: str, *words: str) -> list[str]:
        return [self.program, "pip", action, "--python", self.python, *words]


def choose(wanted: str, lacks: Sequence[str], folder: Path) -> Installer:
    """The one that INSTALLER names, else pip; uv where this Python lacks what pip needs."""
    if wanted not in ("", "pip", "uv"):
        raise UsageError(N_("INSTALLER={wanted} is none; it is pip or uv", wanted=wanted))
    if wanted == "uv" or (lacks and not wanted):
        program = shutil.which("uv")
        if program is None:
            raise UsageError(
                N_("INSTALLER=uv, and there is no uv on the PATH; install it, or use pip")
            )
        return Installer("uv", program, folder)
    return Installer("pip", "", folder)


def environment_of(installer: Installer, outer: Mapping[str, str]) -> dict[str, str]:
    """The user's variables, without those that would install outside of the environment."""
    ours = {"PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    kept = {k: v for k, v in outer.items() if k not in ("PYTHONHOME", "PIP_TARGET", "PIP_PREFIX")}
    return kept | (ours if installer.name == "pip" else {})
