"""A comparison as Markdown: every row, and the forgotten and learned questions with replies."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from evaluator.comparison import tables
from evaluator.comparison.causes import CAUSE_WORDS
from evaluator.comparison.warnings import warnings
from evaluator.locale import N_, said
from evaluator.report.markdown import code, fenced, inline, table
from evaluator.results.benchmark_comparison import ItemChange, ItemReply
from evaluator.results.comparison import Comparison, ModelComparison

MOST_ITEMS = 20  # questions of a benchmark shown with their replies; compare.json has all


def markdown(comparison: Comparison) -> str:
    """The whole comparison."""
    blocks = [f"# {inline(N_('Comparison with {base}', base=comparison.base.model))}"]
    if len(comparison.comparisons) > 1:
        blocks.append("\n".join(table(tables.overview(comparison))))
    for model in comparison.comparisons:
        blocks += model_blocks(comparison, model)
    blocks += [f"## {said(N_('Serving'))}", "\n".join(table(tables.serving(comparison)))]
    blocks.append("\n".join(f"- {inline(line)}" for line in tables.legend(comparison)))
    return "\n\n".join(blocks) + "\n"


def model_blocks(comparison: Comparison, model: ModelComparison) -> Iterator[str]:
    """One model beside the base."""
    yield f"## {inline(N_('{model} (run {run})', model=model.model, run=model.run))}"
    yield "\n".join(table(tables.differences(model.rows)))
    if changed := [row for row in model.rows if row.up or row.down]:
        yield f"### {said(N_('Causes'))}"
        yield "\n".join(table(tables.causes(changed)))
    for cells in (tables.form(model), tables.further_figures(model)):
        if cells.rows:
            yield "\n".join(table(cells))
    yield "\n".join(table(tables.changes(comparison, model)))
    if cautions := list(warnings(model)):
        yield "\n".join(f"- {inline(line)}" for line in cautions)
    if items := model.forgotten:
        yield from item_blocks(N_("Forgotten: {n}", n=len(items)), items)
    if items := model.learned:
        yield from item_blocks(N_("Learned: {n}", n=len(items)), items)


def item_blocks(title: str, items: Sequence[ItemChange]) -> Iterator[str]:
    """Questions with both replies, a benchmark at a time."""
    yield f"### {said(title)}"
    for _, found in groupby(items, key=attrgetter("benchmark")):
        of_benchmark = list(found)
        for each in of_benchmark[:MOST_ITEMS]:
            yield from item_block(each)
        if len(of_benchmark) > MOST_ITEMS:
            yield said(N_("{n} more are in compare.json.", n=len(of_benchmark) - MOST_ITEMS))


def item_block(item: ItemChange) -> Iterator[str]:
    """One question and both replies to it."""
    sample = code(f"{item.benchmark} {item.id}")
    yield said(
        N_(
            "{sample} ({cause}); right answer: {target}",
            sample=sample,
            cause=CAUSE_WORDS[item.cause],
            target=code(item.target),
        )
    )
    if item.question:
        yield fenced(item.question)
    yield from reply_block(N_("base"), item.base)
    yield from reply_block(N_("other"), item.other)


def reply_block(whose: str, reply: ItemReply) -> Iterator[str]:
    """One model's reply and what was read in it."""
    answer = reply.answer
    read = N_("nothing read") if answer is None else N_("read as {answer}", answer=code(answer))
    yield said(N_("{whose}, value {value:g}, {read}:", whose=whose, value=reply.value, read=read))
    yield fenced(reply.reply)
