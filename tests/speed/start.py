"""How long a person waits: for the help, and for the first request to leave."""

from collections.abc import Iterator
from pathlib import Path
from statistics import median

from .processes import run, stub
from .runs import EVALUATOR, command, finished, gsm8k_data, times
from .table import Row, Target

ROUNDS = 5


def measure(folder: Path) -> Iterator[Row]:
    """Medians; the first round is not counted, as it may write bytecode and read from disk."""
    data = gsm8k_data(folder)
    helps = [run([EVALUATOR, "--help"]).seconds for _ in range(ROUNDS + 1)][1:]
    firsts = []
    with stub() as server:
        for number in range(ROUNDS):
            out = folder / f"run-{number}"
            ended = finished(command(server, data, out))
            firsts.append(times(out).began[0] - ended.started_at)
    note = f"median of {ROUNDS}, {min(helps):.2f} to {max(helps):.2f} s"
    yield Row("start, evaluator --help", median(helps), "s", None, Target("ours", "<=", 0.4), note)
    note = f"median of {ROUNDS}, {min(firsts):.2f} to {max(firsts):.2f} s"
    yield Row("start, to first question", median(firsts), "s", None, Target("ours", "<=", 1), note)
