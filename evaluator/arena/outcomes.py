"""The outcomes of an arena's battles, from the outcomes.jsonl of its folder."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from evaluator.arena.battles import PlayerPair
from evaluator.arena.matchups import Matchups
from evaluator.arena.players import QuestionKey
from evaluator.compare.recorded import RecordedOutcome, outcome
from evaluator.report.build import read_outcomes


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedBattle:
    """A battle with a result.  `points` are the first player's, from 0 to 1; 0.5 is a tie.

    `dimensions` describe the verdicts; there are none where the answers were equal.
    """

    question: QuestionKey
    players: PlayerPair
    points: float
    dimensions: Mapping[str, float]


def battle_outcomes(folder: Path) -> list[RecordedOutcome]:
    """The battles' outcomes, sorted by id: the order in which they ended does not matter."""
    return sorted(map(outcome, read_outcomes(folder)), key=lambda each: each.id)


def judged_battles(matchups: Matchups, outcomes: Iterable[RecordedOutcome]) -> list[JudgedBattle]:
    """The battles that have a result."""
    return [
        JudgedBattle(
            question=matchups.battles[each.id].fields["question"],
            players=matchups.battles[each.id].fields["players"],
            points=each.value,
            dimensions=each.dimensions,
        )
        for each in outcomes
        if each.status == "scored" and each.value is not None
    ]
