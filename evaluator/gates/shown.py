"""The answers as a table with lines, for a terminal and as Markdown."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

from evaluator.gates.requirement import Answer, Requirement, together
from evaluator.locale import N_, joined, labels
from evaluator.report.markdown import inline, table
from evaluator.report.tables import Cells

ANSWERS = dict(zip(get_args(Answer), labels("passes", "fails", "cannot tell"), strict=True))
MARKS = {"passes": "✅", "fails": "❌", "cannot tell": "❔"}


def cells(requirements: Sequence[Requirement]) -> Cells:
    """A row for each requirement."""
    columns = labels("", "n", "found", "at least", "at most", "asked", "answer")
    return Cells(columns, [row(each) for each in requirements], frozenset({"answer"}))


def row(of: Requirement) -> list[str]:
    """Its cells."""
    name = of.benchmark if of.kind == "min" else N_("{name} - base", name=of.benchmark)
    answer = ANSWERS[of.answer]
    if of.value is None:
        return [name, "0", "-", "-", "-", of.shown(of.limit), answer]
    found, low, high = (of.shown(each) for each in (of.value, of.low, of.high))
    return [name, f"{of.n}", found, low, high, of.shown(of.limit), answer]


def lines(requirements: Sequence[Requirement]) -> Iterator[str]:
    """Why each answer is what it is, where it does not pass, and what to know of it."""
    for each in requirements:
        if each.answer != "passes":
            yield joined(": ", (each.text, ANSWERS[each.answer], each.reason))
        for note in each.notes:
            yield N_("{name}: {line}", name=each.benchmark, line=note)


def conclusion(run: Path, requirements: Sequence[Requirement], confidence: float) -> str:
    """The answer to all, in one line."""
    return N_(
        "{run}: {answer} (confidence {confidence:.4g})",
        run=str(run),
        answer=ANSWERS[together(requirements)],
        confidence=confidence,
    )


def markdown(run: Path, requirements: Sequence[Requirement], confidence: float) -> str:
    """The same to paste, as into the summary of a job."""
    mark = MARKS[together(requirements)]
    said = [f"- {inline(line)}" for line in lines(requirements)]
    head = f"### {mark} {inline(conclusion(run, requirements, confidence))}"
    body = "\n".join(table(cells(requirements)))
    return "\n\n".join([head, body, *(["\n".join(said)] if said else [])]) + "\n"
