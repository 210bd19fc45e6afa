"""SwanLab: an experiment with its metrics, a table of samples, and the page."""

import os
from pathlib import Path

from evaluator.report.markdown import table
from evaluator.report.tables import Cells
from evaluator.trackers.record import COLUMNS, Tracked

FEW_SAMPLES = 100  # of which one text is made


def send(run: Tracked, folder: Path) -> str:
    """Logs to the account of SWANLAB_API_KEY, or as SWANLAB_MODE says: local, offline."""
    import swanlab

    swanlab.init(
        project=os.environ.get("SWANLAB_PROJECT", "evaluator"),
        name=run.name,
        mode=os.environ.get("SWANLAB_MODE"),
        config=run.parameters,
    )
    swanlab.log(run.metrics)
    shown = [["" if c is None else str(c) for c in row] for row in run.samples[:FEW_SAMPLES]]
    swanlab.log({"samples": swanlab.Text("\n".join(table(Cells(list(COLUMNS), shown))))})
    if run.page:
        swanlab.log({"report": swanlab.Html(run.page.read_text(encoding="utf-8"))})
    swanlab.finish()
    return f"experiment {run.name}"
