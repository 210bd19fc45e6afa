"""Combines the repeats of a sample into one outcome, so that the sample stays the unit.

An interval over samples is then right, however alike the repeats of a sample are.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import comb

from evaluator.results.names import MAJORITY_AT, PASS_AT, STRICT, UNREAD
from evaluator.types import Outcome, Score, Status

WORST_FIRST: Sequence[Status] = ("error", "judge_unparsed", "scored", "truncated", "unparsed")


def combined(repeats: Sequence[Outcome]) -> Outcome:
    """The outcome of a sample from those of its repeats.

    A sample with a repeat that was not measured was not measured: the same command again asks for
    that one only. It is unread only when every repeat is; `states` counts them all, and the share
    unread is a dimension.
    """
    status = min((outcome.status for outcome in repeats), key=WORST_FIRST.index)
    scores = [outcome.score for outcome in repeats if outcome.score]
    failed = [outcome.error for outcome in repeats if outcome.error]
    return replace(
        repeats[0],
        status=status,
        score=mean_score(scores) if len(scores) == len(repeats) else None,
        error=f"{len(failed)} of {len(repeats)} repeats failed: {failed[-1]}" if failed else "",
        response_keys=[key for outcome in repeats for key in outcome.response_keys],
        states=Counter(outcome.status for outcome in repeats),
        requests=[request for outcome in repeats for request in outcome.requests],
        responses={key: said for each in repeats for key, said in each.responses.items()},
        leaked=sum(outcome.leaked for outcome in repeats),
        ran_on=sum(outcome.ran_on for outcome in repeats),
        fitted=sum(outcome.fitted for outcome in repeats),
    )


def mean_score(scores: Sequence[Score]) -> Score:
    """The mean of everything; the answer given most often; and what further repeats would bring.

    A dimension is the mean of the repeats that have it: an empty answer that nobody judged has no
    ratings, and is none of 0.
    """
    n = len(scores)
    answers = Counter(score.answer for score in scores if score.answer is not None)
    found: dict[str, list[float]] = {}
    for score in scores:
        for name, value in score.dimensions.items():
            found.setdefault(name, []).append(value)
    means = {name: sum(values) / len(values) for name, values in found.items()}
    return Score(
        sum(score.value for score in scores) / n,
        answers.most_common(1)[0][0] if answers else None,
        note=next((score.note for score in scores if score.note), ""),
        dimensions={**means, UNREAD: 1 - answers.total() / n, **dict(of_repeats(scores))},
        repeats={name: len(values) for name, values in found.items() if len(values) < n},
    )


def of_repeats(scores: Sequence[Score]) -> Iterator[tuple[str, float]]:
    """pass@k for k = 2, 4, 8 ... and all of them; majority@k of all, where there is one answer.

    Only for values that are right or wrong.  The mean is pass@1.
    """
    n = len(scores)
    if any(score.value not in (0.0, 1.0) for score in scores):
        return
    right = sum(score.value == 1.0 for score in scores)
    for k in sorted({2**i for i in range(1, n.bit_length()) if 2**i <= n} | {n}):
        yield f"{PASS_AT}{k}", pass_at(k, right, n)
    if all(STRICT in score.dimensions for score in scores):
        yield f"{MAJORITY_AT}{n}", majority(scores)


def pass_at(k: int, right: int, n: int) -> float:
    """The chance that at least one of k repeats is right, unbiased from n (Chen et al. 2021)."""
    return 1 - comb(n - right, k) / comb(n, k)


def majority(scores: Sequence[Score]) -> float:
    """Whether the answer given most often is right; a tie counts as its share of right ones.

    Right answers are one answer, however they are spelt; a reply without one has no vote.
    """
    votes = Counter("right" if s.value else f"wrong: {s.answer}" for s in scores if s.answer)
    most = max(votes.values(), default=0)
    return (votes["right"] == most) / list(votes.values()).count(most) if most else 0.0
