"""Whether vLLM has a wheel for this platform and its cards, before anything is downloaded."""

import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from ..gpus import Gpu

# PyPI's vLLM 0.33 is built for CUDA 13
OLDEST_DRIVER = 580
OLDEST_CAPABILITY = (7, 5)  # a T4's; CUDA 13 has nothing for a V100
MACHINES = ("x86_64", "aarch64")
OLDEST_GLIBC = (2, 28)
SYSTEMS = {"darwin": "macOS", "win32": "Windows"}
ELSEWHERE = (
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
        hint = "; under WSL 2 all of it works" if here.system == "win32" else ""
    elif here.machine.lower() not in MACHINES:
        where, hint = f"Linux on {here.machine}", ""
    elif here.glibc is None:
        where, hint = "a Linux without glibc, such as Alpine", ""
    elif here.glibc < OLDEST_GLIBC:
        where, hint = f"a Linux with glibc {here.glibc[0]}.{here.glibc[1]}", ""
    else:
        return None
    return (
        f"vLLM has no wheel for {where}, only for Linux on x86_64 and aarch64 with glibc 2.28 or "
        f"newer{hint}; {ELSEWHERE}"
    )


def unsuitable(gpus: Sequence[Gpu]) -> str | None:
    """Why vLLM's wheel cannot run on these cards, and what to do; None if it can on some."""
    if not gpus:
        return None
    card = max(gpus, key=lambda gpu: _numbers(gpu.capability))
    if _numbers(card.capability) < OLDEST_CAPABILITY:
        problem = f"PyPI's vLLM has nothing for a {card.name} (sm_{card.capability})"
        remedy = "an older vLLM may"
    elif _numbers(card.driver)[0] < OLDEST_DRIVER:
        problem = f"PyPI's vLLM needs NVIDIA's driver {OLDEST_DRIVER}, and here it is {card.driver}"
        remedy = "update it, or take an older vLLM"
    else:
        return None
    return (
        f"{problem}; {remedy}: VLLM_PYTHON=DIR/bin/python names the Python of a vLLM that is "
        "installed already"
    )


def _numbers(version: str) -> tuple[int, ...]:
    """(535, 104, 5) of "535.104.05"; (0,) where nvidia-smi has no number."""
    return tuple(int(part) for part in version.split(".") if part.isdecimal()) or (0,)
