"""Two clients beside one, against two stubs: the rate, and the CPU that a request costs.

Each process has a core of its own, or a part of one where the machine has too few: see `cores`.
"""

from collections.abc import Iterator
from pathlib import Path
from statistics import median

from .cores import cores
from .mirror import mirror
from .processes import Server, stub
from .runs import command, succeeded, times
from .table import Row, Target

QUESTIONS = 10_000
ROUNDS = 3
PROCESSES = 5  # two stubs, a command and two clients


def measure(folder: Path) -> Iterator[Row]:
    """One client and two in turns."""
    data = mirror(folder / "data", QUESTIONS)
    rates: dict[int, list[float]] = {1: [], 2: []}
    cpu: dict[int, list[float]] = {1: [], 2: []}
    with cores(PROCESSES) as own, stub() as first, stub() as second:
        own.give(first.pid)
        own.give(second.pid)
        for number in range(ROUNDS):
            for clients in rates:
                out = folder / f"run-{number}-{clients}"
                ended = succeeded(own.run(words(first, second, data, out, clients)))
                rates[clients].append(times(out).steady_rate)
                cpu[clients].append(1000 * ended.cpu / QUESTIONS)
    one, two = median(rates[1]), median(rates[2])
    note = f"limit: one client; medians of {ROUNDS} in turns on {own}"
    yield Row("clients, two", two, "requests/s", one, Target("ratio", ">=", 1.7), note)
    note = "CPU of all processes, from start to exit; limit: one client"
    one, two = median(cpu[1]), median(cpu[2])
    yield Row("clients, CPU of a request", two, "ms", one, None, note)


def words(first: Server, second: Server, data: Path, out: Path, clients: int) -> list[str]:
    """A run of so many clients, half of it at each of two servers."""
    more = ("--base-url", second.base_url, "--clients", str(clients), "--no-smoke")
    return command(first, data, out, *more, slots=64)
