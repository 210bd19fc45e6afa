"""Weights & Biases: a run with its summary, the table of samples, and the page as an artifact."""

import os
from pathlib import Path

from evaluator.trackers.record import COLUMNS, FORBIDDEN, Tracked


def send(run: Tracked, folder: Path) -> str:
    """Logs to the account of WANDB_API_KEY, or offline where WANDB_MODE says so."""
    import wandb

    project = os.environ.get("WANDB_PROJECT", "evaluator")
    settings = wandb.Settings(silent=True, console="off", disable_git=True, save_code=False)
    made = wandb.init(
        project=project,
        name=run.name,
        config=run.parameters,
        job_type="evaluation",
        settings=settings,
    )
    made.log(run.metrics)
    made.log({"samples": wandb.Table(columns=list(COLUMNS), data=run.samples)})
    report = wandb.Artifact(f"report-{FORBIDDEN.sub('_', run.name).replace(' ', '_')}", "report")
    for path in (run.page, *run.files):
        if path:
            report.add_file(str(path))
    if (shown := folder / "report_samples").is_dir():
        report.add_dir(str(shown), "report_samples")
    made.log_artifact(report)
    there = made.url or made.dir
    made.finish()
    return str(there)
