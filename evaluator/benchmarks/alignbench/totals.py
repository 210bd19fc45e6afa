"""AlignBench's totals: means of categories' means, so every category weighs the same.

By the paper (https://arxiv.org/abs/2311.18743) and its code: 中文推理 is the mean of two
categories' means, 中文语言 that of the six others, 总分 the mean of both.
"""

from collections.abc import Iterable, Mapping, Sequence

from evaluator.judging.dimensions import RATING
from evaluator.results.figures import Figure
from evaluator.results.outcomes import OutcomeRecord
from evaluator.statistics.intervals import figure
from evaluator.types import MEASURED, Outcomes, Scale, Totals

REASONING = ("数学计算", "逻辑推理")
LANGUAGE = ("基本任务", "中文理解", "综合问答", "文本写作", "角色扮演", "专业能力")
WEIGHTS: Mapping[str, Mapping[str, float]] = {  # of the categories in each total
    "中文推理": dict.fromkeys(REASONING, 1 / 2),
    "中文语言": dict.fromkeys(LANGUAGE, 1 / 6),
    "总分": dict.fromkeys(REASONING, 1 / 4) | dict.fromkeys(LANGUAGE, 1 / 12),
}
UNREAD = -1.0  # what the original code counts for a verdict that it cannot read
OFFICIAL = (UNREAD, RATING[1])


def group(category: str, subcategory: str) -> str:
    """A sample's group. A subcategory alone is not one: 翻译 or 其他写作类 stand in several."""
    return f"{category}/{subcategory}"


def category(group: str) -> str:
    """The category of a group."""
    return group.partition("/")[0]


def summarize(outcomes: Outcomes) -> Totals:
    """The three totals, each also as the original code counts them.

    Strict leaves out what has no readable verdict; `official` counts it as -1, and then shows the
    categories that it changes as well. Failed samples are in neither.
    """
    strict = by_category(outcomes, unread=None)
    official = by_category(outcomes, unread=UNREAD)
    changed = [
        name for name in WEIGHTS["总分"] if len(official.get(name, ())) > len(strict.get(name, ()))
    ]
    return {
        **totals(strict, RATING),
        **{f"{name} (official)": of for name, of in totals(official, OFFICIAL).items()},
        **{f"{name} (official)": figure([official[name]], scale=OFFICIAL) for name in changed},
    }


def totals(categories: Mapping[str, Sequence[float]], scale: Scale) -> Totals:
    """Each total over the categories' ratings; without a value where one of them has none."""
    made: dict[str, Figure] = {}
    for name, weights in WEIGHTS.items():
        parts = [categories.get(part, ()) for part in weights]
        made[name] = (
            figure(parts, list(weights.values()), scale)
            if all(map(len, parts))
            else Figure(value=None, ci95=None, samples=sum(map(len, parts)))
        )
    return made


def by_category(outcomes: Iterable[OutcomeRecord], unread: float | None) -> dict[str, list[float]]:
    """The overall ratings of each category; `unread` stands for verdicts that were not readable."""
    ratings: dict[str, list[float]] = {}
    for outcome in outcomes:
        value = outcome.value if outcome.status in MEASURED else None
        if outcome.status == "judge_unparsed":
            value = unread
        if value is not None:
            ratings.setdefault(category(outcome.group), []).append(value)
    return ratings
