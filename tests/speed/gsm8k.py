"""GSM8K as a whole against a server that answers at once: the rate, and from start to exit."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
    """Plain and streamed replies, and the whole beside other tools."""
    data = gsm8k_data(folder)
    with stub() as server:
        plain = in_turns(server, data, folder, "plain")
        yield plain.row("gsm8k, steady state", 0.7)
        yield in_turns(server, data, folder, "streamed", "--stream").row("gsm8k, streamed", 0.8)
        whole, least, most = median(plain.seconds), min(plain.seconds), max(plain.seconds)
        note = f"{QUESTIONS} questions, {SLOTS} at once, {least:.2f} to {most:.2f} s"
        bound = Target("ours", "<=", MOST_SECONDS)
        yield Row("gsm8k, start to exit", whole, "s", target=bound, note=note)
        for peer in peers.PEERS:
            yield beside(peer, whole, server, data, folder / peer.command)


@dataclass(frozen=True, slots=True)
class InTurns:
    """Ours and the limit in turns, so that both meet the same neighbours on the machine."""

    rates: Sequence[float]
    limits: Sequence[float]
    seconds: Sequence[float]  # from start to exit

    def row(self, what: str, least: float) -> Row:
        """The median rate beside the limit's, of which it is to be so much at least."""
        note = f"limit: bare aiohttp + orjson; medians of {ROUNDS} in turns"
        bound = Target("ratio", ">=", least)
        return Row(what, median(self.rates), "requests/s", median(self.limits), bound, note)


def in_turns(server: Server, data: Path, folder: Path, how: str, *more: str) -> InTurns:
    """Rates and times of our runs, and the limit's rates."""
    rates, limits, seconds = [], [], []
    for number in range(ROUNDS):
        limits.append(limit(server, data, how))
        out = folder / f"{how}-{number}"
        seconds.append(finished(command(server, data, out, *more, slots=SLOTS)).seconds)
        rates.append(times(out).steady_rate)
    return InTurns(rates, limits, seconds)


def limit(server: Server, data: Path, how: str = "plain") -> float:
    """Requests per second of the bare loop."""
    asked = (server.base_url, str(data), str(SLOTS), how)
    ended = run([sys.executable, "-m", "tests.speed.limit", *asked])
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
