"""An arena as a page for a browser: arena.html."""

from collections.abc import Iterator

from evaluator.arena import charts
from evaluator.arena.tables import BOUNDS, leaderboard, matrix, notes, ranked, rating, warnings
from evaluator.pages.render import Card, Fill, page
from evaluator.results.arena import ArenaReport


def arena_page(report: ArenaReport, fill: Fill = page) -> str:
    """The page as HTML; `fill` fills its template."""
    return fill(
        "arena.html",
        {"ratings": charts.ratings(report), "wins": charts.wins(report)},
        report=report,
        battles="report.html",
        cards=list(cards(report)),
        warnings=list(warnings(report)),
        leaderboard=leaderboard(report),
        matrix=matrix(report),
        notes=list(notes(report)),
    )


def cards(report: ArenaReport) -> Iterator[Card]:
    """Who leads, and over how many battles."""
    first = ranked(report)[0]
    led = BOUNDS[first.bound] + rating(first.rating)
    yield Card(f"highest rating: {first.name}", led, f"of {len(report.players)} players")
    counts = report.battles
    judged = f"of {counts.planned:,} planned, {counts.ties:,} of them ties"
    yield Card("battles judged", f"{counts.judged:,}", judged)
    agreed = counts.judged - counts.disagreements
    share = f"{agreed / counts.judged:.0%}" if counts.judged else "-"
    yield Card("both orders agreed", share, "of the judged battles")
