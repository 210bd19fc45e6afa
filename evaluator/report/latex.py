"""Tables as LaTeX, for papers: booktabs rules, and every word from outside escaped."""

from collections.abc import Iterator, Sequence

from evaluator.report.escaping import harmless
from evaluator.report.tables import Cells

SPECIAL = {
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    **{"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"},
    **{
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        "·": r"\textperiodcentered{}",
    },
}
ESCAPES = str.maketrans(SPECIAL)


def latex(cells: Cells, notes: Sequence[str] = ()) -> str:
    """A tabular environment, after a comment for each note; it needs the package booktabs."""
    return "\n".join([*(f"% {inline(note)}" for note in notes), *table(cells)]) + "\n"


def table(cells: Cells) -> Iterator[str]:
    """The lines of a table."""
    kinds = ["l" if i == 0 or c in cells.wordy else "r" for i, c in enumerate(cells.columns)]
    yield rf"\begin{{tabular}}{{{''.join(kinds)}}}"
    yield r"\toprule"
    yield row(cells.columns)
    yield r"\midrule"
    yield from map(row, cells.rows)
    yield r"\bottomrule"
    yield r"\end{tabular}"


def row(cells: Sequence[str]) -> str:
    """One line of a table."""
    return f"{' & '.join(map(inline, cells))} \\\\"


def inline(text: str) -> str:
    """Text that stays on its line and in its cell, and is no command."""
    return " ".join(harmless(text).translate(ESCAPES).split())
