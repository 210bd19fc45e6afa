"""What serving each model took, side by side."""

from pathlib import Path
from typing import Any

from evaluator.report.build import build, read_run


def serving(folder: Path) -> dict[str, Any]:
    """Rates and lengths of a run's replies, and the score for a minute of a GPU.

    `seconds` is the time with at least one request in flight. `points_per_gpu_minute` is the mean
    of the benchmarks' scores in per cent of their scale, over GPUs times minutes in flight: it
    compares runs of the same samples. None where the number of GPUs is not known.
    """
    report, gpus = build(folder), read_run(folder).get("gpus")
    figures = report["serving"]
    replies = round(figures["requests_per_s"] * figures["seconds"])
    scores = [
        (row["value"] - row["scale"][0]) / (row["scale"][1] - row["scale"][0])
        for row in report["benchmarks"].values()
        if row["value"] is not None
    ]
    minutes = (gpus or 0) * figures["seconds"] / 60
    return {
        "run": folder.resolve().name,
        "model": report["model"],
        "requests_per_s": figures["requests_per_s"],
        "output_tokens_per_s": figures["output_tokens_per_s"],
        "mean_output_tokens": figures["output_tokens"] / replies if replies else None,
        "seconds": figures["seconds"],
        "gpus": gpus,
        "points_per_gpu_minute": (
            100 * sum(scores) / len(scores) / minutes if minutes and scores else None
        ),
    }
