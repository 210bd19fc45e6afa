"""Recorded replies through the scoring of a run: no server, the same files and report."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console

from evaluator.agents.tool_solve import tool_solve
from evaluator.client.pool import Pool
from evaluator.client.transport import RecordedReplies
from evaluator.data import read_file
from evaluator.digest import content_digest
from evaluator.engine.task import Task
from evaluator.errors import DataError, UsageError
from evaluator.locale import N_
from evaluator.options.settings import Settings
from evaluator.results.folder import RunFolder
from evaluator.results.outcomes import outcomes_of
from evaluator.results.report import RunReport
from evaluator.runs.authors import of_one_model
from evaluator.runs.plan import plan
from evaluator.runs.run import execute
from evaluator.types import Json, Sample

SCORED = ("status", "value", "answer", "target", "dimensions")  # beside a recorded line
ReplyLine = Json  # of the recorded file: {"id", "response"} and whatever else is there
SLOTS = 8  # nothing waits for anything here: few are as quick as many


@dataclass(slots=True)
class Scored:
    """A report, the samples without a recorded reply, and the recorded ids without a sample."""

    report: RunReport
    missing: list[str]
    unknown: list[str]


@dataclass(slots=True)
class Answered:
    """The samples that have a recorded reply: by their ids or, where none is used, row numbers."""

    task: Task
    replies: Mapping[str, ReplyLine]
    by_sample: dict[str, ReplyLine] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Sample]:
        # For the whole file one or the other: a number may be the id of another sample.
        by_id = any(sample.id in self.replies for sample in self.task.samples)
        for number, sample in enumerate(self.task.samples):
            found = self.replies.get(sample.id if by_id else str(number))
            if found is None:
                self.missing.append(sample.id)
                continue
            self.by_sample[sample.id] = found
            yield sample


def score(settings: Settings, responses: Path, console: Console, model_id: str = "") -> Scored:
    """Scores the replies in a file of {"id", "response"} lines; scored.jsonl keeps their fields.

    Raises DataError for a line that is no such record.
    """
    replies = read_replies(responses, model_id, settings.encoding or "")
    (task,) = plan(settings, hold=True)
    answered = Answered(without_played_users(task), replies)
    chosen = replace(answered.task, samples=list(answered))
    if not answered.by_sample:
        raise DataError(
            N_(
                "{responses}: none of its ids ({count}) is one of {name}'s, such as {missing}",
                responses=responses,
                count=len(replies),
                name=task.benchmark.name,
                missing=", ".join(answered.missing[:3]),
            )
        )
    # Named by what is in the file: the journal of another file must not answer for it.
    name = f"recorded:{content_digest(responses.read_bytes())}"
    name += f":{model_id}" if model_id else ""
    by_key = {(task.benchmark.name, id): line for id, line in answered.by_sample.items()}
    recorded = RecordedReplies(by_key)
    report = execute(settings, [chosen], lambda: {"model": Pool(name, [recorded], SLOTS)}, console)
    write_scored(settings.out, task.benchmark.name, answered.by_sample)
    used = {str(record["id"]) for record in answered.by_sample.values()}
    return Scored(report, answered.missing, [each for each in replies if each not in used])


def without_played_users(task: Task) -> Task:
    """The task without the samples whose user a judge would play: nobody is asked anything."""
    tools = tool_solve(task.benchmark)
    if tools is None or not tools.played:
        return task
    alone = [sample for sample in task.samples if sample.group not in tools.played]
    return replace(task, samples=alone, roles=task.benchmark.roles)


def read_replies(path: Path, model_id: str = "", encoding: str = "") -> dict[str, ReplyLine]:
    """The records by id, of one model where there are several.  Raises UsageError or DataError."""
    if not path.is_file():
        raise UsageError(N_("no file of replies {path!r}", path=str(path)))
    replies: dict[str, ReplyLine] = {}
    for place, record in of_one_model(path, read_file(path, "", encoding), model_id):
        if not isinstance(record, dict) or "id" not in record or None in record:
            raise DataError(
                N_(
                    '{place}: not a record such as {{"id": "17", "response": "..."}}, '
                    "but {described}",
                    place=place,
                    described=described(record),
                )
            )
        # null is what servers send for an empty reply, which is a reply
        said = record.get("response", 0)
        texts = said if isinstance(said, list) else [said]
        if not all(isinstance(each, str | None) for each in texts):
            raise DataError(
                N_(
                    "{place}: response must be text, got {described!r:.80}; of a dialogue it is a "
                    "list of texts",
                    place=place,
                    described=record.get("response"),
                )
            )
        name = str(record["id"])
        if name in replies:
            raise DataError(N_("{place}: the id {name!r} is there twice", place=place, name=name))
        replies[name] = record
    if not replies:
        raise DataError(N_("{path}: no replies in the file", path=path))
    return replies


def described(record: Any) -> str:
    """What a line is that is no record of the right fields, for a message."""
    if not isinstance(record, dict):
        return f"{record!r:.80}"
    names = ("more cells than the header" if name is None else str(name) for name in record)
    return f"one with {', '.join(names) or 'no fields'}"


def write_scored(folder: Path, benchmark: str, by_sample: Mapping[str, ReplyLine]) -> None:
    """Every recorded line with its fields, and beside them how it was read and scored."""
    with RunFolder(folder).scored.open("wb") as file:
        for outcome in outcomes_of(folder, benchmark):
            how = {key: getattr(outcome, key) for key in SCORED}
            line = {**by_sample[outcome.id], **how}
            file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
