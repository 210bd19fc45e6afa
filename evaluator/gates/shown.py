"""The answers as a table with lines, for a terminal and as Markdown."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from evaluator.gates.requirement import Requirement, together
from evaluator.report.markdown import inline, table
from evaluator.report.tables import Cells

MARKS = {"passes": "✅", "fails": "❌", "cannot tell": "❔"}


def cells(requirements: Sequence[Requirement]) -> Cells:
    """A row for each requirement."""
    columns = ["", "n", "found", "at least", "at most", "asked", "answer"]
    return Cells(columns, [row(each) for each in requirements], frozenset({"answer"}))


def row(of: Requirement) -> list[str]:
    """Its cells."""
    name = of.benchmark if of.kind == "min" else f"{of.benchmark} - base"
    if of.value is None:
        return [name, "0", "-", "-", "-", of.shown(of.limit), of.answer]
    found, low, high = (of.shown(each) for each in (of.value, of.low, of.high))
    return [name, f"{of.n}", found, low, high, of.shown(of.limit), of.answer]


def lines(requirements: Sequence[Requirement]) -> Iterator[str]:
    """Why each answer is what it is, where it does not pass, and what to know of it."""
    for each in requirements:
        if each.answer != "passes":
            yield f"{each.text}: {each.answer}: {each.reason}"
        yield from (f"{each.benchmark}: {note}" for note in each.notes)


def conclusion(run: Path, requirements: Sequence[Requirement], confidence: float) -> str:
    """The answer to all, in one line."""
    return f"{run}: {together(requirements)} (confidence {confidence:.4g})"


def markdown(run: Path, requirements: Sequence[Requirement], confidence: float) -> str:
    """The same to paste, as into the summary of a job."""
    mark = MARKS[together(requirements)]
    said = [f"- {inline(line)}" for line in lines(requirements)]
    head = f"### {mark} {inline(conclusion(run, requirements, confidence))}"
    body = "\n".join(table(cells(requirements)))
    return "\n\n".join([head, body, *(["\n".join(said)] if said else [])]) + "\n"
