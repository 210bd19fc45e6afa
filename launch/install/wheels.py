"""Whether vLLM has a wheel for this platform and its cards, before anything is downloaded."""

import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from ..gpus import Gpu
from ..locale import N_

# PyPI's vLLM 0.33 is built for CUDA 13
OLDEST_DRIVER = 580
OLDEST_CAPABILITY = (7, 5)  # a T4's; CUDA 13 has nothing for a V100
MACHINES = ("x86_64", "aarch64")
OLDEST_GLIBC = (2, 28)
SYSTEMS = {"darwin": "macOS", "win32": "Windows"}
ELSEWHERE = N_(
    "all but serving with it works here (accuracy, score, compare, arena, perf): point it at a "
    "server that runs elsewhere, make eval MODEL=name ENDPOINT=http://host:8000/v1"
)


@dataclass(frozen=True, slots=True)
class Platform:
    """`glibc` is None where the C library is another one."""

    system: str
    machine: str
    glibc: tuple[int, int] | None


def this_platform() -> Platform:
    name, version = platform.libc_ver()
    numbers = [int(part) for part in version.split(".")[:2] if part.isdigit()]
    glibc = (numbers[0], numbers[1]) if name == "glibc" and len(numbers) == 2 else None
    return Platform(sys.platform, platform.machine(), glibc)


def no_wheel(here: Platform) -> str | None:
    """Why vLLM has no wheel for this platform, and what to do; None if it has one."""
    if here.system != "linux":
        where = f"{SYSTEMS.get(here.system, here.system)} ({here.machine})"
        hint = N_("; under WSL 2 all of it works") if here.system == "win32" else ""
    elif here.machine.lower() not in MACHINES:
        where, hint = N_("Linux on {machine}", machine=here.machine), ""
    elif here.glibc is None:
        where, hint = N_("a Linux without glibc, such as Alpine"), ""
    elif here.glibc < OLDEST_GLIBC:
        version = ".".join(map(str, here.glibc))
        where, hint = N_("a Linux with glibc {version}", version=version), ""
    else:
        return None
    return N_(
        "vLLM has no wheel for {where}, only for Linux on x86_64 and aarch64 with glibc 2.28 or "
        "newer{hint}; {elsewhere}",
        where=where,
        hint=hint,
        elsewhere=ELSEWHERE,
    )


def unsuitable(gpus: Sequence[Gpu]) -> str | None:
    """Why vLLM's wheel cannot run on these cards, and what to do; None if it can on some."""
    if not gpus:
        return None
    card = max(gpus, key=lambda gpu: _numbers(gpu.capability))
    if _numbers(card.capability) < OLDEST_CAPABILITY:
        problem = N_(
            "PyPI's vLLM has nothing for a {card} (sm_{capability})",
            card=card.name,
            capability=card.capability,
        )
        remedy = N_("an older vLLM may")
    elif _numbers(card.driver)[0] < OLDEST_DRIVER:
        problem = N_(
            "PyPI's vLLM needs NVIDIA's driver {oldest}, and here it is {driver}",
            oldest=OLDEST_DRIVER,
            driver=card.driver,
        )
        remedy = N_("update it, or take an older vLLM")
    else:
        return None
    return N_(
        "{problem}; {remedy}: VLLM_PYTHON=DIR/bin/python names the Python of a vLLM that is "
        "installed already",
        problem=problem,
        remedy=remedy,
    )


def _numbers(version: str) -> tuple[int, ...]:
    """(535, 104, 5) of "535.104.05"; (0,) where nvidia-smi has no number."""
    return tuple(int(part) for part in version.split(".") if part.isdecimal()) or (0,)
