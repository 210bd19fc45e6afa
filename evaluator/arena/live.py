"""`evaluator run arena ... --models a,b`: the models answer first, then their answers meet.

The questions are those of the other benchmarks named; their runs are runs like any other.
"""

from collections.abc import Sequence

from evaluator.arena.battles import ARENA
from evaluator.arena.matchups import Matchups, plan_matchups
from evaluator.errors import UsageError
from evaluator.judging.judges import SELF, judging
from evaluator.locale import N_
from evaluator.options.settings import Settings

DEFAULT_BENCHMARK = "alignbench"  # whose questions are asked where the user names no other


def answer_settings(chosen: Sequence[Settings]) -> list[Settings]:
    """The settings of the runs that give the answers: the same without the arena itself.

    Raises UsageError where there are not two models, or nobody to judge them.
    """
    if len(chosen) < 2:
        raise UsageError(N_("an arena needs several models: give --models a,b,..."))
    if SELF in chosen[0].judge.model:
        raise UsageError(N_("--judge-model self: an arena has several models; name the one to ask"))
    judging(chosen[0], ARENA)
    names = [name for name in chosen[0].benchmarks if name != ARENA.name] or [DEFAULT_BENCHMARK]
    return [settings.model_copy(update={"benchmarks": names}) for settings in chosen]


def live_matchups(runs: Sequence[Settings]) -> tuple[Matchups, Settings]:
    """The match-ups of runs that have ended, and the settings of the arena that judges them.

    Raises UsageError where they share no question.
    """
    return plan_matchups([each.out for each in runs]), arena_settings(runs[0])


def arena_settings(first: Settings) -> Settings:
    """The settings of the arena beside the first run: its judges, and how they are asked."""
    return Settings(
        benchmarks=[ARENA.name],
        model=ARENA.name,
        out=first.out.parent / ARENA.name,
        concurrency=first.judge.concurrency,
        transport=first.transport,
        timeout=first.timeout,
        retries=first.retries,
        progress=first.progress,
        max_errors=first.max_errors,
        replay=first.replay,
        judge=first.judge,
    )
