"""The model-index block of a Hugging Face model card: scores with their data sets."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluator.exports.exported import ExportedRun
from evaluator.results.names import SHARE
from evaluator.results.report import BenchmarkResult, RunReport

if TYPE_CHECKING:
    from huggingface_hub import EvalResult

TASK = "text-generation"
BUILTIN = "builtin"


def eval_results(run: ExportedRun) -> "Iterator[EvalResult]":
    """A result for each benchmark that was measured; shares are in per cent, as cards have them."""
    from huggingface_hub import EvalResult

    for name, result in run.report.benchmarks.items():
        if result.value is None:
            continue
        info = run.info.benchmarks[name]
        real = info.source != BUILTIN  # what is built in only looks like the data set
        percent = 100 if result.scale == SHARE else 1
        yield EvalResult(
            task_type=TASK,
            task_name="Text generation",
            dataset_type=result.origin.id if result.origin and real else name,
            dataset_name=(info.title or name) + ("" if real else " (built-in samples)"),
            dataset_revision=(result.origin.revision or None) if result.origin else None,
            dataset_args={"benchmark": name, "num_few_shot": result.shots},
            metric_type="accuracy" if result.metric == "accuracy" else result.metric,
            metric_name=interval(result, percent),
            metric_value=round(percent * result.value, 2),
            metric_args=labels(run.report) or None,
        )


def labels(report: RunReport) -> dict[str, Any]:
    """The tags and the note of the run, those that it has."""
    found = {"tags": list(report.tags), "note": report.note}
    return {name: said for name, said in found.items() if said}


def interval(result: BenchmarkResult, percent: int) -> str:
    """The metric's name, with samples and interval, for which a card has no field."""
    said = f"{result.metric}, n = {result.samples}"
    if result.ci95:
        low, high = (percent * end for end in result.ci95)
        said += f", 95 % interval {low:.2f} to {high:.2f}"
    return said


def block(run: ExportedRun) -> str:
    """The block, between the lines that a card has around its metadata."""
    from huggingface_hub import ModelCardData

    data = ModelCardData(model_name=run.report.model, eval_results=list(eval_results(run)))
    return f"---\n{data.to_yaml()}\n---\n"


def write(run: ExportedRun, path: Path) -> None:
    """Writes the block to a file; a card that is there keeps its text and other metadata.

    Raises OSError, and ValueError for a card whose metadata cannot be read.
    """
    if not path.exists():
        path.write_text(block(run), encoding="utf-8")
        return
    from huggingface_hub import ModelCard

    card = ModelCard.load(path)
    new = list(eval_results(run))
    mine = {each.unique_identifier for each in new}
    kept = [each for each in card.data.eval_results or () if each.unique_identifier not in mine]
    card.data.model_name = card.data.model_name or run.report.model
    card.data.eval_results = [*kept, *new]
    card.save(path)
