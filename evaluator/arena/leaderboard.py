"""The leaderboard as data, from the outcomes of an arena's battles: what arena.json holds."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from evaluator.arena.bias import kin, position
from evaluator.arena.bradley_terry import bound_groups, groups, rate
from evaluator.arena.matchups import Contest
from evaluator.results.outcomes import OutcomeRecord
from evaluator.results.report import RunReport

if TYPE_CHECKING:
    from evaluator.arena.bradley_terry import Array

SCHEMA_VERSION = 1
UNRATED = dict.fromkeys(("rating", "ci95", "bound", "rank", "island"))
Outcomes = Sequence[OutcomeRecord]


def build(
    contest: Contest, judge_models: Sequence[str], outcomes: Outcomes, report: RunReport
) -> dict[str, Any]:
    """The leaderboard; `report` is that of the run in which the battles were judged."""
    judged = [outcome for outcome in outcomes if outcome.status == "scored"]
    points = points_by_question(contest, judged)
    matrix = win_matrix(contest, judged)
    islands = ranked(contest, points)
    models = {player.name: player.model for player in contest.players}
    return {
        "schema_version": SCHEMA_VERSION,
        "run": report.run,
        "judges": list(judge_models),
        "baseline": contest.baseline,
        "budget": contest.budget,
        "started_at": report.started_at,
        "seconds": report.seconds,
        "questions": questions(contest, judged),
        "battles": counts(contest, outcomes, judged),
        "players": [
            {
                "name": player.name,
                "model": player.model,
                "run": str(player.folder),
                **islands.get(player.name, UNRATED),
                **total(matrix[player.name].values()),
                "apart": contest.apart[player.name],
            }
            for player in contest.players
        ],
        "matrix": matrix,
        "position": position(judged),
        "self_family": sorted({name for judge in judge_models for name in kin(judge, models)}),
        "error_messages": report.benchmarks["arena"].error_messages,
        "faults": report.serving.faults,
    }


def counts(contest: Contest, outcomes: Outcomes, judged: Outcomes) -> dict[str, int]:
    """What became of the battles."""
    return {
        "possible": len(contest.battles),
        "planned": len(outcomes),
        "judged": len(judged),
        "ties": sum(outcome.score == 0.5 for outcome in judged),
        "disagreements": sum(outcome.dimensions.get("agreed", 1.0) < 1 for outcome in judged),
        "identical": sum(not outcome.dimensions for outcome in judged),
        "repaired": sum(outcome.dimensions.get("repaired", 0.0) > 0 for outcome in judged),
        "unreadable": sum(outcome.status == "judge_unparsed" for outcome in outcomes),
        "errors": sum(outcome.status == "error" for outcome in outcomes),
    }


def questions(contest: Contest, judged: Outcomes) -> dict[str, int]:
    """How many questions of each benchmark were battled over."""
    fought = {contest.battles[outcome.id].fields["question"] for outcome in judged}
    names = sorted(name for name, _ in fought)
    return {name: names.count(name) for name in dict.fromkeys(names)}


def points_by_question(contest: Contest, judged: Outcomes) -> "Array":
    """points[question, i, j]: what player i took from j, players in the order of names."""
    import numpy as np

    number = {name: i for i, name in enumerate(contest.names)}
    fields = [contest.battles[outcome.id].fields for outcome in judged]
    asked = {question: i for i, question in enumerate(sorted({f["question"] for f in fields}))}
    points = np.zeros((len(asked), len(number), len(number)))
    for outcome, each in zip(judged, fields, strict=True):
        question, (i, j) = asked[each["question"]], (number[name] for name in each["players"])
        points[question, i, j] += outcome.score
        points[question, j, i] += 1 - outcome.score
    return points


def win_matrix(contest: Contest, judged: Outcomes) -> dict[str, dict[str, dict[str, float]]]:
    """matrix[name][other]: battles, wins, ties and losses of one player against another."""
    matrix = {name: {other: tally() for other in contest.names} for name in contest.names}
    for outcome in judged:
        one, other = contest.battles[outcome.id].fields["players"]
        for a, b, value in ((one, other, outcome.score), (other, one, 1 - outcome.score)):
            row = matrix[a][b]
            row["battles"] += 1
            row["wins" if value > 0.5 else "losses" if value < 0.5 else "ties"] += 1
            row["points"] += value
    return {
        name: {other: row for other, row in rows.items() if row["battles"]}
        for name, rows in matrix.items()
    }


def tally() -> dict[str, float]:
    return {"battles": 0, "wins": 0, "ties": 0, "losses": 0, "points": 0.0}


def total(rows: Collection[Mapping[str, float]]) -> dict[str, float]:
    """Some rows of a win matrix in one."""
    return {key: sum(row[key] for row in rows) for key in tally()}


def ranked(contest: Contest, points: "Array") -> dict[str, dict[str, Any]]:
    """Rating, interval and rank by player, each island of players that met for itself.

    A rank is one more than the players that are clearly ahead: the difference's interval is above
    zero.  A player without a judged battle has none.
    """
    rows = {}
    for number, island in enumerate(groups(points.sum(axis=0))):
        if len(island) == 1:
            continue
        members = [contest.names[i] for i in island]
        anchor = members.index(contest.baseline) if contest.baseline in members else None
        among = points[:, island][:, :, island]
        ratings, bounds = rate(among, anchor), one_sided(among.sum(axis=0))
        for i, name in enumerate(members):
            rows[name] = {
                "rating": ratings.values[i],
                "ci95": ratings.intervals[i],
                "bound": bounds.get(i),
                "rank": 1 + sum(row[i] for row in ratings.ahead),
                "island": number,
            }
    return rows


def one_sided(points: "Array") -> dict[int, str]:
    """Players that lost nothing to all others, or took nothing, alone or as a group: "min", "max".

    Their true ratings may be as high, or as low, as one likes.
    """
    found: dict[int, str] = {}
    for group in bound_groups(points):
        others = [i for i in range(len(points)) if i not in group]
        if not others:
            continue
        if not points[others][:, group].any():
            found |= dict.fromkeys(group, "min")
        elif not points[group][:, others].any():
            found |= dict.fromkeys(group, "max")
    return found
