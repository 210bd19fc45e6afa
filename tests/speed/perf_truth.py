"""What `evaluator perf` measures beside the truth: a stub server with fixed delays of tokens."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from tests.stub import Stub

from .processes import Server, run, stub
from .runs import EVALUATOR, succeeded
from .table import Row, Target

# Seconds.  First tokens vary, by a known seed, so that replies do not all come at the same moment,
# for which neither the stub nor the client would have the time.
LATENCY, JITTER, FIRST_TOKEN, INTER_TOKEN = 0.25, 0.25, 0.25, 0.05
OUTPUT_TOKENS = 20
TURNS = 8  # of every slot: the first begin all at once
RATE, SECONDS = 200, 10
MOST_ERROR, MOST_SHARE, MOST_DELAY = 2.0, 5.0, 20.0  # ms, %, ms


def measure(folder: Path) -> Iterator[Row]:
    """TTFT, TPOT and ITL with 64 and 512 at once, and how well an open loop keeps its schedule.

    Two clients must find the same as one.
    """
    delays = ("--first-token", FIRST_TOKEN, "--inter-token", INTER_TOKEN)
    delays += ("--latency", LATENCY, "--jitter", JITTER)
    for slots, clients in ((64, 1), (64, 2), (512, 1)):
        load = ("--concurrency", slots, "--requests", slots * TURNS, "--clients", clients)
        with stub("--reply", "words", *map(str, delays)) as server:
            point = perf(server, folder / f"{slots}-{clients}", *load)
            yield from errors(slots, point, server.counters()["mean_late"])
    with stub("--reply", "words", "--first-token", "0.1", "--inter-token", "0.02") as server:
        point = perf(server, folder / "rate", "--rate", RATE, "--seconds", SECONDS)
    delay = 1000 * point["delay"]["p99"]
    note = f"{point['requests']} requests, Poisson; p50 {1000 * point['delay']['p50']:.2f} ms"
    bound = Target("ours", "<=", MOST_DELAY)
    yield Row(f"perf, {RATE}/s, sent late, p99", delay, "ms", target=bound, note=note)


def errors(slots: int, point: Any, late: float) -> Iterator[Row]:
    """How far the means are from the truth: in ms with few at once, in % with many."""
    for name, truth in truths(slots, late).items():
        mean = point[name]["mean"]
        note = f"mean {1000 * mean:.2f} ms, truth {1000 * truth:.2f} ms, p99 "
        note += f"{1000 * point[name]['p99']:.2f} ms; client at {point['client']['cpu']:.0%}, "
        note += f"{1000 * point['client']['lag']:.0f} ms behind at worst"
        by = f" by {point['clients']} clients" if "clients" in point else ""
        what = f"perf, {slots} at once{by}, error of {name.upper()}"
        if slots < 512:
            bound = Target("ours", "<=", MOST_ERROR)
            yield Row(what, 1000 * abs(mean - truth), "ms", target=bound, note=note)
        else:
            bound = Target("ours", "<=", MOST_SHARE)
            yield Row(what, 100 * abs(mean / truth - 1), "%", target=bound, note=note)


def truths(slots: int, late: float) -> dict[str, float]:
    """The means of what the stub does: in the measured requests, which follow one a slot.

    By its own clock the stub sends first tokens some seconds `late`.
    """
    server = Stub(latency=LATENCY, jitter=JITTER)
    waits = [server.latency_of(index) for index in range(slots, slots + slots * TURNS)]
    first = sum(waits) / len(waits) + FIRST_TOKEN + late
    return {"ttft": first, "tpot": INTER_TOKEN, "itl": INTER_TOKEN}


def perf(server: Server, out: Path, *load: object) -> Any:
    """The one point of a run."""
    words = [EVALUATOR, "perf", "--model", "stub", "--base-url", server.base_url, "--repeats", "1"]
    words += ["--prompt-tokens", "64", "--output-tokens", str(OUTPUT_TOKENS), "--out", str(out)]
    succeeded(run([*words, "--progress", "none", *map(str, load)]))
    (point,) = orjson.loads((out / "perf.json").read_bytes())["points"]
    return point
