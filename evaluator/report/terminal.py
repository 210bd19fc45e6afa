"""The report as tables for a terminal."""

from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from evaluator.locale import N_, said
from evaluator.report import tables
from evaluator.report.escaping import harmless
from evaluator.report.notes import notes
from evaluator.report.warnings import alarms, warnings
from evaluator.results.report import RunReport


def terminal(report: RunReport) -> RenderableType:
    """The whole report, in 80 columns."""
    title = f"{report.model} · {report.run}"
    parts: list[RenderableType] = [table(tables.benchmarks(report), title)]
    for further in (tables.totals(report), tables.categories(report)):
        if further.rows:
            parts += [Text(), table(further)]
    return Group(
        *parts,
        Text(),
        *(plain_text(line, "dim") for line in notes(report)),
        *(plain_text(line, "bold red") for line in alarms(report)),
        *(plain_text(line, "yellow") for line in warnings(report)),
    )


def plain_text(text: str, style: str = "") -> Text:
    """A text as it stands, without markup and control characters: some come from outside."""
    return Text(harmless(said(text)), style)


def shown_in_browser(folder: Path, page: str = "report.html") -> Text:
    """Where results are, with a link to their page on terminals that have links."""
    there = (folder / page).absolute().as_uri()
    words = plain_text(N_("results in {folder}/; in a browser: ", folder=folder))
    return words.append_text(plain_text(page, f"link {there}"))


def table(cells: tables.Cells, title: str = "") -> Table:
    """Every cell as it stands."""
    made = Table(
        title=plain_text(title) if title else None,
        title_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,  # nine columns are to fit in 80 characters
        show_edge=False,
    )
    for i, column in enumerate(cells.columns):
        figure = i > 0 and column not in cells.wordy
        made.add_column(
            plain_text(column),
            justify="right" if figure else "left",
            style="bold" if i == 0 else "",
            overflow="fold",
        )
    for row in cells.rows:
        made.add_row(*map(plain_text, row))
    return made
