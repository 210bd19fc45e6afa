"""GSM8K as a whole against a server that answers at once: the rate, and from start to exit."""

import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from . import peers
from .processes import Failed, Server, run, stub
from .runs import QUESTIONS, command, finished, gsm8k_data, times
from .table import Row, Target

ROUNDS = 5
SLOTS = 64
MOST_SECONDS = 2.5


def measure(folder: Path) -> Iterator[Row]:
    """Ours and the limit in turns, so that both meet the same neighbours on the machine."""
    data = gsm8k_data(folder)
    rates, limits, seconds = [], [], []
    with stub() as server:
        for number in range(ROUNDS):
            limits.append(limit(server, data))
            out = folder / f"run-{number}"
            seconds.append(finished(command(server, data, out, slots=SLOTS)).seconds)
            rates.append(times(out).steady_rate)
        whole = median(seconds)
        bound = Target("ratio", ">=", 0.7)
        note = f"limit: bare aiohttp + orjson; medians of {ROUNDS} in turns"
        yield Row("gsm8k, steady state", median(rates), "requests/s", median(limits), bound, note)
        note = f"{QUESTIONS} questions, {SLOTS} at once, {min(seconds):.2f} to {max(seconds):.2f} s"
        bound = Target("ours", "<=", MOST_SECONDS)
        yield Row("gsm8k, start to exit", whole, "s", target=bound, note=note)
        for peer in peers.PEERS:
            yield beside(peer, whole, server, data, folder / peer.command)


def limit(server: Server, data: Path) -> float:
    """Requests per second of the bare loop."""
    words = [sys.executable, "-m", "tests.speed.limit", server.base_url, str(data), str(SLOTS)]
    ended = run(words)
    if ended.code:
        raise Failed(f"the bare loop ended with code {ended.code}: {ended.last_line}")
    return float(ended.last_line)


def beside(peer: peers.Peer, ours: float, server: Server, data: Path, folder: Path) -> Row:
    """Our time beside a peer's, where the peer is installed and comes to an end."""
    what = f"gsm8k, start to exit, beside {peer.command}"
    try:
        theirs = peers.measure(peer, server, data, folder, QUESTIONS, SLOTS)
    except Failed as failed:
        return Row(what, ours, "s", note=str(failed))
    return Row(what, ours, "s", theirs, note=f"limit: {peer.title}, one run")
