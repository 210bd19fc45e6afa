"""When requests are sent in an open loop, and in which order compared servers take their turns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf, isinf
from random import Random
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stride:
    """What one of several clients has: of prompts, arrivals and slots every `step`-th.

    They are counted from 0; `first` is its first.
    """

    first: int = 0
    step: int = 1

    def share(self, count: int) -> int:
        """How many of so many are its own."""
        return len(range(self.first, count, self.step))


WHOLE = Stride()  # all of them


def arrivals(count: int, rate: float, burstiness: float, seed: int) -> list[float]:
    """Seconds from the start at which each request is due, as vLLM's benchmark draws them.

    Gaps follow a gamma distribution of shape `burstiness` and mean 1 / rate (Poisson at 1, constant
    at inf), stretched so that the last request is due after count / rate exactly.
    """
    if rate == inf:
        return [0.0] * count
    if isinf(burstiness):
        return [(i + 1) / rate for i in range(count)]
    random = Random(seed)
    times, now = [], 0.0
    for _ in range(count):
        now += random.gammavariate(burstiness, 1 / (rate * burstiness))
        times.append(now)
    stretch = count / rate / now if now else 1.0
    return [time * stretch for time in times]


def interleaved(arms: Sequence[T], repeats: int) -> Iterator[tuple[T, int]]:
    """(arm, repeat) pairs in the order A B, B A, A B, ...: what drifts meets all arms alike."""
    for repeat in range(1, repeats + 1):
        for arm in arms if repeat % 2 else reversed(arms):
            yield arm, repeat
