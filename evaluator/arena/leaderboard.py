"""Builds the leaderboard, which arena.json holds, from the outcomes of the battles."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluator.arena.battles import ARENA
from evaluator.arena.bias import position_bias, same_family
from evaluator.arena.bradley_terry import connected_groups, rate, strongly_connected_groups
from evaluator.arena.matchups import Matchups
from evaluator.arena.outcomes import JudgedBattle, judged_battles
from evaluator.results.arena import ArenaReport, BattleCounts, Bound, HeadToHead, Standing
from evaluator.results.figures import Interval
from evaluator.results.names import REPAIRED
from evaluator.results.outcomes import OutcomeRecord
from evaluator.results.report import RunReport

if TYPE_CHECKING:
    from evaluator.arena.bradley_terry import Array

WinMatrix = dict[str, dict[str, HeadToHead]]  # by player and opponent


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerRating:
    """A player's rating in Elo points and its place in its connected group."""

    rating: float
    ci95: Interval
    bound: Bound | None
    rank: int
    group: int


def build(
    matchups: Matchups,
    judge_models: Sequence[str],
    outcomes: Sequence[OutcomeRecord],
    run: RunReport,
    requests: int,
) -> ArenaReport:
    """The leaderboard after the last round of judging.

    `run` is the report of that round, `requests` the number sent in all rounds of this session.
    """
    judged = judged_battles(matchups, outcomes)
    matrix = win_matrix(matchups.names, judged)
    rated = ratings(matchups, points_by_question(matchups.names, judged))
    models = {player.name: player.info.model for player in matchups.players}
    return ArenaReport(
        run=run.run,
        judges=list(judge_models),
        baseline=matchups.baseline,
        budget=matchups.budget,
        started_at=run.started_at,
        seconds=run.seconds,
        questions=question_counts(judged),
        battles=battle_counts(len(matchups.battles), outcomes, judged),
        players=standings(matchups, rated, matrix),
        matrix=matrix,
        position=position_bias(judged),
        self_family=sorted({name for judge in judge_models for name in same_family(judge, models)}),
        error_messages=run.benchmarks[ARENA.name].error_messages,
        faults=run.serving.faults,
        requests=requests,
        replayed=run.serving.requests + run.serving.replayed - requests,
    )


def battle_counts(
    possible: int, outcomes: Sequence[OutcomeRecord], judged: Sequence[JudgedBattle]
) -> BattleCounts:
    """What became of the battles."""
    return BattleCounts(
        possible=possible,
        planned=len(outcomes),
        judged=len(judged),
        ties=sum(battle.points == 0.5 for battle in judged),
        disagreements=sum(battle.dimensions.get("agreed", 1.0) < 1 for battle in judged),
        identical=sum(not battle.dimensions for battle in judged),
        repaired=sum(battle.dimensions.get(REPAIRED, 0.0) > 0 for battle in judged),
        unreadable=sum(outcome.status == "judge_unparsed" for outcome in outcomes),
        errors=sum(outcome.status == "error" for outcome in outcomes),
    )


def question_counts(judged: Iterable[JudgedBattle]) -> dict[str, int]:
    """How many questions of each benchmark have a judged battle."""
    names = sorted(name for name, _ in {battle.question for battle in judged})
    return {name: names.count(name) for name in dict.fromkeys(names)}


def points_by_question(names: Sequence[str], judged: Sequence[JudgedBattle]) -> "Array":
    """points[question, i, j]: what player i took from j, players in the order of `names`."""
    import numpy as np

    number = {name: i for i, name in enumerate(names)}
    questions = sorted({battle.question for battle in judged})
    row = {question: i for i, question in enumerate(questions)}
    points = np.zeros((len(questions), len(names), len(names)))
    for battle in judged:
        question, (i, j) = row[battle.question], (number[name] for name in battle.players)
        points[question, i, j] += battle.points
        points[question, j, i] += 1 - battle.points
    return points


def win_matrix(names: Sequence[str], judged: Iterable[JudgedBattle]) -> WinMatrix:
    """The results of each player against each opponent that it met."""
    points: dict[str, dict[str, list[float]]] = {name: {} for name in names}
    for battle in judged:
        one, other = battle.players
        points[one].setdefault(other, []).append(battle.points)
        points[other].setdefault(one, []).append(1 - battle.points)
    return {
        name: {other: head_to_head(of[other]) for other in names if other in of}
        for name, of in points.items()
    }


def head_to_head(points: Sequence[float]) -> HeadToHead:
    """The results of battles with these points."""
    return HeadToHead(
        battles=len(points),
        wins=sum(each > 0.5 for each in points),
        ties=sum(each == 0.5 for each in points),
        losses=sum(each < 0.5 for each in points),
        points=sum(points, 0.0),
    )


def total(results: Iterable[HeadToHead]) -> HeadToHead:
    """The results against several opponents in one."""
    each = list(results)
    return HeadToHead(
        battles=sum(one.battles for one in each),
        wins=sum(one.wins for one in each),
        ties=sum(one.ties for one in each),
        losses=sum(one.losses for one in each),
        points=sum((one.points for one in each), 0.0),
    )


def standings(
    matchups: Matchups, ratings: Mapping[str, PlayerRating], matrix: WinMatrix
) -> list[Standing]:
    """The players in the order in which the runs were given."""
    found = []
    for player in matchups.players:
        results, rated = total(matrix[player.name].values()), ratings.get(player.name)
        found.append(
            Standing(
                name=player.name,
                model=player.info.model,
                run=str(player.folder),
                rating=rated.rating if rated else None,
                ci95=rated.ci95 if rated else None,
                bound=rated.bound if rated else None,
                rank=rated.rank if rated else None,
                island=rated.group if rated else None,
                battles=results.battles,
                wins=results.wins,
                ties=results.ties,
                losses=results.losses,
                points=results.points,
                apart=matchups.unmatched[player.name],
            )
        )
    return found


def ratings(matchups: Matchups, points: "Array") -> dict[str, PlayerRating]:
    """Ratings by player, each connected group of players rated on its own.

    A rank is 1 plus the number of players that are certainly better: the interval of the
    difference is above zero. A player without a judged battle has no rating.
    """
    found = {}
    for number, group in enumerate(connected_groups(points.sum(axis=0))):
        if len(group) == 1:
            continue
        members = [matchups.names[i] for i in group]
        anchor = members.index(matchups.baseline) if matchups.baseline in members else None
        among = points[:, group][:, :, group]
        rated, bounds = rate(among, anchor), one_sided(among.sum(axis=0))
        for i, name in enumerate(members):
            found[name] = PlayerRating(
                rating=rated.values[i],
                ci95=rated.intervals[i],
                bound=bounds.get(i),
                rank=1 + sum(row[i] for row in rated.ahead),
                group=number,
            )
    return found


def one_sided(points: "Array") -> dict[int, Bound]:
    """Players that lost no point to all others ("min"), or took none ("max"), alone or as a group.

    Their true ratings have no upper, or no lower, bound.
    """
    found: dict[int, Bound] = {}
    for group in strongly_connected_groups(points):
        others = [i for i in range(len(points)) if i not in group]
        if not others:
            continue
        if not points[others][:, group].any():
            found |= dict.fromkeys(group, "min")
        elif not points[group][:, others].any():
            found |= dict.fromkeys(group, "max")
    return found
