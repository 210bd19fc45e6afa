"""From recorded runs to the battles that could be fought between them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evaluator.arena.battles import Pair, battles, pairs
from evaluator.arena.recorded import (
    Outcome,
    Player,
    Question,
    answered,
    conversations,
    outcomes,
    players,
)
from evaluator.data import Source
from evaluator.errors import UsageError, did_you_mean
from evaluator.types import Sample


@dataclass(frozen=True, slots=True)
class Contest:
    """Who plays, by what rule, and all battles that could be fought, by id and by pair.

    `apart` counts each player's questions that nobody can meet it on.
    """

    players: Sequence[Player]
    baseline: str | None
    budget: int | None
    by_pair: Mapping[Pair, Sequence[Sample]]
    apart: Mapping[str, int]
    battles: Mapping[str, Sample] = field(init=False)

    def __post_init__(self) -> None:
        every = {battle.id: battle for pair in self.by_pair.values() for battle in pair}
        object.__setattr__(self, "battles", every)

    @property
    def names(self) -> list[str]:
        return sorted(player.name for player in self.players)


def enter(
    folders: Sequence[Path],
    baseline: Path | None = None,
    budget: int | None = None,
    benchmarks: Sequence[str] = (),
    origin: Source | None = None,
) -> Contest:
    """The contest between runs; `origin` replaces the runs' own sources of data.

    Raises UsageError where no two of them share a question.
    """
    if baseline and baseline.resolve() not in [folder.resolve() for folder in folders]:
        folders = [baseline, *folders]
    field = players(folders)
    anchor = next((p.name for p in field if baseline and p.folder.samefile(baseline)), None)
    chosen = pairs([player.name for player in field], anchor)
    every = {player.name: outcomes(player, benchmarks) for player in field}
    wanted = shared(chosen, {p.name: written(p, every[p.name]) for p in field})
    if not any(wanted.values()):
        of = f" of {', '.join(benchmarks)}" if benchmarks else ""
        raise UsageError(
            f"no question{of} was answered by two of {', '.join(wanted)}: "
            "an arena needs runs over the same benchmarks and samples"
        )
    check_names(benchmarks, field)
    answers = {
        player.name: conversations(player, wanted[player.name], origin)
        for player in field
        if wanted[player.name]
    }
    by_pair = {(a, b): battles((a, b), answers) for a, b in chosen if {a, b} <= answers.keys()}
    apart = {name: len(every[name]) - len(wanted[name]) for name in every}
    return Contest(field, anchor, budget, by_pair, apart)


def check_names(benchmarks: Sequence[str], field: Sequence[Player]) -> None:
    """Raises UsageError for a benchmark that no run has."""
    there = list(dict.fromkeys(name for player in field for name in player.about.benchmarks))
    for name in benchmarks:
        if name not in there:
            hint = did_you_mean(name, there, f"there are {', '.join(there)}")
            raise UsageError(f"--benchmark: none of the runs has {name!r}; {hint}")


def written(player: Player, every: Mapping[Question, Outcome]) -> dict[Question, Outcome]:
    """The outcomes with an answer to judge."""
    return {question: each for question, each in every.items() if answered(player, each)}


def shared(
    chosen: Iterable[Pair], have: Mapping[str, Mapping[Question, Outcome]]
) -> dict[str, dict[Question, Outcome]]:
    """The outcomes of each player whose questions one of its opponents answered too."""
    wanted: dict[str, dict[Question, Outcome]] = {name: {} for name in have}
    for a, b in chosen:
        for question in have[a].keys() & have[b].keys():
            wanted[a][question] = have[a][question]
            wanted[b][question] = have[b][question]
    return wanted
