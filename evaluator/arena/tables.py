"""The leaderboard in words and cells, laid out for the terminal and as Markdown."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from evaluator.report import markdown as md
from evaluator.report import terminal
from evaluator.report.tables import Cells

BOUNDS = {None: "", "min": ">= ", "max": "<= "}
Board = dict[str, Any]  # arena.json


def leaderboard(board: Board) -> Cells:
    """One row a player, the best first, island by island."""
    columns = ["rank", "player", "rating", "95 % interval", "battles", "won", "tied", "lost"]
    rows = [
        [
            str(row["rank"] or "-"),
            row["name"],
            BOUNDS[row["bound"]] + rating(row["rating"]),
            interval(board, row),
            *(str(row[key]) for key in ("battles", "wins", "ties", "losses")),
        ]
        for row in standings(board)
    ]
    return Cells(columns, rows, frozenset({"player"}))


def standings(board: Board) -> list[Mapping[str, Any]]:
    """The players, the best first, island by island, unrated ones last."""

    def place(row: Mapping[str, Any]) -> tuple[bool, int, float]:
        return row["rating"] is None, row["island"] or 0, -(row["rating"] or 0.0)

    return sorted(board["players"], key=place)


def interval(board: Board, row: Mapping[str, Any]) -> str:
    """A player's interval; the baseline, which the others are set against, has none."""
    if row["ci95"] is None or row["name"] == board["baseline"]:
        return "-"
    return " - ".join(map(rating, row["ci95"]))


def rating(points: float | None) -> str:
    """A rating in whole points."""
    return "-" if points is None else f"{points:.0f}"


def matrix(board: Board) -> Cells:
    """The share of points that the row's player took from the column's, and of how many battles.

    A column is headed by its player's place in the leaderboard.
    """
    names = [row["name"] for row in standings(board)]
    rows = [
        [f"{n} {name}", *(cell(board["matrix"][name].get(other)) for other in names)]
        for n, name in enumerate(names, 1)
    ]
    return Cells(["points against", *map(str, range(1, len(names) + 1))], rows)


def cell(row: Mapping[str, float] | None) -> str:
    return f"{row['points'] / row['battles']:.0%} of {row['battles']}" if row else "·"


def notes(board: Board) -> Iterator[str]:
    """What was fought, how, and what the figures mean."""
    battles, place = board["battles"], board["position"]
    over = ", ".join(f"{count} of {name}" for name, count in board["questions"].items())
    yield f"{battles['judged']} battles over questions: {over or 'none'}; {rule(board)}"
    yield f"judged by {', '.join(board['judges'])}, each battle in both orders"
    yield (
        f"{battles['ties']} ties; the two orders disagreed in {battles['disagreements']} battles, "
        f"and {battles['identical']} were not judged because the answers are the same"
    )
    if place["first_share"] is not None:
        yield (
            f"the answer shown first won {place['first_share']:.0%} of the decided verdicts "
            f"(p = {place['p_value']:.2g} for a judge without a lean)"
        )
    centre = f"{board['baseline']} is" if board["baseline"] else "their mean is"
    yield (
        f"ratings: Bradley-Terry, {centre} 1000, 400 points are odds of 10 to 1; ranks are shared "
        "by players that these battles cannot tell apart"
    )


def rule(board: Board) -> str:
    """By what rule the battles were chosen."""
    chosen = f"all against {board['baseline']}" if board["baseline"] else "all pairs"
    battles = board["battles"]
    if battles["planned"] == battles["possible"]:
        return chosen
    return f"the most telling {battles['planned']} of {battles['possible']}, {chosen}"


def warnings(board: Board) -> Iterator[str]:
    """What a reader must know before believing a rating."""
    battles, place = board["battles"], board["position"]
    if place["significant"]:
        toward = "first" if place["first_share"] > 0.5 else "second"
        yield (
            f"position bias: the judge leans to the answer shown {toward} in "
            f"{place[f'battles_leaning_{toward}']} battles, and to the other in "
            f"{min(place['battles_leaning_first'], place['battles_leaning_second'])}; "
            f"disagreement of the orders made {battles['disagreements']} ties"
        )
    if board["self_family"]:
        yield (
            f"{', '.join(board['self_family'])}: of the judge's own family; judges tend to "
            "prefer their kin"
        )
    if battles["unreadable"]:
        yield f"{battles['unreadable']} battles left out: no verdict to read, even when asked again"
    if battles["repaired"]:
        yield f"{battles['repaired']} battles have a verdict that was read when asked for again"
    for message, count in board["error_messages"].items():
        yield f"{count} x {message}"
    yield from doubts(board)


def doubts(board: Board) -> Iterator[str]:
    """Where the battles do not carry the ratings."""
    for row in board["players"]:
        if row["apart"]:
            yield (
                f"{row['name']}: {row['apart']} of its questions were not battled over, because it "
                "or every opponent has no written answer to them"
            )
    rated = [row for row in standings(board) if row["rating"] is not None]
    islands: dict[int, list[str]] = {}
    for row in rated:
        islands.setdefault(row["island"], []).append(row["name"])
    if len(islands) > 1:
        apart = " | ".join(", ".join(names) for names in islands.values())
        yield (
            f"these never met, even by way of others: {apart}; each of these groups is rated and "
            "ranked for itself"
        )
    if unrated := [row["name"] for row in board["players"] if row["rating"] is None]:
        yield f"no judged battle, so no rating: {', '.join(unrated)}"
    for bound, took in (("min", "lost no point"), ("max", "took no point")):
        if names := [row["name"] for row in rated if row["bound"] == bound]:
            yield (
                f"{', '.join(names)}: {took} against all others; a weak prior holds the rating "
                f"finite, read it as {BOUNDS[bound]}"
            )


def on_terminal(board: Board) -> RenderableType:
    """The whole leaderboard."""
    title = f"arena · {board['run']}"
    return Group(
        terminal.table(leaderboard(board), title),
        Text(),
        terminal.table(matrix(board)),
        Text(),
        *(terminal.plain_text(line, "dim") for line in notes(board)),
        *(terminal.plain_text(line, "yellow") for line in warnings(board)),
    )


def in_markdown(board: Board) -> str:
    """The same for a pull request or a wiki."""
    lines = [*notes(board), *warnings(board)]
    blocks = [
        f"# Arena: {md.inline(board['run'])}",
        "\n".join(md.table(leaderboard(board))),
        "\n".join(md.table(matrix(board))),
        "\n".join(f"- {md.inline(line)}" for line in lines),
    ]
    return "\n\n".join(blocks) + "\n"
