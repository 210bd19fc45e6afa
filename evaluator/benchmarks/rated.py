"""Figures of a judged benchmark besides its totals: a mean for each dimension, shares apart."""

from collections.abc import Callable
from typing import Any

from evaluator.stats import figure
from evaluator.types import MEASURED, SHARE, Outcomes

ELSEWHERE = ("repaired", "cut_off")  # dimensions that are told in other words
RATING = (1.0, 10.0)  # the scale of a judge's ratings
SHARES = ("in_chinese", "judges_agree")


def dimensions(outcomes: Outcomes, category: Callable[[str], str]) -> dict[str, Any]:
    """The mean of each dimension over the samples judged by it; `in_chinese` by category too."""
    ratings: dict[str, list[float]] = {}
    shares: dict[str, list[float]] = {}
    for outcome in outcomes:
        for name, value in outcome["dimensions"].items() if outcome["status"] in MEASURED else ():
            if name not in ELSEWHERE:
                (shares if name in SHARES else ratings).setdefault(name, []).append(value)
            if name == "in_chinese":
                shares.setdefault(f"{name} {category(outcome['group'])}", []).append(value)
    return {name: figure([of], scale=RATING) for name, of in ratings.items()} | {
        name: {**figure([of], scale=SHARE), "scale": SHARE} for name, of in shares.items()
    }
