"""The players of an arena: recorded runs, each under a name of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluator.errors import UsageError
from evaluator.locale import N_
from evaluator.results.outcomes import OutcomeRecord, read_outcomes
from evaluator.results.run import RunInfo, read_run

QuestionKey = tuple[str, str]  # benchmark and sample id


@dataclass(frozen=True, slots=True)
class Player:
    """One run: its name in the arena, its folder, and its run.json."""

    name: str
    folder: Path
    info: RunInfo


def read_players(folders: Sequence[Path]) -> list[Player]:
    """The runs as players, named by their models, by their folders where models share a name.

    Raises UsageError for fewer than two runs, or one that is named twice.
    """
    if len({folder.resolve() for folder in folders}) < len(folders):
        raise UsageError(
            N_("a run is named twice among {folders}", folders=", ".join(map(str, folders)))
        )
    if len(folders) < 2:
        raise UsageError(
            N_(
                "an arena needs two runs, got {count}: evaluator arena RUN RUN...",
                count=len(folders),
            )
        )
    runs = [read_run(folder) for folder in folders]
    models = [run.model for run in runs]
    choices = [models, [folder.resolve().name for folder in folders]]
    names = next((each for each in choices if len(set(each)) == len(each)), [*map(str, folders)])
    return [Player(*each) for each in zip(names, folders, runs, strict=True)]


def read_answers(player: Player, only: Sequence[str]) -> dict[QuestionKey, OutcomeRecord]:
    """The run's outcomes by question, of some benchmarks or of all."""
    return {
        (each.benchmark, each.id): each
        for each in read_outcomes(player.folder)
        if not only or each.benchmark in only
    }


def answered(player: Player, outcome: OutcomeRecord) -> bool:
    """Whether there is an answer to judge: one that the model wrote, not a likelihood."""
    return (
        outcome.status != "error" and player.info.benchmarks[outcome.benchmark].mode == "generate"
    )
