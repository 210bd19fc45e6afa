"""A comparison as Markdown: every row, and what was forgotten and learned with both replies."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from evaluator.comparison import tables as words
from evaluator.report.markdown import code, fenced, inline, table

MOST_ITEMS = 20  # questions of a benchmark shown with their replies; compare.json has all
Json = Mapping[str, Any]


def markdown(comparison: Json) -> str:
    """The whole comparison."""
    blocks = [f"# {inline(comparison['base']['model'])} and what became of it"]
    if len(comparison["comparisons"]) > 1:
        blocks.append("\n".join(table(words.overview(comparison))))
    for side in comparison["comparisons"]:
        blocks += one(comparison, side)
    blocks += ["## Serving", "\n".join(table(words.serving(comparison)))]
    blocks.append("\n".join(f"- {inline(line)}" for line in words.legend(comparison)))
    return "\n\n".join(blocks) + "\n"


def one(comparison: Json, side: Json) -> Iterator[str]:
    """One model beside the base."""
    yield f"## {inline(side['model'])} (run {inline(side['run'])})"
    yield "\n".join(table(words.differences(side["rows"])))
    if changed := [row for row in side["rows"] if row["up"] or row["down"]]:
        yield "### Why"
        yield "\n".join(table(words.causes(changed)))
    for cells in (words.form(side), words.further(side)):
        if cells.rows:
            yield "\n".join(table(cells))
    yield "\n".join(table(words.changes(comparison, side)))
    if notes := list(words.warnings(side)):
        yield "\n".join(f"- {inline(line)}" for line in notes)
    for title, items in (("Forgotten", side["forgotten"]), ("Learned", side["learned"])):
        if items:
            yield from listing(title, items)


def listing(title: str, items: Sequence[Json]) -> Iterator[str]:
    """Questions with both replies, a benchmark at a time."""
    yield f"### {title}: {len(items)}"
    for _, found in groupby(items, key=itemgetter("benchmark")):
        of_one = list(found)
        for each in of_one[:MOST_ITEMS]:
            yield from question(each)
        if len(of_one) > MOST_ITEMS:
            yield f"{len(of_one) - MOST_ITEMS} more are in compare.json."


def question(each: Json) -> Iterator[str]:
    """One question, and what was said to it."""
    place = f"{each['benchmark']} {each['id']}"
    yield f"{code(place)} ({each['cause']}); right answer: {code(each['target'])}"
    if each.get("question"):
        yield fenced(each["question"])
    for whose in ("base", "other"):
        reply = each[whose]
        read = "nothing read" if reply["answer"] is None else f"read as {code(reply['answer'])}"
        yield f"{whose}, worth {reply['value']:g}, {read}:"
        yield fenced(reply["reply"])
