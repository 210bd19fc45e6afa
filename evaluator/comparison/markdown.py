"""A comparison as Markdown: every row, and the forgotten and learned questions with replies."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from evaluator.comparison import tables
from evaluator.comparison.warnings import warnings
from evaluator.report.markdown import code, fenced, inline, table
from evaluator.results.benchmark_comparison import ItemChange, ItemReply
from evaluator.results.comparison import Comparison, ModelComparison

MOST_ITEMS = 20  # questions of a benchmark shown with their replies; compare.json has all


def markdown(comparison: Comparison) -> str:
    """The whole comparison."""
    blocks = [f"# Comparison with {inline(comparison.base.model)}"]
    if len(comparison.comparisons) > 1:
        blocks.append("\n".join(table(tables.overview(comparison))))
    for model in comparison.comparisons:
        blocks += model_blocks(comparison, model)
    blocks += ["## Serving", "\n".join(table(tables.serving(comparison)))]
    blocks.append("\n".join(f"- {inline(line)}" for line in tables.legend(comparison)))
    return "\n\n".join(blocks) + "\n"


def model_blocks(comparison: Comparison, model: ModelComparison) -> Iterator[str]:
    """One model beside the base."""
    yield f"## {inline(model.model)} (run {inline(model.run)})"
    yield "\n".join(table(tables.differences(model.rows)))
    if changed := [row for row in model.rows if row.up or row.down]:
        yield "### Causes"
        yield "\n".join(table(tables.causes(changed)))
    for cells in (tables.form(model), tables.further_figures(model)):
        if cells.rows:
            yield "\n".join(table(cells))
    yield "\n".join(table(tables.changes(comparison, model)))
    if cautions := list(warnings(model)):
        yield "\n".join(f"- {inline(line)}" for line in cautions)
    for title, items in (("Forgotten", model.forgotten), ("Learned", model.learned)):
        if items:
            yield from item_blocks(title, items)


def item_blocks(title: str, items: Sequence[ItemChange]) -> Iterator[str]:
    """Questions with both replies, a benchmark at a time."""
    yield f"### {title}: {len(items)}"
    for _, found in groupby(items, key=attrgetter("benchmark")):
        of_benchmark = list(found)
        for each in of_benchmark[:MOST_ITEMS]:
            yield from item_block(each)
        if len(of_benchmark) > MOST_ITEMS:
            yield f"{len(of_benchmark) - MOST_ITEMS} more are in compare.json."


def item_block(item: ItemChange) -> Iterator[str]:
    """One question and both replies to it."""
    sample = code(f"{item.benchmark} {item.id}")
    yield f"{sample} ({item.cause}); right answer: {code(item.target)}"
    if item.question:
        yield fenced(item.question)
    yield from reply_block("base", item.base)
    yield from reply_block("other", item.other)


def reply_block(whose: str, reply: ItemReply) -> Iterator[str]:
    """One model's reply and what was read in it."""
    read = "nothing read" if reply.answer is None else f"read as {code(reply.answer)}"
    yield f"{whose}, value {reply.value:g}, {read}:"
    yield fenced(reply.reply)
