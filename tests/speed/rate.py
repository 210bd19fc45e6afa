"""A rate limit with thousands of requests waiting behind it: the rate, and what waiting costs."""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import psutil

from .mirror import mirror
from .processes import Failed, Running, Server, stub
from .runs import command
from .table import Row, Target

QUEUED = 4000
PER_MINUTE, FEW_PER_MINUTE = 6000, 60
SECONDS = 8.0
INTERRUPTED = 130


def measure(folder: Path) -> Iterator[Row]:
    """The share of a core, after the start and before an interrupt."""
    data = mirror(folder / "data", QUEUED)
    with stub() as server:
        waiting, _ = watch(server, data, folder / "waiting", FEW_PER_MINUTE)
        share, rate = watch(server, data, folder / "queued", PER_MINUTE)
    bound = Target("ours", "<=", 5)
    note = f"{QUEUED:,} waiting, {FEW_PER_MINUTE:,} a minute pass"
    yield Row("rate, share of a core, waiting", 100 * waiting, "%", None, bound, note)
    note = f"{QUEUED:,} waiting, {PER_MINUTE:,} a minute pass"
    yield Row("rate, share of a core, sending", 100 * share, "%", None, bound, note)
    note = "limit: what was asked for"
    yield Row("rate, kept", rate, "requests/s", PER_MINUTE / 60, Target("ratio", "<=", 1.02), note)


def watch(server: Server, data: Path, out: Path, per_minute: int) -> tuple[float, float]:
    """The share of a core and the requests per second in the middle of a run."""
    limit = ("--rpm", str(per_minute), "--no-smoke")
    running = Running(command(server, data, out, *limit, slots=QUEUED))
    try:
        await_requests(server, server.counters()["count"] + per_minute // 60)
        before, cpu, begin = server.counters()["count"], used(running.pid), monotonic()
        sleep(SECONDS)
        seconds, spent = monotonic() - begin, used(running.pid) - cpu
        sent = server.counters()["count"] - before
    finally:
        running.interrupt()
        ended = running.wait()
    if ended.code != INTERRUPTED:
        raise Failed(f"interrupted, evaluator run ended with {ended.code}: {ended.last_line}")
    return spent / seconds, sent / seconds


def await_requests(server: Server, count: int) -> None:
    """Until the server has had so many.  Raises Failed when they do not come."""
    deadline = monotonic() + 30
    while server.counters()["count"] < count:
        if monotonic() > deadline:
            raise Failed(f"fewer than {count} requests came within 30 s")
        sleep(0.1)


def used(pid: int) -> float:
    """Seconds of CPU so far."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)
