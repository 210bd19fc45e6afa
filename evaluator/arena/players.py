"""The players of an arena: recorded runs, each under a name of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from evaluator.compare.recorded import RecordedOutcome, outcome
from evaluator.data import SourceName
from evaluator.engine.form import Api
from evaluator.errors import DataError, UsageError
from evaluator.report.build import read_outcomes, read_run
from evaluator.results.files import complaint
from evaluator.runs.noise import settings_of
from evaluator.types import ModeName

QuestionKey = tuple[str, str]  # benchmark and sample id


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedBenchmark:
    """How a run asked one benchmark, and where the data came from."""

    shots: int
    mode: ModeName = "generate"
    api: Api = "chat"
    system: str = ""
    shots_as_turns: bool = False
    data: SourceName | None = None
    data_dir: Path | None = None


@dataclass(frozen=True, slots=True)
class Player:
    """One run: its name in the arena, its folder, its model, and what it was asked."""

    name: str
    folder: Path
    model: str
    benchmarks: Mapping[str, AskedBenchmark]


def read_players(folders: Sequence[Path]) -> list[Player]:
    """The runs as players, named by their models, by their folders where models share a name.

    Raises UsageError for fewer than two runs, or one that is named twice.
    """
    if len({folder.resolve() for folder in folders}) < len(folders):
        raise UsageError(f"a run is named twice among {', '.join(map(str, folders))}")
    if len(folders) < 2:
        raise UsageError(f"an arena needs two runs, got {len(folders)}: evaluator arena RUN RUN...")
    runs = [read_run(folder) for folder in folders]
    models = [str(run["model"]) for run in runs]
    choices = [models, [folder.resolve().name for folder in folders]]
    names = next((each for each in choices if len(set(each)) == len(each)), [*map(str, folders)])
    asked = [asked_benchmarks(*each) for each in zip(folders, runs, strict=True)]
    return [Player(*each) for each in zip(names, folders, models, asked, strict=True)]


def asked_benchmarks(folder: Path, run: Mapping[str, Any]) -> Mapping[str, AskedBenchmark]:
    """The benchmarks in run.json.  Raises DataError for a damaged one."""
    given = {name: settings_of(run, name) for name in run["benchmarks"]}
    benchmarks = {
        name: {**about, "data": given[name].get("data"), "data_dir": given[name].get("data_dir")}
        for name, about in run["benchmarks"].items()
    }
    try:
        return TypeAdapter(dict[str, AskedBenchmark]).validate_python(benchmarks)
    except ValidationError as error:
        raise DataError(f"{folder / 'run.json'}: {complaint(error)}") from error


def read_answers(player: Player, only: Sequence[str]) -> dict[QuestionKey, RecordedOutcome]:
    """The run's outcomes by question, of some benchmarks or of all."""
    outcomes = map(outcome, read_outcomes(player.folder))
    return {
        (each.benchmark, each.id): each for each in outcomes if not only or each.benchmark in only
    }


def answered(player: Player, outcome: RecordedOutcome) -> bool:
    """Whether there is an answer to judge: one that the model wrote, not a likelihood."""
    return outcome.status != "error" and player.benchmarks[outcome.benchmark].mode == "generate"
