"""What serving each model took, side by side."""

from pathlib import Path

from evaluator.report.build import build
from evaluator.results.comparison import ServingComparison
from evaluator.results.run import read_run


def serving_comparison(folder: Path) -> ServingComparison:
    """Rates and lengths of a run's replies, and the score per GPU minute."""
    report, gpus = build(folder), read_run(folder).gpus
    figures, tokens = report.serving, report.serving.output_tokens
    replies = round(figures.requests_per_s * figures.seconds)
    scores = [
        (result.value - result.scale[0]) / (result.scale[1] - result.scale[0])
        for result in report.benchmarks.values()
        if result.value is not None
    ]
    gpu_minutes = (gpus or 0) * figures.seconds / 60
    return ServingComparison(
        run=folder.resolve().name,
        model=report.model,
        requests_per_s=figures.requests_per_s,
        output_tokens_per_s=figures.output_tokens_per_s,
        mean_output_tokens=None if tokens is None or not replies else tokens / replies,
        seconds=figures.seconds,
        gpus=gpus,
        points_per_gpu_minute=(
            100 * sum(scores) / len(scores) / gpu_minutes if gpu_minutes and scores else None
        ),
    )
