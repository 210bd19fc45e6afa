"""The report as Markdown, for a pull request or a wiki; and how words from outside stand in any."""

import re
from collections.abc import Iterator

from evaluator.locale import N_, said
from evaluator.report import tables
from evaluator.report.escaping import harmless
from evaluator.report.notes import notes
from evaluator.report.values import at_minute
from evaluator.report.warnings import alarms, warnings
from evaluator.results.report import RunReport


def markdown(report: RunReport) -> str:
    """The whole report."""
    blocks = [
        f"# {inline(report.model)}",
        inline(
            N_("Run {name}, started {time}.", name=report.run, time=at_minute(report.started_at))
        ),
        "\n".join(table(tables.benchmarks(report))),
    ]
    for further in (tables.totals(report), tables.categories(report)):
        if further.rows:
            blocks.append("\n".join(table(further)))
    lines = [*(f"**{line}**" for line in alarms(report)), *notes(report), *warnings(report)]
    blocks.append("\n".join(f"- {inline(line)}" for line in lines))
    return "\n\n".join(blocks) + "\n"


def table(cells: tables.Cells) -> Iterator[str]:
    """The lines of a table."""
    yield row(cells.columns)
    yield row(["---" if i == 0 or c in cells.wordy else "--:" for i, c in enumerate(cells.columns)])
    yield from map(row, cells.rows)


def row(cells: list[str]) -> str:
    """One line of a table."""
    return f"| {' | '.join(map(inline, cells))} |"


def inline(text: str) -> str:
    """Text that stays on its line and in its cell, and cannot become a link, an image or HTML.

    It is said in the language of the screen, or of the file that it is written to.
    """
    escaped = re.sub(r"[\\|\[\]!]", r"\\\g<0>", harmless(said(text))).replace("<", "&lt;")
    return " ".join(escaped.split())


def code(text: str) -> str:
    """Text that is shown as it is, in a line."""
    plain = " ".join(harmless(text).split())
    ticks = "`" * (longest_run(plain) + 1)
    return f"{ticks} {plain} {ticks}" if plain else said(N_("(none)"))


def fenced(text: str) -> str:
    """Text that is shown as it is, in a block that nothing in it can end."""
    fence = "`" * max(3, longest_run(text) + 1)
    return f"{fence}text\n{harmless(text)}\n{fence}"


def longest_run(text: str) -> int:
    """The longest run of backticks."""
    return max(map(len, re.findall("`+", text)), default=0)
