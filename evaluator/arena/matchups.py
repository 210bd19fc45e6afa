"""The match-ups of recorded runs: which players meet, and over which questions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evaluator.arena.battles import Answers, PlayerPair, battles, player_pairs
from evaluator.arena.players import Player, QuestionKey, answered, read_answers, read_players
from evaluator.arena.recorded import conversations
from evaluator.data import Source
from evaluator.errors import UsageError, did_you_mean
from evaluator.locale import N_
from evaluator.results.outcomes import OutcomeRecord
from evaluator.types import Sample

PlayerOutcomes = Mapping[QuestionKey, OutcomeRecord]  # of one player, by question


@dataclass(frozen=True, slots=True)
class Matchups:
    """The players, the rule, and all possible battles: by pair of players, and by id.

    `baseline` is the player that all others meet; without one all pairs meet. `budget` is the most
    battles to judge. `unmatched` counts each player's questions without a battle.
    """

    players: Sequence[Player]
    baseline: str | None
    budget: int | None
    by_pair: Mapping[PlayerPair, Sequence[Sample]]
    unmatched: Mapping[str, int]
    battles: Mapping[str, Sample] = field(init=False)

    def __post_init__(self) -> None:
        every = {battle.id: battle for pair in self.by_pair.values() for battle in pair}
        object.__setattr__(self, "battles", every)

    @property
    def names(self) -> list[str]:
        """The players' names in alphabetical order."""
        return sorted(player.name for player in self.players)


def plan_matchups(
    folders: Sequence[Path],
    baseline: Path | None = None,
    budget: int | None = None,
    benchmarks: Sequence[str] = (),
    origin: Source | None = None,
) -> Matchups:
    """The match-ups of the runs in these folders and the baseline's.

    Only questions of `benchmarks` count, if any are named. `origin` replaces the runs' own sources
    of data. Raises UsageError where no two runs share a question.
    """
    players = read_players(with_baseline(folders, baseline))
    anchor = next((p.name for p in players if baseline and p.folder.samefile(baseline)), None)
    pairs = player_pairs([player.name for player in players], anchor)
    outcomes = {player.name: read_answers(player, benchmarks) for player in players}
    shared = shared_questions(pairs, {p.name: with_answer(p, outcomes[p.name]) for p in players})
    check_shared(shared, benchmarks)
    check_benchmarks(benchmarks, players)
    answers: Answers = {
        player.name: conversations(player, shared[player.name], origin)
        for player in players
        if shared[player.name]
    }
    by_pair = {pair: battles(pair, answers) for pair in pairs if answers.keys() >= {*pair}}
    unmatched = {name: len(outcomes[name]) - len(shared[name]) for name in outcomes}
    return Matchups(players, anchor, budget, by_pair, unmatched)


def with_baseline(folders: Sequence[Path], baseline: Path | None) -> Sequence[Path]:
    """The folders, with the baseline's first if it is not among them."""
    if baseline and baseline.resolve() not in [folder.resolve() for folder in folders]:
        return [baseline, *folders]
    return folders


def with_answer(player: Player, outcomes: PlayerOutcomes) -> PlayerOutcomes:
    """The outcomes with an answer to judge."""
    return {question: each for question, each in outcomes.items() if answered(player, each)}


def shared_questions(
    pairs: Iterable[PlayerPair], outcomes: Mapping[str, PlayerOutcomes]
) -> dict[str, PlayerOutcomes]:
    """Each player's outcomes on the questions that one of its opponents answered too."""
    shared: dict[str, dict[QuestionKey, OutcomeRecord]] = {name: {} for name in outcomes}
    for pair in pairs:
        one, other = (outcomes[name] for name in pair)
        for question in one.keys() & other.keys():
            for name in pair:
                shared[name][question] = outcomes[name][question]
    return {**shared}


def check_shared(shared: Mapping[str, PlayerOutcomes], benchmarks: Sequence[str]) -> None:
    """Raises UsageError where no two players answered the same question."""
    if not any(shared.values()):
        names = ", ".join(benchmarks)
        of = N_("no question of {names}", names=names) if names else N_("no question")
        raise UsageError(
            N_(
                "{of} was answered by two of {shared}: an arena needs runs over the "
                "same benchmarks and samples",
                of=of,
                shared=", ".join(shared),
            )
        )


def check_benchmarks(benchmarks: Sequence[str], players: Sequence[Player]) -> None:
    """Raises UsageError for a benchmark that no run has."""
    there = list(dict.fromkeys(name for player in players for name in player.info.benchmarks))
    for name in benchmarks:
        if name not in there:
            hint = did_you_mean(name, there, N_("there are {names}", names=", ".join(there)))
            raise UsageError(
                N_("--benchmark: none of the runs has {name!r}; {hint}", name=name, hint=hint)
            )
