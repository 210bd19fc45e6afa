"""The knee: the highest concurrency at which a server still meets an SLO."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

MOST = 1024  # at once: where the search gives up
FINE = 16  # the search ends when the step is a 16th of what is known to work


@dataclass(frozen=True, slots=True)
class Bracket:
    """`best` met the SLO, `worse` did not; None where there is no such concurrency."""

    best: int | None
    worse: int | None


async def find_knee(meets: Callable[[int], Awaitable[bool]], most: int = MOST) -> Bracket:
    """Doubles until the SLO is missed, then halves the step between the two.

    Latency is taken to rise with concurrency; a noisy server may end a step too early or too late.
    """
    best, worse = None, None
    trial = 1
    while worse is None and trial <= most:
        if await meets(trial):
            best, trial = trial, trial * 2
        else:
            worse = trial
    while best and worse and worse - best > max(1, best // FINE):
        middle = (best + worse) // 2
        if await meets(middle):
            best = middle
        else:
            worse = middle
    return Bracket(best, worse)
