"""An arena from start to end: battles are judged in a run, and its folder gets the leaderboard.

The run is one like any other: the same journal, retries, dashboard and resume.  With a budget
battles are chosen in rounds, each from what the earlier ones showed; a round is a run over all
battles so far, of which the journal answers the old ones.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from evaluator.arena.battles import ARENA, judge_prompt, judged_by
from evaluator.arena.bradley_terry import most_telling
from evaluator.arena.leaderboard import build, points_by_question
from evaluator.arena.matchups import Contest
from evaluator.arena.tables import Board, in_markdown
from evaluator.client.pool import Pool
from evaluator.engine.work import Work
from evaluator.errors import UsageError
from evaluator.judging.judges import SELF, judges, judging
from evaluator.options.settings import Settings
from evaluator.report.build import read_outcomes
from evaluator.runs.connect import judge_pool
from evaluator.runs.folder import write_json
from evaluator.runs.plan import given_by_role
from evaluator.runs.run import execute
from evaluator.types import Sample

if TYPE_CHECKING:
    from evaluator.arena.bradley_terry import Array

# Half of a budget is spread evenly over the pairs, or luck in a few battles would decide whom to
# battle; the other half is spent in rounds.
ROUNDS = 4


def hold(contest: Contest, settings: Settings, console: Console) -> tuple[Board, Board]:
    """Judges the battles; returns the leaderboard, which it writes too, and the run's report.

    Raises UsageError where nobody can judge, and what a run raises.
    """
    if SELF in settings.judge.model:
        raise UsageError("--judge-model self: an arena has several models; name the one to ask")
    # no look at the first replies: they are verdicts, and a round of a budget may be small
    update = {"model": ", ".join(contest.names), "smoke": False}
    settings = settings.model_copy(update=update)
    benchmark = judged_by(judging(settings, ARENA))
    chosen: list[Sample] = []
    sent = 0
    for size in rounds(contest):
        chosen += next_battles(contest, chosen, settings.out, size)
        total, given = len(chosen), given_by_role(benchmark, {}, settings)
        work = Work(benchmark, chosen, total, 0, {}, over(contest), given=given)
        report = execute(settings, [work], lambda: pools(settings), console)
        sent += report["serving"]["requests"]
    names = [judge.model for judge in judges(settings)]
    board = build(contest, names, outcomes_of(settings.out), report)
    answers = report["serving"]["requests"] + report["serving"]["replayed"]
    board |= {"requests": sent, "replayed": answers - sent}
    write_json(settings.out / "arena.json", board)
    (settings.out / "arena.md").write_text(in_markdown(board), encoding="utf-8")
    return board, report


def preview(contest: Contest, settings: Settings) -> str:
    """How many battles and requests there would be, and the first prompt."""
    battles = sum(rounds(contest))
    requests = 2 * max(1, len(settings.judge.model)) * battles
    asked = [each for each in contest.battles.values() if len(set(each.fields["answers"])) > 1]
    lines = [
        f"{battles} battles of {len(contest.by_pair)} pairs, at most {requests} requests; "
        "nothing is sent in a dry run"
    ]
    if asked:
        lines += ["", judge_prompt(asked[0], *asked[0].fields["answers"])]
    return "\n".join(lines)


def over(contest: Contest) -> str:
    """What the battles are over, as a report says it."""
    return f"answers recorded in {', '.join(str(player.folder) for player in contest.players)}"


def pools(settings: Settings) -> dict[str, Pool]:
    """A pool a judge; the first stands for the model too, whose slots and servers are watched."""
    by_role = {judge.role: judge_pool(settings, judge) for judge in judges(settings)}
    return {"model": by_role["judge"], **by_role}


def rounds(contest: Contest) -> Iterator[int]:
    """How many battles each round adds."""
    possible, budget = len(contest.battles), contest.budget
    if budget is None or budget >= possible:
        yield possible
        return
    evenly = -(-budget // 2)
    yield evenly
    size = -(-(budget - evenly) // ROUNDS)
    yield from (min(size, budget - done) for done in range(evenly, budget, size or 1))


def outcomes_of(folder: Path) -> list[dict[str, Any]]:
    """The battles' outcomes, in an order that does not depend on which came first."""
    return sorted(read_outcomes(folder), key=lambda outcome: str(outcome["id"]))


def next_battles(contest: Contest, fought: list[Sample], folder: Path, size: int) -> list[Sample]:
    """The most telling battles by what those already fought showed; all, if that many are left."""
    if size == len(contest.battles):
        return list(contest.battles.values())
    outcomes = [o for o in outcomes_of(folder) if o["status"] == "scored"] if fought else []
    points = points_by_question(contest, outcomes).sum(axis=0)
    used = Counter(battle.fields["players"] for battle in fought)
    number = {name: i for i, name in enumerate(contest.names)}
    left = left_over(contest, used, number)
    chosen = []
    for i, j in most_telling(points, left, size):
        pair = contest.names[i], contest.names[j]
        chosen.append(contest.by_pair[pair][used[pair]])
        used[pair] += 1
    return chosen


def left_over(contest: Contest, used: Counter[Any], number: dict[str, int]) -> "Array":
    """left[i, j]: how many battles of a pair, i before j, have not been fought."""
    import numpy as np

    left = np.zeros((len(number), len(number)), dtype=int)
    for (a, b), battles in contest.by_pair.items():
        left[number[a], number[b]] = len(battles) - used[a, b]
    return left
