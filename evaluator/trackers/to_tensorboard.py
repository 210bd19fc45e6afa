"""TensorBoard: scalars, and texts with the parameters and samples, in a folder of the run."""

from pathlib import Path
from shutil import copy

from evaluator.report.markdown import table
from evaluator.report.tables import Cells
from evaluator.trackers.record import COLUMNS, Tracked

FEW_SAMPLES = 100  # a text of more is slow to show


def send(run: Tracked, folder: Path) -> str:
    """Writes event files, and says where."""
    from tensorboardX import SummaryWriter

    there = folder / "tensorboard"
    with SummaryWriter(str(there)) as writer:
        for name, value in run.metrics.items():
            writer.add_scalar(name, value, 0)
        rows = [[name, str(value)] for name, value in run.parameters.items()]
        writer.add_text("parameters", "\n".join(table(Cells(["", "value"], rows))), 0)
        shown = [["" if c is None else str(c) for c in row] for row in run.samples[:FEW_SAMPLES]]
        writer.add_text("samples", "\n".join(table(Cells(list(COLUMNS), shown))), 0)
    if run.page:
        copy(run.page, there)
    return f"{there}/"
