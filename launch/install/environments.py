"""The environments, and what goes into each."""

import hashlib
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path

from ..locale import N_
from .pythons import FOLDERS

CPU_REQUIREMENTS = "launch/install/cpu-requirements.txt"
TRANSFORMERS_REQUIREMENTS = "launch/install/transformers-requirements.txt"
DOCS_REQUIREMENTS = "launch/install/docs-requirements.txt"
LITELLM_REQUIREMENTS = "launch/install/litellm-requirements.txt"
LLAMA_CPP_REQUIREMENTS = "launch/install/llama-cpp-requirements.txt"


@dataclass(frozen=True, slots=True)
class Environment:
    """`disk` and `download` in GB, as measured on Linux (x86-64) with Python 3.11."""

    name: str
    title: str
    packages: tuple[str, ...]  # as pip takes them, in the project's folder
    disk: float
    download: float
    duration: str
    has_vllm: bool = False
    needs_torch_index: bool = False
    unwanted: tuple[str, ...] = ()  # uninstalled afterwards
    compiled: tuple[str, ...] = ()  # folders whose bytecode is made now

    @property
    def folder(self) -> str:
        return FOLDERS[self.name]

    @property
    def requirements(self) -> str | None:
        """The file that lists the packages; None where they are the project's own."""
        return self.packages[1] if self.packages[0] == "-r" else None


PROJECT = Environment(
    "project",
    N_("the project"),
    packages=("-e", ".[dev]"),
    disk=0.9,
    download=0.3,
    duration=N_("about a minute"),
    # with PYTHONDONTWRITEBYTECODE, as in many containers, a start would take twice as long
    compiled=("evaluator", "launch"),
)
CPU = Environment(
    "cpu",
    N_("vLLM for the CPU"),
    packages=("-r", CPU_REQUIREMENTS),
    disk=3.7,
    download=0.9,
    duration=N_("about two minutes where the network is fast"),
    has_vllm=True,
    needs_torch_index=True,
    # PyPI's do not import beside a CPU build of torch; text models need none of them
    unwanted=("torchvision", "torchaudio", "torchcodec"),
)
GPU = Environment(
    "gpu",
    N_("vLLM for GPUs"),
    packages=("-e", ".[vllm]"),
    disk=9.9,
    download=4.3,
    duration=N_("some minutes where the network is fast"),
    has_vllm=True,
)
DOCS = Environment(
    "docs",
    N_("what makes the documentation site"),
    packages=("-r", DOCS_REQUIREMENTS),
    disk=0.2,
    download=0.1,
    duration=N_("under a minute"),
)
LITELLM = Environment(
    "litellm",
    N_("the litellm proxy, for tests"),
    packages=("-r", LITELLM_REQUIREMENTS),
    disk=0.8,
    download=0.2,
    duration=N_("about a minute"),
)
LLAMA_CPP = Environment(
    "llama-cpp",
    N_("llama-cpp-python's server, for tests"),
    packages=("-r", LLAMA_CPP_REQUIREMENTS),
    disk=0.4,
    download=0.1,
    duration=N_("some minutes, as it is compiled"),
)
TRANSFORMERS = Environment(
    "transformers",
    N_("transformers serve"),
    packages=("-r", TRANSFORMERS_REQUIREMENTS),
    disk=1.6,  # reckoned from the sizes of macOS's wheels
    download=0.4,
    duration=N_("about a minute where the network is fast"),
)
RAY = Environment(
    "ray",
    N_("Ray, for tests"),
    packages=("-e", ".[ray]"),  # its tasks run the client
    disk=1.0,
    download=0.4,
    duration=N_("about a minute"),
)
SEVERAL = (PROJECT, CPU, GPU, DOCS, LITELLM, TRANSFORMERS, LLAMA_CPP, RAY)
ENVIRONMENTS = {each.name: each for each in SEVERAL}


def digest(environment: Environment, root: Path) -> str:
    """A fingerprint of what must be installed. If it changes, the environment is out of date."""
    if environment.requirements:
        wanted: object = (root / environment.requirements).read_text(encoding="utf-8")
    else:
        pyproject = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
        settings = pyproject.get("tool", {}).get("setuptools")  # other settings change no package
        wanted = [pyproject["build-system"], pyproject["project"], settings]
    text = json.dumps([environment.packages, environment.unwanted, wanted], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
