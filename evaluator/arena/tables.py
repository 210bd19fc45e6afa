"""The leaderboard as tables and lines, for the terminal and as Markdown."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from evaluator.report import markdown as md
from evaluator.report import terminal
from evaluator.report.tables import Cells
from evaluator.results.arena import ArenaReport, HeadToHead, Standing

BOUNDS = {None: "", "min": ">= ", "max": "<= "}


def leaderboard(report: ArenaReport) -> Cells:
    """One row for each player, the best first, one connected group after the other."""
    columns = ["rank", "player", "rating", "95 % interval", "battles", "won", "tied", "lost"]
    rows = [
        [
            str(row.rank or "-"),
            row.name,
            BOUNDS[row.bound] + rating(row.rating),
            interval(report, row),
            *map(str, (row.battles, row.wins, row.ties, row.losses)),
        ]
        for row in ranked(report)
    ]
    return Cells(columns, rows, frozenset({"player"}))


def ranked(report: ArenaReport) -> list[Standing]:
    """The players, the best first, one connected group after the other, unrated ones last."""

    def place(row: Standing) -> tuple[bool, int, float]:
        return row.rating is None, row.island or 0, -(row.rating or 0.0)

    return sorted(report.players, key=place)


def interval(report: ArenaReport, row: Standing) -> str:
    """A player's interval; the baseline has none, because its rating is fixed."""
    if row.ci95 is None or row.name == report.baseline:
        return "-"
    return " - ".join(map(rating, row.ci95))


def rating(points: float | None) -> str:
    """A rating in whole points."""
    return "-" if points is None else f"{points:.0f}"


def matrix(report: ArenaReport) -> Cells:
    """The share of points that each player took from each opponent, and the number of battles.

    The columns are headed by the opponents' places in the leaderboard.
    """
    names = [row.name for row in ranked(report)]
    rows = [
        [f"{n} {name}", *(cell(report.matrix[name].get(other)) for other in names)]
        for n, name in enumerate(names, 1)
    ]
    return Cells(["points against", *map(str, range(1, len(names) + 1))], rows)


def cell(results: HeadToHead | None) -> str:
    return f"{results.points / results.battles:.0%} of {results.battles}" if results else "·"


def notes(report: ArenaReport) -> Iterator[str]:
    """What was judged, how, and what the figures mean."""
    battles, position = report.battles, report.position
    over = ", ".join(f"{count} of {name}" for name, count in report.questions.items())
    yield f"{battles.judged} battles over questions: {over or 'none'}; {rule(report)}"
    yield f"judged by {', '.join(report.judges)}, each battle in both orders"
    yield (
        f"{battles.ties} ties; the two orders disagreed in {battles.disagreements} battles, "
        f"and {battles.identical} were ties without a judge, because both answers are equal"
    )
    if position.first_share is not None:
        yield (
            f"the answer shown first won {position.first_share:.0%} of the decided verdicts "
            f"(p = {position.p_value:.2g} for a judge without position bias)"
        )
    centre = f"{report.baseline} is" if report.baseline else "their mean is"
    yield (
        f"ratings: Bradley-Terry, {centre} 1000, 400 points are odds of 10 to 1; players "
        "whose order these battles do not decide share a rank"
    )


def rule(report: ArenaReport) -> str:
    """How the battles were chosen."""
    chosen = f"all against {report.baseline}" if report.baseline else "all pairs"
    battles = report.battles
    if battles.planned == battles.possible:
        return chosen
    return f"the {battles.planned} most informative of {battles.possible}, {chosen}"


def warnings(report: ArenaReport) -> Iterator[str]:
    """What a reader must know before believing a rating."""
    battles = report.battles
    if report.position.significant:
        yield position_warning(report)
    if report.self_family:
        yield (
            f"{', '.join(report.self_family)}: of the same model family as the judge; judges tend "
            "to prefer their own family"
        )
    if battles.unreadable:
        yield f"{battles.unreadable} battles left out: no readable verdict, even on a second try"
    if battles.repaired:
        yield f"{battles.repaired} battles with a verdict that was readable only on a second try"
    for message, count in report.error_messages.items():
        yield f"{count} x {message}"
    yield from unmatched_warnings(report)
    yield from rating_warnings(report)


def position_warning(report: ArenaReport) -> str:
    """The judge prefers one place."""
    position = report.position
    leans = position.battles_leaning_first, position.battles_leaning_second
    toward = "first" if (position.first_share or 0.0) > 0.5 else "second"
    many, few = leans if toward == "first" else leans[::-1]
    return (
        f"position bias: the judge prefers the answer shown {toward} in {many} battles, and the "
        f"other one in {few}"
    )


def unmatched_warnings(report: ArenaReport) -> Iterator[str]:
    """Questions without a battle."""
    for row in report.players:
        if row.apart:
            yield (
                f"{row.name}: {row.apart} of its questions have no battle, because it or every "
                "opponent has no written answer to them"
            )


def rating_warnings(report: ArenaReport) -> Iterator[str]:
    """Ratings that the battles do not support."""
    rated = [row for row in ranked(report) if row.rating is not None]
    groups: dict[int | None, list[str]] = {}
    for row in rated:
        groups.setdefault(row.island, []).append(row.name)
    if len(groups) > 1:
        separate = " | ".join(", ".join(names) for names in groups.values())
        yield f"no battles connect these groups, so each is rated and ranked separately: {separate}"
    if unrated := [row.name for row in report.players if row.rating is None]:
        yield f"not rated, because no battle was judged: {', '.join(unrated)}"
    for bound, reason in (("min", "lost no point to"), ("max", "took no point from")):
        if names := [row.name for row in rated if row.bound == bound]:
            yield (
                f"{', '.join(names)}: {reason} all others; only a weak prior keeps the rating "
                f"finite, so read it as {BOUNDS[bound].strip()}"
            )


def on_terminal(report: ArenaReport) -> RenderableType:
    """The whole leaderboard."""
    return Group(
        terminal.table(leaderboard(report), f"arena · {report.run}"),
        Text(),
        terminal.table(matrix(report)),
        Text(),
        *(terminal.said(line, "dim") for line in notes(report)),
        *(terminal.said(line, "yellow") for line in warnings(report)),
    )


def in_markdown(report: ArenaReport) -> str:
    """The same for a pull request or a wiki."""
    lines = [*notes(report), *warnings(report)]
    blocks = [
        f"# Arena: {md.inline(report.run)}",
        "\n".join(md.table(leaderboard(report))),
        "\n".join(md.table(matrix(report))),
        "\n".join(f"- {md.inline(line)}" for line in lines),
    ]
    return "\n\n".join(blocks) + "\n"
