"""`evaluator perf` by two clients beside one, against two stubs that share the load as replicas.

Each process has a core of its own, or a part of one, as in `clients`.
"""

from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import orjson

from .clients import PROCESSES
from .cores import Cores, cores
from .processes import Server, stub
from .runs import EVALUATOR, succeeded
from .table import Row, Target

ROUNDS = 3
REQUESTS, SLOTS, TOKENS = 8_000, 64, 50


def measure(folder: Path) -> Iterator[Row]:
    """One client and two in turns."""
    rates: dict[int, list[float]] = {1: [], 2: []}
    cpu: dict[int, list[float]] = {1: [], 2: []}
    words = "--reply", "words"
    with cores(PROCESSES) as own, stub(*words) as first, stub(*words) as second:
        own.give(first.pid)
        own.give(second.pid)
        file = endpoints(folder, first, second)
        for number in range(ROUNDS):
            for clients in rates:
                point, took = perf(file, folder / f"perf-{number}-{clients}", clients, own)
                rates[clients].append(point["requests_per_s"])
                cpu[clients].append(1000 * took / REQUESTS)
    note = f"streams of {TOKENS} tokens, {SLOTS} at once; limit: one client; medians of {ROUNDS} "
    note += f"in turns on {own}"
    one, two = median(rates[1]), median(rates[2])
    yield Row("perf, two clients", two, "requests/s", one, Target("ratio", ">=", 1.7), note)
    note = "CPU of all processes, from start to exit; limit: one client"
    one, two = median(cpu[1]), median(cpu[2])
    yield Row("perf, two clients, CPU of a request", two, "ms", one, None, note)


def endpoints(folder: Path, *servers: Server) -> Path:
    """The file by which `launch` would name them as replicas."""
    entries = [{"role": "model", "model": "stub", "base_url": each.base_url} for each in servers]
    file = folder / "endpoints.json"
    file.write_bytes(orjson.dumps({"endpoints": entries}))
    return file


def perf(file: Path, out: Path, clients: int, own: Cores) -> tuple[Any, float]:
    """The one point of a run, and the CPU seconds of the whole command."""
    words = [EVALUATOR, "perf", "--model", "stub", "--clients", str(clients), "--repeats", "1"]
    words += ["--concurrency", str(SLOTS), "--requests", str(REQUESTS), "--progress", "none"]
    words += ["--prompt-tokens", "64", "--output-tokens", str(TOKENS), "--out", str(out)]
    ended = succeeded(own.run(words, env={"EVALUATOR_ENDPOINTS": str(file)}))
    (point,) = orjson.loads((out / "perf.json").read_bytes())["points"]
    return point, ended.cpu
