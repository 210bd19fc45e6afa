"""lm-eval (EleutherAI's lm-evaluation-harness): `--output_path DIR --log_samples`."""

import re
from itertools import groupby
from pathlib import Path

import orjson

from evaluator.imports.recorded import (
    OtherReply,
    OtherRuns,
    OtherTask,
    json_file,
    json_lines,
    reading,
    share,
)
from evaluator.types import Json, Message

TOOL = "lm-eval"
SAMPLES = re.compile(r"samples_(?P<task>.+)_(?P<date>\d{4}-\d\d-\d\dT[\d.-]+)\.jsonl")
SAMPLING = ("temperature", "top_p", "max_gen_toks", "until", "do_sample")


def read(folder: Path) -> OtherRuns:
    """The newest samples of each model and task.  Raises DataError for a file that is damaged."""
    newest: dict[tuple[str, str], tuple[Path, Json]] = {}
    for path in sorted(folder.rglob("samples_*.jsonl"), key=date):
        if found := SAMPLES.fullmatch(path.name):
            with reading(path, TOOL):
                about = json_file(path.with_name(f"results_{found['date']}.json"))
                model = str(about.get("model_name") or path.parent.name)
                newest[model, found["task"]] = path, about
    runs: dict[str, list[OtherTask]] = {}
    for (model, name), (path, about) in newest.items():
        with reading(path, TOOL):
            runs.setdefault(model, []).append(task(name, path, about))
    return runs


def date(path: Path) -> str:
    """When the file was written, as its name says."""
    found = SAMPLES.fullmatch(path.name)
    return found["date"] if found else ""


def task(name: str, path: Path, about: Json) -> OtherTask:
    """A task's replies, each as its first filter scored it."""
    lines = sorted(json_lines(path), key=lambda line: int(line["doc_id"]))
    by_doc = groupby(lines, key=lambda line: int(line["doc_id"]))
    first = [next(of) for _, of in by_doc]
    config = about.get("configs", {}).get(name, {})
    given = config.get("generation_kwargs") or {}
    filtered = f" ({line['filter']})" if (line := first[0])["filter"] != "none" else ""
    return OtherTask(
        name=name,
        metric=f"{line['metrics'][0]}{filtered}",
        replies=[reply(each) for each in first],
        written=written(line),
        chat=isinstance(next(iter(line["arguments"].values()))["arg_0"], list),
        shots=int(about.get("n-shot", {}).get(name) or 0),
        params={key: given[key] for key in SAMPLING if key in given},
        repeated=sum(len(each["resps"][0]) - 1 for each in first if written(each)),
    )


def written(line: Json) -> bool:
    """Whether the model wrote the reply; else the options' likelihoods were measured."""
    return isinstance(line["resps"][0][0], str)


def reply(line: Json) -> OtherReply:
    """One sample."""
    doc, arguments = line["doc"], list(line["arguments"].values())
    text = line["resps"][0][0] if written(line) else likeliest(line, arguments)
    answer = line["filtered_resps"][0] if written(line) else text
    return OtherReply(
        id=str(line["doc_id"]),
        prompt=prompt(arguments[0]["arg_0"]),
        text=text,
        value=share(line[line["metrics"][0]]),
        answer=None if answer in ("[invalid]", "") else str(answer),
        target=str(line["target"]),
        question=str(doc.get("question", "")) if isinstance(doc, dict) else "",
    )


def likeliest(line: Json, arguments: list[Json]) -> str:
    """The option with the highest likelihood."""
    sums = [float(of[0][0]) for of in line["resps"]]
    return str(arguments[sums.index(max(sums))]["arg_1"]).strip()


def prompt(asked: object) -> str | list[Message]:
    """A text to go on with, or the turns of a chat, which stand as JSON in a list."""
    if isinstance(asked, list):
        turns: list[Message] = orjson.loads(asked[0])
        return turns
    return str(asked)
