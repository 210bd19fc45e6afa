"""AlignBench's totals: macro means over categories, strict and as the original code counts.

中文推理 is the mean of two categories' means, 中文语言 that of the six others, 总分 the mean of the
two; without all their categories they have no value.  An unreadable verdict is left out of the
strict figures; in the official ones it counts as -1.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from evaluator.benchmarks.alignbench_protocol import LANGUAGE, REASONING
from evaluator.stats import figure
from evaluator.types import MEASURED, SHARE, Outcomes, Totals

UNREAD = -1.0
COUNTS = ("repaired", "cut_off")  # dimensions that are told elsewhere
SHARES = ("in_chinese", "judges_agree")
PARTS = {
    "中文推理": dict.fromkeys(REASONING, 1 / 2),
    "中文语言": dict.fromkeys(LANGUAGE, 1 / 6),
    "总分": dict.fromkeys(REASONING, 1 / 4) | dict.fromkeys(LANGUAGE, 1 / 12),
}


def category(outcome: Mapping[str, Any]) -> str:
    """The category of an outcome, of its group category/subcategory."""
    name: str = outcome["group"]
    return name.partition("/")[0]


def summarize(outcomes: Outcomes) -> Totals:
    """The totals, strict and official, and a figure for each dimension."""
    measured = [(category(o), o["value"]) for o in outcomes if o["status"] in MEASURED]
    unread = [(category(o), UNREAD) for o in outcomes if o["status"] == "judge_unparsed"]
    strict = {name: total(measured, weights) for name, weights in PARTS.items()}
    official = {
        f"{name} official": total([*measured, *unread], weights) for name, weights in PARTS.items()
    }
    return {**strict, **official, **dimensions(outcomes)}


def total(values: Iterable[tuple[str, float]], weights: Mapping[str, float]) -> dict[str, Any]:
    """The weighted mean of category means, its interval stratified by category."""
    groups: dict[str, list[float]] = {name: [] for name in weights}
    for name, value in values:
        if name in groups:
            groups[name].append(value)
    found = figure(groups.values(), list(weights.values()))
    return found if all(groups.values()) else {**found, "value": None, "ci95": None}


def dimensions(outcomes: Outcomes) -> dict[str, Any]:
    """The mean of each dimension over the questions judged by it, then the shares."""
    values: dict[str, list[float]] = {}
    shares: dict[str, list[float]] = {}
    for outcome in outcomes:
        for name, value in outcome["dimensions"].items() if outcome["status"] in MEASURED else ():
            if name not in COUNTS:
                (shares if name in SHARES else values).setdefault(name, []).append(value)
            if name == "in_chinese":
                shares.setdefault(f"{name} {category(outcome)}", []).append(value)
    ratings = {name: figure([of]) for name, of in values.items()}
    return ratings | {name: {**figure([of]), "scale": SHARE} for name, of in shares.items()}
