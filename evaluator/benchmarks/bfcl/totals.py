"""BFCL's categories, and the means that its leaderboard shows of them."""

from collections.abc import Sequence

from evaluator.results.figures import Figure
from evaluator.results.names import SHARE
from evaluator.statistics.intervals import figure, macro
from evaluator.types import MEASURED, Outcomes, Totals

NON_LIVE = "simple_python", "multiple", "parallel", "parallel_multiple"
LIVE = "live_simple", "live_multiple", "live_parallel", "live_parallel_multiple"
NEEDLESS = "irrelevance", "live_irrelevance"  # no function fits: a call is wrong
RELEVANT = ("live_relevance",)  # a function fits: any call of one is right
EXPECTING_CALLS = (*NON_LIVE, *LIVE)
GROUPS = (*NON_LIVE, "irrelevance", *LIVE, "live_irrelevance", *RELEVANT)


def summarize(outcomes: Outcomes) -> Totals:
    """The means of the leaderboard; overall is that of the three, where each has samples.

    Non-live and irrelevance are means of their categories' means; live counts every question the
    same, as the categories of users' questions differ much in size.
    """
    values = {name: _values(outcomes, name) for name in GROUPS}
    non_live, needless = ([values[name] for name in names] for names in (NON_LIVE, NEEDLESS))
    live = [value for name in LIVE for value in values[name]]
    means = {
        "non-live": macro(non_live, SHARE),
        "live": figure([live], scale=SHARE),
        "irrelevance": macro(needless, SHARE),
    }
    if all(each.samples for each in means.values()):
        means["overall"] = _overall(non_live, live, needless)
    return means


def _overall(
    non_live: Sequence[Sequence[float]], live: Sequence[float], needless: Sequence[Sequence[float]]
) -> Figure:
    """The mean of the three means."""
    parts = [[each for each in part if each] for part in (non_live, [live], needless)]
    weights = [1 / len(part) for part in parts for _ in part]
    return figure([values for part in parts for values in part], weights, SHARE)


def _values(outcomes: Outcomes, group: str) -> list[float]:
    return [
        outcome.score
        for outcome in outcomes
        if outcome.group == group and outcome.status in MEASURED
    ]
