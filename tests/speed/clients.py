"""Two clients beside one, against two stubs: the rate, and the CPU that a request costs.

The stubs need cores of their own. On a machine with fewer than four the rates say little, and the
CPU per request tells what two clients could do: one client takes a core, two take two.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from .mirror import mirror
from .processes import Server, stub
from .runs import command, finished, times
from .table import Row, Target

QUESTIONS = 10_000
ROUNDS = 3


def measure(folder: Path) -> Iterator[Row]:
    """One client and two in turns."""
    data = mirror(folder / "data", QUESTIONS)
    rates: dict[int, list[float]] = {1: [], 2: []}
    cpu: dict[int, list[float]] = {1: [], 2: []}
    with stub() as first, stub() as second:
        for number in range(ROUNDS):
            for clients in rates:
                out = folder / f"run-{number}-{clients}"
                ended = finished(words(first, second, data, out, clients))
                rates[clients].append(times(out).steady_rate)
                cpu[clients].append(1000 * ended.cpu / QUESTIONS)
    one, two = median(rates[1]), median(rates[2])
    note = f"limit: one client; medians of {ROUNDS} in turns on {os.cpu_count()} cores"
    yield Row("clients, two", two, "requests/s", one, Target("ratio", ">=", 1.7), note)
    note = "CPU of all processes, from start to exit; limit: one client"
    one, two = median(cpu[1]), median(cpu[2])
    yield Row("clients, CPU of a request", two, "ms", one, Target("ratio", "<=", 1.3), note)


def words(first: Server, second: Server, data: Path, out: Path, clients: int) -> list[str]:
    """A run of so many clients, half of it at each of two servers."""
    more = ("--base-url", second.base_url, "--clients", str(clients), "--no-smoke")
    return command(first, data, out, *more, slots=64)
