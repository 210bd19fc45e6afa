"""A comparison as a page shows it: tables, lines, and the questions that changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evaluator.comparison import tables
from evaluator.report.tables import Cells
from evaluator.results.benchmark_comparison import ItemChange
from evaluator.results.comparison import Comparison, ModelComparison

MOST = 200  # questions that are shown of each list

Section = tuple[str, Cells]  # a table below its heading


@dataclass(frozen=True, slots=True)
class ChangedItems:
    """AskedQuestions that were forgotten or learned; `more` are not shown."""

    title: str
    items: Sequence[ItemChange]
    more: int


@dataclass(frozen=True, slots=True)
class ComparedModel:
    """One model beside the base."""

    title: str
    run: str
    warnings: Sequence[str]
    sections: Sequence[Section]
    changed: Sequence[ChangedItems]


def compared(comparison: Comparison) -> list[ComparedModel]:
    """Each of the models."""
    return [
        ComparedModel(
            f"{model.model} compared with {comparison.base.model}",
            model.run,
            list(tables.warnings(model)),
            [each for each in sections(comparison, model) if each[1].rows],
            [changed("Forgotten", model.forgotten), changed("Learned", model.learned)],
        )
        for model in comparison.comparisons
    ]


def sections(comparison: Comparison, model: ModelComparison) -> Iterator[Section]:
    """The tables of one model."""
    yield "Differences", tables.differences(model.rows)
    rows = [row for row in model.rows if row.up or row.down]
    yield "Differences by cause", tables.causes(rows)
    yield "Form", tables.form(model)
    yield "Further figures", tables.further_figures(model)
    yield "Changed answers", tables.changes(comparison, model)


def changed(title: str, items: Sequence[ItemChange]) -> ChangedItems:
    """The first of the questions."""
    return ChangedItems(f"{title}: {len(items):,}", items[:MOST], max(0, len(items) - MOST))


def overview(comparison: Comparison) -> list[Section]:
    """All models side by side, where there are several, and what serving took."""
    several = len(comparison.comparisons) > 1
    side = [("All models", tables.overview(comparison))] if several else []
    return [*side, ("Serving", tables.serving(comparison))]
