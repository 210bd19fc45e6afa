"""What the live dashboard costs: the CPU of the same run with it and without, in a terminal.

Drawing goes by the clock and not by the request.  So it is measured beside a slow server, where
little else takes CPU that could hide it, and told as a share of the whole core that a run uses at
full rate.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median, stdev

from .mirror import mirror
from .processes import Ended, run_in_terminal, stub
from .runs import command, succeeded
from .table import Row, Target

QUESTIONS = 640
LATENCY = 1.0  # seconds: 640 questions, 64 at once, take ten
ROUNDS = 4


def measure(folder: Path) -> Iterator[Row]:
    """Pairs of runs side by side; each difference is taken within its pair."""
    data = mirror(folder / "data", QUESTIONS)
    shares = []
    with stub("--latency", str(LATENCY)) as server, ThreadPoolExecutor() as pool:

        def run(mode: str, number: int) -> Ended:
            out = folder / f"{mode}-{number}"
            return succeeded(run_in_terminal(command(server, data, out, progress=mode)))

        for number in range(ROUNDS):
            live, none = pool.map(run, ("live", "none"), (number, number))
            shares.append(100 * (live.cpu - none.cpu) / (QUESTIONS * LATENCY / 64))
    note = (
        f"of a core; median of {ROUNDS} pairs, standard error {stdev(shares) / ROUNDS**0.5:.1f} %"
    )
    bound = Target("ours", "<=", 2)
    yield Row("dashboard, share of the CPU", median(shares), "%", None, bound, note)
