"""evalscope 1.x: the folder of `evalscope eval`, with its reviews and predictions."""

from collections.abc import Sequence
from pathlib import Path

from evaluator.imports.recorded import (
    OtherReply,
    OtherRuns,
    OtherTask,
    json_lines,
    reading,
    share,
    target_text,
    text_of,
    with_output,
)
from evaluator.types import Json

TOOL = "evalscope"


def read(folder: Path) -> OtherRuns:
    """The newest reviews of each model and subset.  Raises DataError for a damaged file."""
    newest: dict[tuple[str, str], Path] = {}
    for path in sorted(folder.rglob("reviews/*/*.jsonl")):  # folders are called by their time
        newest[path.parent.name, path.stem] = path
    runs: dict[str, dict[str, list[Path]]] = {}
    for (model, stem), path in newest.items():
        runs.setdefault(model, {}).setdefault(data_set(path, stem), []).append(path)
    return {
        model: [task(name, paths) for name, paths in tasks.items()] for model, tasks in runs.items()
    }


def data_set(path: Path, stem: str) -> str:
    """The data set of a file called DATASET_SUBSET: the one that has a report, else the stem."""
    reports = path.parents[2] / "reports" / path.parent.name
    known = [each.stem for each in reports.glob("*.json") if f"{stem}_".startswith(f"{each.stem}_")]
    return max(known, key=len, default=stem)


def task(name: str, paths: Sequence[Path]) -> OtherTask:
    """All subsets of a data set."""
    replies: list[OtherReply] = []
    repeated, metric = 0, ""
    for path in paths:
        with reading(path, TOOL):
            subset = path.stem.removeprefix(f"{name}_")
            predicted = {line["index"]: line["model_output"] for line in outputs(path)}
            lines = sorted(json_lines(path), key=lambda line: int(line["index"]))
            first = [line for line in lines if not line["sample_score"].get("generation_index")]
            repeated += len(lines) - len(first)
            for line in first:
                replies.append(reply(line, subset, predicted.get(line["index"], {})))
                metric = metric or str(line["sample_score"]["score"]["main_score_name"])
    return OtherTask(name=name, metric=metric, replies=replies, repeated=repeated)


def outputs(path: Path) -> Sequence[Json]:
    """The predictions behind a file of reviews; none where they are gone."""
    predictions = path.parents[2] / "predictions" / path.parent.name / path.name
    return list(json_lines(predictions)) if predictions.exists() else []


def reply(line: Json, subset: str, output: Json) -> OtherReply:
    """One review."""
    *asked, said = line["messages"]
    score = line["sample_score"]["score"]
    value = score["value"].get(score["main_score_name"]) if score["value"] else None
    made = OtherReply(
        id=f"{subset}/{line['index']}",
        prompt=[{"role": each["role"], "content": text_of(each["content"])} for each in asked],
        text=text_of(said["content"]),
        value=share(value),
        answer=score["extracted_prediction"] or None,
        target=target_text(line["target"]),
        group=subset,
    )
    return with_output(made, output)
