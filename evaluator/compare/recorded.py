"""A recorded run, read from run.json and outcomes.jsonl: the parts that a comparison needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from evaluator.errors import DataError, UsageError
from evaluator.report.build import read_outcomes, read_run
from evaluator.results.files import complaint
from evaluator.types import SHARE, Outcomes, Scale, Status

FILES = ("outcomes.jsonl", "responses.jsonl")


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkSetup:
    """How a run asked one benchmark; None where an older version did not record it."""

    metric: str
    data: str
    shots: int
    params: Mapping[str, Any]  # sampling fields as they were sent
    categories: Mapping[str, str]
    scale: Scale = SHARE
    mode: str | None = None
    api: str | None = None
    system: str | None = None
    shots_as_turns: bool | None = None
    chat_template: str | None = None
    judge: str | None = None  # None: no judge
    about: list[str] | None = None
    language: str = ""
    summarizes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Concurrency:
    """Requests in flight per endpoint at the end of a run."""

    slots: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSetup:
    """How a run was made."""

    model: str
    benchmarks: Mapping[str, BenchmarkSetup]
    concurrency: Concurrency | None = None
    gpus: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedOutcome:
    """A line of outcomes.jsonl.  `value` is None where nothing was measured."""

    benchmark: str
    id: str
    group: str
    status: Status
    value: float | None
    answer: str | None
    target: str
    dimensions: Mapping[str, float]
    response_keys: Sequence[str]
    prompt: str  # empty where an older version did not record it
    line: Mapping[str, Any] = field(repr=False)  # all of it, for a benchmark's own totals


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """A run's folder, its setup, and its outcomes by benchmark and sample id."""

    folder: Path
    setup: RunSetup
    outcomes: Mapping[str, Mapping[str, RecordedOutcome]]

    @property
    def name(self) -> str:
        return self.folder.resolve().name

    @property
    def model(self) -> str:
        return self.setup.model


def read(folder: Path) -> RecordedRun:
    """The run in a folder.  Raises UsageError when there is none, DataError for a damaged line."""
    setup = read_setup(folder)
    outcomes: dict[str, dict[str, RecordedOutcome]] = {name: {} for name in setup.benchmarks}
    for line in read_outcomes(folder):
        found = outcome(line)
        outcomes[found.benchmark][found.id] = found
    return RecordedRun(folder, setup, outcomes)


def read_setup(folder: Path) -> RunSetup:
    """The setup in run.json.  Raises UsageError for a folder that holds no evaluated run."""
    run = read_run(folder)
    missing = [name for name in FILES if not (folder / name).exists()]
    if missing or "benchmarks" not in run:
        lacks = missing[0] if missing else "benchmark"
        raise UsageError(f"{str(folder)!r} is no run of `evaluator run`: it has no {lacks}")
    # Before each benchmark recorded its judge, the run recorded one for all.
    run["benchmarks"] = {
        name: {"judge": run["judge"], **about} for name, about in run["benchmarks"].items()
    }
    try:
        return TypeAdapter(RunSetup).validate_python(run)
    except ValidationError as error:
        raise DataError(f"{folder / 'run.json'}: {complaint(error)}") from error


def outcome(line: Mapping[str, Any]) -> RecordedOutcome:
    """The outcome in a line."""
    kept = ("benchmark", "id", "group", "status", "value", "answer", "target", "dimensions")
    return RecordedOutcome(
        **{name: line[name] for name in kept},
        response_keys=line["response_keys"],
        prompt=line.get("prompt", ""),
        line=line,
    )


def lines(outcomes: Sequence[RecordedOutcome]) -> Outcomes:
    """The lines as a benchmark's own `summarize` takes them."""
    return [each.line for each in outcomes]
