"""What the look at the first replies costs: a run with it beside the same run without.

Against a slow server and many at once, where waiting for a few replies alone would show most.  Its
/tokenize is as slow as its replies.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .mirror import mirror
from .processes import stub
from .runs import QUESTIONS, command, finished
from .table import Row, Target

LATENCY, JITTER, SEED = 1.0, 0.5, 0  # seconds; uniform around
SLOTS = 512
ROUNDS = 5
SERVER = ("--latency", LATENCY, "--jitter", JITTER, "--seed", SEED, "--tokenizer-delay", LATENCY)


def measure(folder: Path) -> Iterator[Row]:
    """The middle one of pairs of runs side by side, which have the same neighbours."""
    data = mirror(folder / "data", QUESTIONS)

    def seconds(look: str, number: int) -> float:
        with stub(*map(str, SERVER)) as server:  # of its own: the latencies go by the request
            words = command(server, data, folder / f"run{look}-{number}", look, slots=SLOTS)
            return finished(words).seconds

    with ThreadPoolExecutor() as pool:
        pairs = [
            tuple(pool.map(seconds, ("--smoke", "--no-smoke"), (number, number)))
            for number in range(ROUNDS)
        ]
    beside, without = sorted(pairs, key=lambda pair: pair[0] / pair[1])[ROUNDS // 2]
    note = f"limit: --no-smoke beside it; {QUESTIONS:,} questions, {SLOTS} at once; middle of "
    note += f"{ROUNDS} pairs"
    yield Row("look, start to exit", beside, "s", without, Target("ratio", "<=", 1.05), note)
