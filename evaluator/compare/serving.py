"""What serving each model took, side by side."""

from pathlib import Path

from evaluator.compare.recorded import read_setup
from evaluator.report.build import build
from evaluator.results.comparison import ServingComparison


def serving_comparison(folder: Path) -> ServingComparison:
    """Rates and lengths of a run's replies, and the score per GPU minute."""
    report, gpus = build(folder), read_setup(folder).gpus
    figures = report["serving"]
    replies = round(figures["requests_per_s"] * figures["seconds"])
    scores = [
        (row["value"] - row["scale"][0]) / (row["scale"][1] - row["scale"][0])
        for row in report["benchmarks"].values()
        if row["value"] is not None
    ]
    gpu_minutes = (gpus or 0) * figures["seconds"] / 60
    return ServingComparison(
        run=folder.resolve().name,
        model=report["model"],
        requests_per_s=figures["requests_per_s"],
        output_tokens_per_s=figures["output_tokens_per_s"],
        mean_output_tokens=figures["output_tokens"] / replies if replies else None,
        seconds=figures["seconds"],
        gpus=gpus,
        points_per_gpu_minute=(
            100 * sum(scores) / len(scores) / gpu_minutes if gpu_minutes and scores else None
        ),
    )
