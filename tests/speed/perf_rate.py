"""How fast the load generator of `evaluator perf` is by itself, beside a bare loop, in turns."""

import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from .generator import SLOTS, TOKENS
from .processes import Failed, Server, run, stub
from .table import Row, Target

ROUNDS = 3
REQUESTS = {"plain": 10_000, "streamed": 2_000}
LEAST = {"plain": 2500, "streamed": 400}  # requests a second on one core


def measure(_: Path) -> Iterator[Row]:
    """Replies that come at once: what is measured is the client, or the stub if it is slower."""
    with stub("--reply", "words") as server:
        for how in REQUESTS:
            rates: dict[str, list[float]] = {"bare": [], "ours": []}
            for number in range(ROUNDS):
                for whose in sorted(rates, reverse=number % 2 == 0):
                    rates[whose].append(rate(whose, how, server))
            note = f"{TOKENS} tokens, {SLOTS} at once; limit: bare aiohttp + orjson"
            bound = Target("ours", ">=", LEAST[how])
            mine, theirs = median(rates["ours"]), median(rates["bare"])
            yield Row(f"perf, load generator, {how}", mine, "requests/s", theirs, bound, note)


def rate(whose: str, how: str, server: Server) -> float:
    """Replies a second in a process of its own."""
    command = [sys.executable, "-m", "tests.speed.generator", whose, how, server.base_url]
    ended = run([*command, str(REQUESTS[how])])
    if ended.code:
        raise Failed(f"{whose}, {how}, ended with code {ended.code}: {ended.last_line}")
    return float(ended.last_line)
