"""OpenCompass: the folder of a run, with its predictions and results."""

import re
from collections.abc import Mapping
from pathlib import Path

from evaluator.imports.recorded import OtherReply, OtherRuns, OtherTask, json_file, reading, share
from evaluator.types import Json, Message

TOOL = "OpenCompass"
ROLES = {"HUMAN": "user", "BOT": "assistant", "SYSTEM": "system"}
PART = re.compile(r"(?P<name>.+)_\d+")  # of a data set that was asked in parts


def read(folder: Path) -> OtherRuns:
    """The newest predictions of each model and data set.  Raises DataError for a damaged file."""
    newest: dict[tuple[str, str], Path] = {}
    for path in sorted(folder.rglob("predictions/*/*.json")):  # folders are called by their time
        newest[path.parent.name, path.stem] = path
    runs: dict[str, list[OtherTask]] = {}
    for (model, stem), path in newest.items():
        if (part := PART.fullmatch(stem)) and (model, f"{part['name']}_0") in newest:
            if stem != f"{part['name']}_0":
                continue
            stem = part["name"]
        runs.setdefault(model, []).append(task(stem, path))
    return runs


def task(name: str, path: Path) -> OtherTask:
    """A data set's replies, of all its parts."""
    parts = [path]
    if path.stem != name:
        there = path.parent.glob(f"{name}_*.json")
        parts = sorted(there, key=lambda each: int(each.stem.rpartition("_")[2]))
    with reading(path, TOOL):
        lines = [line for part in parts for line in json_file(part).values()]
        results = json_file(path.parents[2] / "results" / path.parent.name / f"{name}.json")
        details = by_number(results.get("details") or {})
        replies = [reply(str(i), line, details.get(i, {})) for i, line in enumerate(lines)]
    metric = next((key for key, value in results.items() if isinstance(value, float)), "score")
    return OtherTask(name=name, metric=metric, replies=replies)


def by_number(details: object) -> Mapping[int, Json]:
    """What was found of each sample: a list, or an object with numbers as keys."""
    if isinstance(details, dict):
        return {int(key): value for key, value in details.items() if key.isdigit()}
    return dict(enumerate(details)) if isinstance(details, list) else {}


def reply(number: str, line: Json, detail: Json) -> OtherReply:
    """One prediction, and whether it was right, where the results tell."""
    said = line["prediction"]
    read_as = first(detail.get("pred", detail.get("predictions")))
    return OtherReply(
        id=number,
        prompt=prompt(line["origin_prompt"]),
        text=str(first(said) or ""),
        value=value(detail),
        answer=None if read_as in (None, "", "NULL") else str(read_as),
        target=str(line.get("gold", "")),
    )


def value(detail: Json) -> float | None:
    """1 for a right reply and 0 for a wrong one; None where no details were kept."""
    if (correct := first(detail.get("correct", detail.get("is_correct")))) is not None:
        return share(correct)
    if "predictions" in detail and "references" in detail:
        return float(detail["predictions"] == detail["references"])
    return None


def first(found: object) -> object:
    """The first of several replies."""
    return (found[0] if found else None) if isinstance(found, list) else found


def prompt(asked: object) -> str | list[Message]:
    """A text, or the turns of a dialogue."""
    if not isinstance(asked, list):
        return str(asked)
    return [{"role": ROLES[turn["role"]], "content": turn["prompt"]} for turn in asked]
