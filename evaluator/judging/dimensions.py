"""Figures of a judged benchmark besides its totals: the mean of each dimension."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from evaluator.results.names import (
    CUT_OFF,
    IN_CHINESE,
    IN_FORMAT,
    JUDGES_AGREE,
    JUDGES_APART,
    MAJORITY_AT,
    PASS_AT,
    REFUSED,
    REPAIRED,
    STRICT,
    TURNS,
    TURNS_SCALE,
    UNREAD,
)
from evaluator.statistics.intervals import figure
from evaluator.types import MEASURED, SHARE, Outcomes, Scale, Totals

OVERALL = "综合得分"  # the rating over all dimensions
ALONE = "rating"  # the only rating, in the JSON that a repair asks for
ELSEWHERE = (REPAIRED, CUT_OFF, UNREAD)  # dimensions that are told in other words
RATING = (1.0, 10.0)  # the scale of a judge's ratings
SHARES = (IN_CHINESE, JUDGES_AGREE)
ALWAYS_SHARES = (*SHARES, *ELSEWHERE, REFUSED, STRICT, IN_FORMAT)


def scale_of(name: str, values: Sequence[float], scale: Scale) -> Scale | None:
    """The scale of a dimension: shares, the benchmark's own, or None where it is on neither.

    A dimension whose name does not tell is on the benchmark's own scale where its values are.
    """
    low, high = min(values, default=0.0), max(values, default=0.0)
    if name == JUDGES_APART:
        return 0.0, scale[1] - scale[0]
    if name == TURNS:
        return TURNS_SCALE
    known = name in ALWAYS_SHARES or name.startswith((PASS_AT, MAJORITY_AT))
    for ends in (SHARE,) if known else (scale, SHARE):
        if ends[0] <= low and high <= ends[1]:
            return ends
    return None


def dimensions(outcomes: Outcomes, category: Callable[[str], str]) -> Totals:
    """The mean of each dimension over the samples judged by it; `in_chinese` by category too."""
    ratings: dict[str, list[float]] = {}
    shares: dict[str, list[float]] = {}
    for outcome in outcomes:
        for name, value in outcome.dimensions.items() if outcome.status in MEASURED else ():
            if name not in ELSEWHERE:
                (shares if name in SHARES else ratings).setdefault(name, []).append(value)
            if name == IN_CHINESE:
                shares.setdefault(f"{name} {category(outcome.group)}", []).append(value)
    rated = {name: figure([of], scale=scale_of(name, of, RATING)) for name, of in ratings.items()}
    shared = {name: figure([of], scale=SHARE) for name, of in shares.items()}
    return rated | {name: replace(of, scale=SHARE) for name, of in shared.items()}
