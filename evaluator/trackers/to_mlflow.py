"""MLflow: a run with parameters, metrics, the table of samples and the page as artifacts."""

import os
from pathlib import Path

from evaluator.trackers.record import COLUMNS, Tracked


def send(run: Tracked, folder: Path) -> str:
    """Logs to where MLFLOW_TRACKING_URI says, else to the folder mlruns; returns the run's name."""
    if not os.environ.get("MLFLOW_TRACKING_URI"):  # MLflow's own default needs a database
        os.environ |= {"MLFLOW_TRACKING_URI": Path("mlruns").absolute().as_uri()}
        os.environ |= {"MLFLOW_ALLOW_FILE_STORE": "true"}
    import mlflow

    mlflow.set_experiment(os.environ.get("MLFLOW_EXPERIMENT_NAME", "evaluator"))
    with mlflow.start_run(run_name=run.name) as made:
        mlflow.log_params(run.parameters)
        mlflow.log_metrics(run.metrics)
        mlflow.log_dict({"columns": list(COLUMNS), "data": run.samples}, "samples.json")
        for path in (run.page, *run.files):
            if path:
                mlflow.log_artifact(str(path))
        if (shown := folder / "report_samples").is_dir():
            mlflow.log_artifacts(str(shown), "report_samples")
    return f"run {made.info.run_id}"
