"""Recorded verdicts, read again and totalled: no server, the same files and report as of a run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console

from evaluator.benchmarks import benchmark
from evaluator.client.pool import Pool
from evaluator.client.transport import NoEndpoint
from evaluator.data import read_file, samples, source
from evaluator.engine.task import Task
from evaluator.errors import DataError, UsageError
from evaluator.judging.judged import judged_solve
from evaluator.judging.verdict_format import Line, VerdictFormat
from evaluator.locale import N_
from evaluator.options.parts import usual_data_dir
from evaluator.options.settings import Settings
from evaluator.results.folder import RunFolder
from evaluator.results.outcomes import outcomes_of
from evaluator.results.report import RunReport
from evaluator.runs.authors import of_one_model
from evaluator.runs.run import execute
from evaluator.runs.score import described
from evaluator.types import Ask, Benchmark, Sample, Score, Solve

SCORED = ("status", "value", "dimensions")  # beside a recorded line
Lines = dict[str, dict[str, Line]]  # of each question, by the part that is judged
NEEDED = '{"question_id": 1, "category": "...", "subcategory": "...", "judgment": "..."}'


@dataclass(slots=True)
class Reread:
    """A report; ids without a verdict, without a question, and there twice.

    `otherwise` are those whose verdict reads otherwise than the file's own score says.
    """

    report: RunReport
    missing: list[str]
    unknown: list[str]
    twice: list[str]
    otherwise: list[str]


@dataclass(slots=True)
class RecordedVerdicts:
    """The lines of a file of verdicts, by question; of a repeated line the last one counts."""

    path: Path
    verdicts: VerdictFormat
    model_id: str = ""  # whose verdicts, where the file has those on several models
    lines: Lines = field(default_factory=dict)
    twice: list[str] = field(default_factory=list)

    def read(self, encoding: str) -> None:
        """Raises UsageError, or DataError for a line that is no verdict."""
        if not self.path.is_file():
            raise UsageError(N_("no file of judgments {path!r}", path=str(self.path)))
        lines = of_one_model(self.path, read_file(self.path, "", encoding), self.model_id)
        if not lines:
            raise DataError(N_("{path}: no verdicts in the file", path=self.path))
        for place, line in lines:
            if not isinstance(line, dict) or "question_id" not in line:
                raise DataError(
                    N_(
                        "{place}: not a record such as {needed}, but {described}",
                        place=place,
                        needed=NEEDED,
                        described=described(line),
                    )
                )
            if not isinstance(line.get("judgment", 0), str | None):
                raise DataError(
                    N_(
                        "{place}: judgment must be text, got {described!r:.80}",
                        place=place,
                        described=line.get("judgment"),
                    )
                )
            name, part = str(line["question_id"]), self.verdicts.part(line)
            parts = self.lines.setdefault(name, {})
            if part in parts:
                self.twice.append(name)
            parts[part] = {**line, "place": place}

    def samples(self, known: Mapping[str, Sample]) -> list[Sample]:
        """A sample for each question; only the known ones where any are."""
        chosen = [name for name in self.lines if not known or name in known]
        if not chosen:
            raise DataError(
                N_(
                    "{path}: none of its ids ({count}) is in the data set",
                    path=self.path,
                    count=len(self.lines),
                )
            )
        made = self.verdicts.sample
        return [made(name, list(self.lines[name].values()), known.get(name)) for name in chosen]


def reread(settings: Settings, path: Path, console: Console, model_id: str = "") -> Reread:
    """Reads every verdict in the file again.  Raises UsageError or DataError.

    The data set says which questions there are, where one is named; else the file does.
    """
    chosen = benchmark(settings.benchmarks[0])
    judged = judged_solve(chosen)
    if judged is None or judged.verdicts is None:
        raise UsageError(
            N_("--judgments: {name!r} has no judge; give --responses", name=chosen.name)
        )
    recorded = RecordedVerdicts(path, judged.verdicts, model_id)
    recorded.read(settings.encoding or "")
    known, label = known_samples(chosen, settings)
    made = recorded.samples(known)
    data = f"recorded verdicts in {path.name}{label}"
    solve = reading(judged.verdicts)
    task = Task(chosen, solve, made, len(known) or len(made), data=data)
    nowhere = Pool(settings.model, [NoEndpoint(settings.out)], 1)
    report = execute(settings, [task], lambda: {"model": nowhere}, console)
    return Reread(
        report,
        missing=[name for name in known if name not in recorded.lines],
        unknown=[name for name in recorded.lines if known and name not in known],
        twice=recorded.twice,
        otherwise=write_scored(settings.out, chosen.name, recorded),
    )


def known_samples(chosen: Benchmark, settings: Settings) -> tuple[dict[str, Sample], str]:
    """The data set's samples by id, and what to call their source; none where none is named."""
    if not (settings.data or settings.data_dir or usual_data_dir()):
        return {}, ""
    origin = source(settings.data_dir, settings.data)
    return {s.id: s for s in samples(chosen, origin, 0)}, f", questions via {origin.label}"


def reading(verdicts: VerdictFormat) -> Solve:
    """A `solve` that asks nobody: its samples are recorded verdicts."""

    async def solve(sample: Sample, ask: Ask) -> Score:
        return verdicts.score(sample)

    return solve


def write_scored(folder: Path, benchmark: str, recorded: RecordedVerdicts) -> list[str]:
    """scored.jsonl: every line with its fields, and beside them how its question was scored.

    Returns the ids whose own score says otherwise.
    """
    otherwise = []
    with RunFolder(folder).scored.open("wb") as file:
        for outcome in outcomes_of(folder, benchmark):
            how = {key: getattr(outcome, key) for key in SCORED}
            lines = recorded.lines[outcome.id].values()
            for line in lines:
                kept = {key: value for key, value in line.items() if key != "place"}
                file.write(orjson.dumps({**kept, **how}, option=orjson.OPT_APPEND_NEWLINE))
            scores = [line["score"] for line in lines if "score" in line]
            if len(scores) == len(lines) and differs(scores, outcome.value):
                otherwise.append(outcome.id)
    return otherwise


def differs(scores: list[Any], value: float | None) -> bool:
    """Whether a file's own scores of a question are not what we read; -1 is its word for unread."""
    if any(not isinstance(score, int | float) or score == -1 for score in scores):
        return value is not None
    return value is None or abs(sum(scores) / len(scores) - value) > 1e-9
