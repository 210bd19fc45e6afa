"""How long a person waits: for the help, and for the first request to leave.

A task of lm-eval is found by an index that the first round makes.
"""

from collections.abc import Iterator
from pathlib import Path
from statistics import median

from .processes import run, stub
from .runs import EVALUATOR, command, finished, gsm8k_data, times
from .table import Row, Target

ROUNDS = 5
FIRST = {"gsm8k": 1.0, "lm-eval:gsm8k": 2.0}  # seconds, at most, by benchmark


def measure(folder: Path) -> Iterator[Row]:
    """Medians; the first round is not counted, as it may write bytecode and read from disk."""
    data = gsm8k_data(folder)
    helps = [run([EVALUATOR, "--help"]).seconds for _ in range(ROUNDS + 1)][1:]
    note = f"median of {ROUNDS}, {min(helps):.2f} to {max(helps):.2f} s"
    yield Row("start, evaluator --help", median(helps), "s", None, Target("ours", "<=", 0.4), note)
    with stub() as server:
        for name, bound in FIRST.items():
            waits = []
            for number in range(ROUNDS + 1):
                out = folder / f"{name}-{number}"
                ended = finished(command(server, data, out, name=name))
                waits.append(times(out).began[0] - ended.started_at)
            waits = waits[1:]
            note = f"median of {ROUNDS}, {min(waits):.2f} to {max(waits):.2f} s"
            target = Target("ours", "<=", bound)
            yield Row(f"start, to first question of {name}", median(waits), "s", None, target, note)
