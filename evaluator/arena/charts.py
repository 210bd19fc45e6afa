"""The charts of an arena."""

from evaluator.arena.tables import BOUNDS, interval, ranked, rating, short
from evaluator.locale import N_
from evaluator.pages.charts import Chart, forest, heat_map, tips
from evaluator.results.arena import ArenaReport

LONGEST, LONGEST_TURNED = 36, 20  # characters of a name
AVERAGE = 1000  # the rating of the mean player, or of the baseline


def ratings(report: ArenaReport) -> Chart | None:
    """The ratings with their intervals, the best first; None where nobody is rated."""
    names = short([row.name for row in report.players], LONGEST)
    rows = [
        {"name": names[row.name], "value": row.rating, "rank": str(row.rank or "-")}
        | {"low": (row.ci95 or (row.rating,))[0], "high": (row.ci95 or (row.rating,))[-1]}
        | {"rating": BOUNDS[row.bound] + rating(row.rating), "interval": interval(report, row)}
        | {"battles": row.battles}
        for row in ranked(report)
        if row.rating is not None
    ]
    x = {"field": "value", "title": N_("rating in Elo points"), "scale": {"zero": False}}
    x["axis"] = {"format": "d", "tickCount": 6}
    tooltip = tips("rank", "name", "rating", "interval", "battles")
    return forest(rows, x, {"value": "#3f7cac"}, tooltip, AVERAGE) if rows else None


def wins(report: ArenaReport) -> Chart | None:
    """The share of points that each player took from each opponent; None without a battle."""
    names = [row.name for row in ranked(report) if row.rating is not None]
    shown = short(names, LONGEST_TURNED)
    rows = [
        {"row": shown[name], "column": shown.get(other, other), "share": met.points / met.battles}
        | {"won": met.wins, "tied": met.ties, "lost": met.losses}
        for name in names
        for other, met in report.matrix.get(name, {}).items()
    ]
    tooltip = tips("row", "column", "won", "tied", "lost")
    return heat_map(rows, list(shown.values()), tooltip) if rows else None
