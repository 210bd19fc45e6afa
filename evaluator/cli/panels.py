"""--help as panels in the width of the terminal; a word is never cut in the middle.

Chinese has no spaces: a line may end after any of its characters, but not before its punctuation.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from evaluator.locale import N_, said

if TYPE_CHECKING:
    from cyclopts.help import HelpEntry, HelpPanel
    from rich.console import Console, ConsoleOptions
    from rich.text import Text

LABELS = 24  # width of the column with the names; a longer name has a line of its own
FRAME = 4  # width of a panel's borders and padding
CHINESE = r"\u2e80-\u9fff\uff00-\uffef"
CLOSING = "，。；：、？！）」』】》"
PIECES = re.compile(rf"\s*(?:[{CHINESE}]|[^\s{CHINESE}]+)[{CLOSING}]*")


def usage_line(*words: str) -> str:
    """The line that --help begins with."""
    return said(N_("Usage: {usage}", usage=" ".join(["evaluator", *words])))


class Panels:
    """Draws one panel of options or commands; cyclopts calls it for each."""

    def __call__(self, console: "Console", options: "ConsoleOptions", panel: "HelpPanel") -> None:
        from rich.console import Group
        from rich.panel import Panel

        if not panel.entries:
            return
        width = options.max_width - FRAME
        longest = max(len(label(entry)) for entry in panel.entries)
        column = min(LABELS, longest) + 2
        lines = [line for entry in panel.entries for line in described(entry, column, width)]
        console.print(Panel(Group(*lines), title=str(panel.title), title_align="left"))


def label(entry: "HelpEntry") -> str:
    """The names of an option, and what stands for its value."""
    names = [*entry.positive_names, *entry.positive_shorts] or [entry.positional_label or ""]
    if entry.negative_names and "[on]" in text(entry):
        names += entry.negative_names
    metavar = f" {entry.metavar}" if entry.metavar and entry.positive_names else ""
    return ", ".join(names) + metavar


def text(entry: "HelpEntry") -> str:
    """What is said of it."""
    inline = getattr(entry.description, "primary_renderable", entry.description)
    return str(inline or "").strip()


def described(entry: "HelpEntry", column: int, width: int) -> list["Text"]:
    """The lines of one entry: its names, and beside them what is said."""
    from rich.text import Text

    said = list(wrapped(text(entry), max(width - column, 20)))
    name = label(entry)
    first = said.pop(0) if said and len(name) < column else ""
    lines = [Text.assemble((name.ljust(column), "bold cyan"), first)]
    return [*lines, *(Text(" " * column + line) for line in said)]


def wrapped(text: str, width: int) -> Iterator[str]:
    """The text in lines of so many cells, but for a longer word."""
    from rich.cells import cell_len

    line = ""
    for piece in PIECES.findall(text):
        if line and cell_len(line + piece) > width:
            yield line
            line = ""
        line += piece if line else piece.lstrip()
    if line:
        yield line
