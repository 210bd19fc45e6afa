"""`evaluator run arena ... --models a,b`: the models answer first, then their answers meet.

The questions are those of the other benchmarks named, whose runs are runs like any other.
"""

from collections.abc import Sequence

from evaluator.arena.battles import ARENA
from evaluator.arena.matchups import Contest, enter
from evaluator.errors import UsageError
from evaluator.judging.judges import SELF, judging
from evaluator.options.settings import Settings

QUESTIONS = "alignbench"  # whose questions are asked where no other benchmark is named


def answering(chosen: Sequence[Settings]) -> list[Settings]:
    """The runs that the arena needs: the same without the arena itself.

    Raises UsageError where there are not two models, or nobody to judge them.
    """
    if len(chosen) < 2:
        raise UsageError("an arena needs several models: give --models a,b,...")
    if SELF in chosen[0].judge.model:
        raise UsageError("--judge-model self: an arena has several models; name the one to ask")
    judging(chosen[0], ARENA)
    names = [name for name in chosen[0].benchmarks if name != ARENA.name] or [QUESTIONS]
    return [settings.model_copy(update={"benchmarks": names}) for settings in chosen]


def meet(runs: Sequence[Settings]) -> tuple[Contest, Settings]:
    """The contest between runs that have ended, and the settings of an arena beside the first.

    Raises UsageError where they share no question.
    """
    first = runs[0]
    settings = Settings(
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
    return enter([each.out for each in runs]), settings
