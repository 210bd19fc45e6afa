"""The leaderboard as tables and lines, for the terminal and as Markdown."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from evaluator.locale import N_, joined, labels
from evaluator.report import markdown as md
from evaluator.report import terminal
from evaluator.report.tables import Cells
from evaluator.results.arena import ArenaReport, HeadToHead, Standing

LONGEST = 24  # characters of a name in a matrix on a terminal
MANY = 6  # players from which on the matrix has room for shares alone
BOUNDS = {None: "", "min": ">= ", "max": "<= "}


def leaderboard(report: ArenaReport) -> Cells:
    """One row for each player, the best first, one connected group after the other."""
    columns = labels("rank", "player", "rating", "95 % interval", "battles", "won", "tied", "lost")
    rows = [
        [
            str(row.rank or "-"),
            row.name,
            BOUNDS[row.bound] + rating(row.rating),
            interval(report, row),
            *(f"{n:,}" for n in (row.battles, row.wins, row.ties, row.losses)),
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


def short(names: Sequence[str], longest: int) -> dict[str, str]:
    """Each name, a long one without its middle: its end tells the size and the version."""
    head = longest // 3
    made = {
        name: name if len(name) <= longest else f"{name[:head]}…{name[head + 1 - longest :]}"
        for name in names
    }
    return made if len(set(made.values())) == len(made) else {name: name for name in names}


def matrix(report: ArenaReport, longest: int = 200) -> Cells:
    """The share of points that each player took from each opponent, and the number of battles.

    The columns are headed by the opponents' places in the leaderboard.
    """
    names = [row.name for row in ranked(report)]
    shown, counted = short(names, longest), len(names) <= MANY
    rows = [
        [f"{n} {shown[name]}", *(cell(report.matrix[name].get(other), counted) for other in names)]
        for n, name in enumerate(names, 1)
    ]
    return Cells([N_("points against"), *map(str, range(1, len(names) + 1))], rows)


def cell(results: HeadToHead | None, counted: bool) -> str:
    if not results:
        return "·"
    share, n = results.points / results.battles, results.battles
    return N_("{share:.0%} of {n}", share=share, n=n) if counted else f"{share:.0%}"


def notes(report: ArenaReport) -> Iterator[str]:
    """What was judged, how, and what the figures mean."""
    battles, position = report.battles, report.position
    asked = report.questions.items()
    over = joined(", ", (N_("{n} of {name}", n=count, name=name) for name, count in asked))
    judges = N_("judged by {names}, each battle in both orders", names=", ".join(report.judges))
    if not battles.judged:
        yield from (N_("no battle of {n:,} planned has a result", n=battles.planned), judges)
        return
    yield N_(
        "{judged:,} {judged:battle|battles} over questions: {questions}; {rule}",
        judged=battles.judged,
        questions=over,
        rule=rule(report),
    )
    yield judges
    yield N_(
        "{ties:,} {ties:tie|ties}; the two orders disagreed in {n:,} {n:battle|battles}",
        ties=battles.ties,
        n=battles.disagreements,
    )
    if battles.identical:
        yield N_(
            "{n:,} {n:tie|ties} without a judge, because both answers are equal",
            n=battles.identical,
        )
    if position.first_share is not None:
        yield N_(
            "the answer shown first won {first_share:.0%} of the decided verdicts (p = "
            "{p_value:.2g} for a judge without position bias)",
            first_share=position.first_share,
            p_value=position.p_value,
        )
    centre = N_("{name} is", name=report.baseline) if report.baseline else N_("their mean is")
    yield N_(
        "ratings: Bradley-Terry, {centre} 1000, 400 points are odds of 10 to 1; "
        "players whose order these battles do not decide share a rank",
        centre=centre,
    )


def rule(report: ArenaReport) -> str:
    """How the battles were chosen."""
    against = report.baseline
    chosen = N_("all against {name}", name=against) if against else N_("all pairs")
    battles = report.battles
    if battles.planned == battles.possible:
        return chosen
    return N_(
        "the {planned:,} most informative of {possible:,}, {chosen}",
        planned=battles.planned,
        possible=battles.possible,
        chosen=chosen,
    )


def warnings(report: ArenaReport) -> Iterator[str]:
    """What a reader must know before believing a rating."""
    battles = report.battles
    if battles.unreadable:
        yield N_(
            "{unreadable:,} of {n:,} {n:battle|battles} left out: no readable verdict, even on a "
            "second try; another judge, or --judge-param max_tokens=N with more of them, may help",
            unreadable=battles.unreadable,
            n=battles.planned,
        )
    if report.position.significant:
        yield position_warning(report)
    if report.self_family:
        every = len(report.self_family) == len(report.players)
        yield N_(
            "{names}: of the same model family as the judge; judges tend to prefer their "
            "own family",
            names=N_("all players") if every else ", ".join(report.self_family),
        )
    if battles.repaired:
        yield N_(
            "{repaired:,} {repaired:battle|battles} with a verdict that was readable only on a "
            "second try",
            repaired=battles.repaired,
        )
    for message, count in report.error_messages.items():
        yield N_("{count} x {message}", count=count, message=message)
    yield from unmatched_warnings(report)
    yield from rating_warnings(report)


def position_warning(report: ArenaReport) -> str:
    """The judge prefers one place."""
    position = report.position
    leans = position.battles_leaning_first, position.battles_leaning_second
    toward = "first" if (position.first_share or 0.0) > 0.5 else "second"
    many, few = leans if toward == "first" else leans[::-1]
    return N_(
        "position bias: the judge prefers the answer shown {toward} in {many} battles, "
        "and the other one in {few}",
        toward=N_("first") if toward == "first" else N_("second"),
        many=many,
        few=few,
    )


def unmatched_warnings(report: ArenaReport) -> Iterator[str]:
    """Questions without a battle."""
    for row in report.players:
        if row.apart:
            yield N_(
                "{name}: {apart} of its questions {apart:has|have} no battle, because it or every "
                "opponent has no written answer to {apart:it|them}",
                name=row.name,
                apart=row.apart,
            )


def rating_warnings(report: ArenaReport) -> Iterator[str]:
    """Ratings that the battles do not support."""
    rated = [row for row in ranked(report) if row.rating is not None]
    groups: dict[int | None, list[str]] = {}
    for row in rated:
        groups.setdefault(row.island, []).append(row.name)
    if len(groups) > 1:
        separate = " | ".join(", ".join(names) for names in groups.values())
        yield N_(
            "no battles connect these groups, so each is rated and ranked separately: {separate}",
            separate=separate,
        )
    if unrated := [row.name for row in report.players if row.rating is None]:
        yield N_("not rated, because no battle was judged: {names}", names=", ".join(unrated))
    for bound, reason in (("min", N_("lost no point to")), ("max", N_("took no point from"))):
        if names := [row.name for row in rated if row.bound == bound]:
            yield N_(
                "{names}: {reason} all others; only a weak prior keeps the rating finite, so "
                "read it as {bound}",
                names=", ".join(names),
                reason=reason,
                bound=BOUNDS[bound].strip(),
            )


def on_terminal(report: ArenaReport) -> RenderableType:
    """The whole leaderboard."""
    return Group(
        terminal.table(leaderboard(report), f"arena · {report.run}"),
        Text(),
        terminal.table(matrix(report, LONGEST)),
        Text(),
        *(terminal.plain_text(line, "dim") for line in notes(report)),
        *(terminal.plain_text(line, "yellow") for line in warnings(report)),
    )


def in_markdown(report: ArenaReport) -> str:
    """The same for a pull request or a wiki."""
    lines = [*notes(report), *warnings(report)]
    blocks = [
        f"# {md.inline(N_('Arena: {name}', name=report.run))}",
        "\n".join(md.table(leaderboard(report))),
        "\n".join(md.table(matrix(report))),
        "\n".join(f"- {md.inline(line)}" for line in lines),
    ]
    return "\n\n".join(blocks) + "\n"
