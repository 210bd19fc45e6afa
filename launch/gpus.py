"""The GPUs of this machine, those that this process may use, and those that the user names.

Standard library only: `install` looks at them too, before anything is installed.
"""

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from .errors import UsageError
from .locale import N_

VARIABLE = "CUDA_VISIBLE_DEVICES"  # how Slurm, Kubernetes and Ray grant the GPUs of a machine
NO_DEVICE = ("", "-1", "NoDevFiles")  # CUDA reads no further; the last is Slurm's
EVERY = ("all", "auto")
COLUMNS = "index,name,driver_version,compute_cap,memory.total,memory.used"
QUERY = ("nvidia-smi", f"--query-gpu={COLUMNS}", "--format=csv,noheader,nounits")
BUSY_SHARE = 0.1  # of a card's memory: more is in use by somebody
MIB = 2**20  # nvidia-smi's unit
QUERY_TIMEOUT = 20.0  # seconds


@dataclass(frozen=True, slots=True)
class Gpu:
    """One card, as nvidia-smi lists it. `capability` is CUDA's: "7.0" of a V100.

    `memory` and what is `used` of it are in bytes; None where they are not told, as where CPU and
    GPU share one memory.
    """

    index: str
    name: str
    driver: str
    capability: str
    memory: int | None = None
    used: int | None = None

    @property
    def is_free(self) -> bool:
        """Whether nobody uses it, as far as its memory tells."""
        return not (self.used and self.memory and self.used > BUSY_SHARE * self.memory)


def installed_gpus() -> list[Gpu] | None:
    """The cards of this machine; None where nvidia-smi cannot tell, as with other makers' cards."""
    try:
        asked = subprocess.run(QUERY, capture_output=True, text=True, timeout=QUERY_TIMEOUT)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return read_listing(asked.stdout) if asked.returncode == 0 else None


def read_listing(text: str) -> list[Gpu]:
    rows = [[part.strip() for part in line.split(",")] for line in text.splitlines()]
    return [
        Gpu(index, name, driver, capability, *map(_memory, memory))
        for index, name, driver, capability, *memory in (row for row in rows if 4 <= len(row) <= 6)
    ]


def _memory(mebibytes: str) -> int | None:
    return int(mebibytes) * MIB if mebibytes.isdecimal() else None


def least_memory(devices: Sequence[str], installed: Sequence[Gpu] | None) -> int | None:
    """Bytes of the smallest of the named cards; None where that is not known.

    A UUID is not told apart from the other cards; a part of a card (MIG) has less than nvidia-smi
    tells.
    """
    by_index = {gpu.index: gpu.memory for gpu in installed or ()}
    found = [
        memory
        for name in devices
        for memory in ([by_index.get(name)] if name.isdecimal() else by_index.values())
    ]
    known = [memory for memory in found if memory is not None]
    whole = not any(name.startswith("MIG-") for name in devices)
    return min(known) if known and whole and len(known) == len(found) else None


def used_memory(names: Sequence[str], environment: Mapping[str, str]) -> dict[str, int]:
    """Bytes in use on the named GPUs now, by their names; only those that nvidia-smi tells of."""
    by_index = {gpu.index: gpu.used for gpu in installed_gpus() or ()}
    indices = dict(zip(names, devices(names, granted_gpus(environment, None)), strict=True))
    return {name: used for name, at in indices.items() if (used := by_index.get(at)) is not None}


def free_gpus(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The granted GPUs that nobody uses, by their places among those; none where nothing tells."""
    cards = installed_gpus()
    granted = granted_gpus(environment, cards) or ()
    busy = {gpu.index for gpu in cards or () if not gpu.is_free}
    return tuple(str(i) for i, device in enumerate(granted) if device not in busy)


def granted_gpus(
    environment: Mapping[str, str], installed: Sequence[Gpu] | None
) -> tuple[str, ...] | None:
    """CUDA's names of the GPUs that this process may use; None where nothing tells."""
    given = environment.get(VARIABLE)
    if given is not None:
        names = (part.strip() for part in given.split(","))
        return tuple(takewhile(lambda name: name not in NO_DEVICE, names))
    return None if installed is None else tuple(gpu.index for gpu in installed)


def named_gpus(text: str, granted: Sequence[str] | None) -> tuple[str, ...]:
    """What "0,1", "0-3" or "all" names: places among the granted GPUs, or UUIDs. "" is none.

    Raises UsageError for a GPU that is not there, or that was granted to somebody else.
    """
    if not text.strip():
        return ()
    if text.strip() in EVERY:
        if not granted:
            raise UsageError(
                N_(
                    "--gpus {text}: {found}; name them as --gpus 0,1",
                    text=text,
                    found=_there_are(granted),
                )
            )
        return tuple(map(str, range(len(granted))))
    named = [name for part in text.split(",") for name in _names(part.strip(), text)]
    for name in named:
        if not _is_granted(name, granted):
            raise UsageError(
                N_(
                    "--gpus {text}: there is no GPU {name}; {found}",
                    text=text,
                    name=name,
                    found=_there_are(granted),
                )
            )
    if len(set(named)) < len(named):
        raise UsageError(N_("a GPU is named twice in --gpus {text!r}; name each once", text=text))
    return tuple(named)


def devices(named: Sequence[str], granted: Sequence[str] | None) -> tuple[str, ...]:
    """CUDA's own names of named GPUs: the second of CUDA_VISIBLE_DEVICES=4,6 is 6."""
    if granted is None:
        return tuple(named)
    return tuple(granted[int(name)] if name.isdecimal() else name for name in named)


def _names(part: str, text: str) -> list[str]:
    if re.fullmatch(r"\d+|(GPU|MIG)-[\w/.-]+", part, re.ASCII):
        return [str(int(part))] if part.isdecimal() else [part]
    ends = re.fullmatch(r"(\d+)-(\d+)", part, re.ASCII)
    if ends and int(ends[1]) <= int(ends[2]):
        return list(map(str, range(int(ends[1]), int(ends[2]) + 1)))
    raise UsageError(
        N_(
            "no GPU is called {part!r} in --gpus {text!r}; write --gpus 0,1 or 0-3",
            part=part,
            text=text,
        )
    )


def _is_granted(name: str, granted: Sequence[str] | None) -> bool:
    if granted is None:
        return True
    if name.isdecimal():
        return int(name) < len(granted)
    # Indices do not tell which UUIDs they stand for; CUDA then refuses a wrong one
    return name in granted or any(each.isdecimal() for each in granted)


def _there_are(granted: Sequence[str] | None) -> str:
    if not granted:
        if granted is None:
            return N_("no GPU was found (nvidia-smi)")
        return N_("no GPU was found (nvidia-smi), or {variable} grants none", variable=VARIABLE)
    last = len(granted) - 1
    if not last:
        return N_("there is one to use, 0")
    return N_("there are {n} to use, 0 to {last}", n=len(granted), last=last)
