"""An arena from start to end: judges the battles, and writes the leaderboard into the folder.

The judging is a run like any other: the same journal, retries, dashboard and resume. With a budget
the battles are chosen in rounds, each from the results so far. A round is a run over all battles
so far; the journal answers those of earlier rounds.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from evaluator.arena.battles import ARENA, JUDGED, PlayerPair, judge_prompt
from evaluator.arena.bradley_terry import most_informative
from evaluator.arena.files import write
from evaluator.arena.leaderboard import build, points_by_question
from evaluator.arena.matchups import Matchups
from evaluator.arena.outcomes import battle_outcomes, judged_battles
from evaluator.client.pool import Pool
from evaluator.engine.task import Task
from evaluator.errors import UsageError
from evaluator.judging.judges import SELF, judges, judging
from evaluator.locale import N_, joined
from evaluator.options.settings import Settings
from evaluator.results.arena import ArenaReport
from evaluator.runs.connect import judge_pool
from evaluator.runs.plan import given_by_role
from evaluator.runs.run import execute, exit_code
from evaluator.types import Sample

if TYPE_CHECKING:
    from evaluator.arena.bradley_terry import Array

# Half of a budget is spread evenly over the pairs, so that luck in a few battles does not decide
# which pairs meet; the other half is spent in rounds.
ROUNDS = 4


@dataclass(frozen=True, slots=True)
class ArenaResult:
    """The leaderboard, and the exit code of the run that judged the battles."""

    report: ArenaReport
    exit_code: int


def run_arena(matchups: Matchups, settings: Settings, console: Console) -> ArenaResult:
    """Judges the battles, and writes arena.json, arena.md and arena.html.

    Raises UsageError where nobody can judge, and what a run raises.
    """
    settings = judging_settings(matchups, settings)
    task = judged_task(matchups, settings)
    chosen: list[Sample] = []
    sent = 0
    for size in round_sizes(matchups):
        chosen += next_battles(matchups, chosen, settings.out, size)
        task = replace(task, samples=chosen, total=len(chosen))
        run = execute(settings, [task], lambda: pools(settings), console)
        sent += run.serving.requests
    names = [judge.model for judge in judges(settings)]
    report = build(matchups, names, battle_outcomes(settings.out), run, sent)
    write(report, settings.out, settings.lang)
    return ArenaResult(report, exit_code(run, settings))


def judging_settings(matchups: Matchups, settings: Settings) -> Settings:
    """The settings of the judging runs.  Raises UsageError where a model is to judge itself."""
    if SELF in settings.judge.model:
        raise UsageError(N_("--judge-model self: an arena has several models; name the one to ask"))
    # The smoke test looks at answers; here all replies are verdicts, and a round may be small.
    return settings.model_copy(update={"model": ", ".join(matchups.names), "smoke": False})


def judged_task(matchups: Matchups, settings: Settings) -> Task:
    """The arena as a run sees it, without battles yet.  Raises UsageError."""
    panel = judging(settings, ARENA)
    roles = panel.asked(ARENA.roles)
    return Task(
        ARENA,
        JUDGED.by(panel),
        samples=(),
        total=0,
        data=data_description(matchups),
        given=given_by_role(roles, {}, settings),
        roles=roles,
        notes=JUDGED.described(panel),
    )


def preview(matchups: Matchups, settings: Settings) -> str:
    """How many battles and requests there would be, and the first prompt."""
    battles = sum(round_sizes(matchups))
    requests = 2 * max(1, len(settings.judge.model)) * battles
    asked = [each for each in matchups.battles.values() if len(set(each.fields["answers"])) > 1]
    lines: list[str] = [
        N_(
            "{battles} {battles:battle|battles} of {pairs} {pairs:pair|pairs}, at most {requests} "
            "requests; nothing is sent in a dry run",
            battles=battles,
            pairs=len(matchups.by_pair),
            requests=requests,
        )
    ]
    if asked:
        lines += ["", judge_prompt(asked[0], *asked[0].fields["answers"])]
    return joined("\n", lines)


def data_description(matchups: Matchups) -> str:
    """The data of the battles, as a report says it."""
    return f"answers recorded in {', '.join(str(player.folder) for player in matchups.players)}"


def pools(settings: Settings) -> dict[str, Pool]:
    """One pool for each judge.

    The first is the pool of the role "model" too, because the run watches its slots and servers.
    """
    by_role = {judge.role: judge_pool(settings, judge) for judge in judges(settings)}
    return {"model": by_role["judge"], **by_role}


def round_sizes(matchups: Matchups) -> Iterator[int]:
    """How many battles each round adds."""
    possible, budget = len(matchups.battles), matchups.budget
    if budget is None or budget >= possible:
        yield possible
        return
    evenly = -(-budget // 2)
    yield evenly
    size = -(-(budget - evenly) // ROUNDS)
    yield from (min(size, budget - done) for done in range(evenly, budget, size or 1))


def next_battles(
    matchups: Matchups, earlier: list[Sample], folder: Path, size: int
) -> list[Sample]:
    """The most informative battles by the results so far, or simply all of them."""
    if size == len(matchups.battles):
        return list(matchups.battles.values())
    judged = judged_battles(matchups, battle_outcomes(folder)) if earlier else []
    points = points_by_question(matchups.names, judged).sum(axis=0)
    used = Counter[PlayerPair](battle.fields["players"] for battle in earlier)
    chosen = []
    for i, j in most_informative(points, remaining_battles(matchups, used), size):
        pair = matchups.names[i], matchups.names[j]
        chosen.append(matchups.by_pair[pair][used[pair]])
        used[pair] += 1
    return chosen


def remaining_battles(matchups: Matchups, used: Counter[PlayerPair]) -> "Array":
    """remaining[i, j]: how many battles of a pair, i before j, are not used yet."""
    import numpy as np

    number = {name: i for i, name in enumerate(matchups.names)}
    remaining = np.zeros((len(number), len(number)), dtype=int)
    for (a, b), battles in matchups.by_pair.items():
        remaining[number[a], number[b]] = len(battles) - used[a, b]
    return remaining
