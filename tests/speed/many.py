"""200,000 samples: memory, the rate at the end beside the start, and the resume of all of it."""

from collections.abc import Iterator
from pathlib import Path

from .mirror import mirror
from .processes import stub
from .runs import command, finished, times
from .table import Row, Target

QUESTIONS = 200_000


def measure(folder: Path) -> Iterator[Row]:
    """One run, and the same command again."""
    data, out = mirror(folder / "data", QUESTIONS), folder / "run"
    with stub() as server:
        words = command(server, data, out)
        first = finished(words)
        sent = server.counters()["count"]
        resumed = finished(words)
        again = server.counters()["count"] - sent
    spans = times(out)
    note = f"{QUESTIONS:,} questions in {first.seconds:.0f} s; limit: the first tenth"
    bound = Target("ratio", ">=", 0.9)
    yield Row("many, last tenth", spans.rate(9), "requests/s", spans.rate(0), bound, note)
    most = Target("ours", "<=", 300)
    yield Row("many, peak memory", first.memory, "MB", target=most, note="resident, own process")
    yield Row("many, peak memory of the resume", resumed.memory, "MB", target=most)
    yield Row("many, resume", resumed.seconds, "s", target=Target("ours", "<=", 15))
    yield Row("many, requests of the resume", again, "", target=Target("ours", "<=", 0))
