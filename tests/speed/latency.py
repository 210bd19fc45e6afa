"""A slow server, many at once: how near a run comes to the best schedule of its latencies."""

from collections.abc import Iterator
from heapq import heapify, heapreplace
from pathlib import Path

from tests.stub import Stub

from .mirror import mirror
from .processes import stub
from .runs import command, finished, times
from .table import Row, Target

LATENCY, JITTER, SEED = 1.0, 0.5, 0  # seconds; uniform around
QUESTIONS = 4096
SLOTS = 512


def measure(folder: Path) -> Iterator[Row]:
    """One run: its time is known to a few milliseconds, as the latencies are always the same."""
    data = mirror(folder / "data", QUESTIONS)
    options = ("--latency", LATENCY, "--jitter", JITTER, "--seed", SEED)
    with stub(*map(str, options)) as server:
        finished(command(server, data, folder / "run", "--no-smoke", slots=SLOTS))
        peak = server.counters()["peak_in_flight"]
    spans = times(folder / "run")
    seconds = spans.ended[-1] - spans.began[0]
    bound = Target("ratio", "<=", 1.05)
    note = f"{QUESTIONS:,} questions, {SLOTS} at once, {LATENCY:g} s +- {JITTER:g} s"
    yield Row("latency, first request to last reply", seconds, "s", best(), bound, note)
    note = "counted by the server"
    yield Row("latency, most at once", peak, "", SLOTS, Target("ratio", ">=", 1.0), note)


def best() -> float:
    """Seconds of the schedule in which a free slot takes the next request at once."""
    server = Stub(latency=LATENCY, jitter=JITTER, seed=SEED)
    free_at = [0.0] * SLOTS
    heapify(free_at)
    for index in range(QUESTIONS):
        heapreplace(free_at, free_at[0] + server.latency_of(index))
    return max(free_at)
