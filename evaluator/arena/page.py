"""An arena as a page for a browser: arena.html."""

from collections.abc import Iterator

from evaluator.arena import charts
from evaluator.arena.tables import BOUNDS, leaderboard, matrix, notes, ranked, rating, warnings
from evaluator.locale import N_
from evaluator.pages.render import ENGLISH, Card, Fill
from evaluator.results.arena import ArenaReport


def arena_page(report: ArenaReport, fill: Fill = ENGLISH) -> str:
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
    first, *others = ranked(report)
    led = BOUNDS[first.bound] + rating(first.rating)
    players = N_("of {n} players", n=len(report.players))
    beside = [row for row in others if row.rank and (row.rank, row.island) == (1, first.island)]
    shared = N_("first place, shared: {name} and {n} more", name=first.name, n=len(beside))
    best = N_("highest rating: {name}", name=first.name) if first.rank else N_("nobody is rated")
    yield Card(shared if beside else best, led, players)
    counts = report.battles
    left = counts.unreadable + counts.errors
    judged = N_(
        "of {planned:,} planned; {ties:,} {ties:tie|ties}", planned=counts.planned, ties=counts.ties
    )
    if left:
        judged = N_("of {planned:,} planned; {n:,} left out", planned=counts.planned, n=left)
    done = N_("{n:battle|battles} judged", n=counts.judged)
    yield Card(done, f"{counts.judged:,}", judged)
    agreed = counts.judged - counts.disagreements
    share = f"{agreed / counts.judged:.0%}" if counts.judged else "-"
    yield Card(N_("both orders agreed"), share, N_("of the judged battles"))
