"""A comparison as a page for a browser: compare.html."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, groupby, zip_longest
from operator import attrgetter

from evaluator.comparison import charts, tables
from evaluator.comparison.causes import CAUSE_WORDS
from evaluator.comparison.headline import headline, tested, verdict_counts
from evaluator.comparison.warnings import warnings
from evaluator.comparison.word_diff import Piece, word_diff
from evaluator.locale import N_
from evaluator.pages.charts import Chart
from evaluator.pages.render import ENGLISH, Card, Fill
from evaluator.pages.theme import STATUS_WORDS
from evaluator.report.tables import Cells
from evaluator.results.benchmark_comparison import ItemChange
from evaluator.results.comparison import Comparison, ModelComparison

MOST_ITEMS = 240  # questions with both replies on the whole page: compare.json has all


@dataclass(frozen=True, slots=True)
class ShownItem:
    """A question that was forgotten or learned, and both replies in pieces."""

    item: ItemChange
    base: Sequence[Piece]
    other: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class ItemList:
    """The questions of a kind that a page shows, and how many there are."""

    title: str
    items: Sequence[ShownItem]
    total: int


@dataclass(frozen=True, slots=True)
class Side:
    """All that the page shows of one model beside the base."""

    model: ModelComparison
    warnings: Sequence[str]
    differences: str  # names of charts, as those below
    outcomes: str
    causes: str
    parts: Sequence[tuple[str, str]]  # with the words above
    table: Cells
    tables: Sequence[tuple[str, Cells]]
    lists: Sequence[ItemList]


def comparison_page(comparison: Comparison, fill: Fill = ENGLISH) -> str:
    """The page as HTML; `fill` fills its template."""
    drawn: dict[str, Chart | None] = {"radar": charts.benchmark_radar(comparison)}
    if len(comparison.comparisons) > 1:
        drawn["all differences"] = charts.all_differences(comparison)
    radars = charts.category_radars(comparison)
    drawn |= {f"categories of {name}": chart for name, chart in radars.items()}
    sides = []
    for number, model in enumerate(comparison.comparisons, 1):
        of_model = charts_of(comparison, model)
        drawn |= {f"{number}: {name}": chart for name, chart in of_model.items()}
        sides.append(side(comparison, model, f"{number}: ", list(of_model)))
    return fill(
        "compare.html",
        drawn,
        pages=[""] * (1 + len(sides)),  # where the runs' samples are shown
        comparison=comparison,
        statuses=STATUS_WORDS,
        causes=CAUSE_WORDS,
        cards=[card(model) for model in comparison.comparisons],
        headline=[line for model in comparison.comparisons for line in headline(comparison, model)],
        sides=sides,
        radars=[
            (f"categories of {name}", N_("Categories of {name}", name=name)) for name in radars
        ],
        overview=tables.overview(comparison) if len(sides) > 1 else None,
        serving=tables.serving(comparison),
        legend=list(tables.legend(comparison)),
    )


def card(model: ModelComparison) -> Card:
    """What one model came to."""
    rows = tested(model)
    pairs = sum(row.n for row in rows)
    detail = N_("benchmarks: {n}; pairs of replies: {pairs:,}", n=len(rows), pairs=pairs)
    return Card(model.model, verdict_counts(rows) or N_("nothing compared"), detail)


def charts_of(comparison: Comparison, model: ModelComparison) -> dict[str, Chart]:
    """The charts of one model, by name."""
    found = {
        "differences": charts.differences(model),
        "outcomes": charts.outcomes(comparison, model),
        "causes": charts.causes(model),
    }
    for benchmark in model.benchmarks:
        found[f"categories of {benchmark}"] = charts.parts(model, benchmark, "category")
        found[f"subjects of {benchmark}"] = charts.parts(model, benchmark, "subject")
    return {name: chart for name, chart in found.items() if chart}


def side(comparison: Comparison, model: ModelComparison, prefix: str, drawn: Sequence[str]) -> Side:
    """What the page shows of one model, whose charts have these names."""
    changed = [row for row in model.rows if row.up or row.down]
    further = {
        N_("The same split by cause"): tables.causes(changed),
        N_("The form alone"): tables.form(model),
        N_("Further figures"): tables.further_figures(model),
        N_("Changed samples"): tables.changes(comparison, model),
    }
    most = MOST_ITEMS // (2 * len(comparison.comparisons))
    names = {
        name: prefix + name if name in drawn else ""
        for name in ("differences", "outcomes", "causes")
    }
    return Side(
        model,
        list(warnings(model)),
        **names,
        parts=[(prefix + name, heading(name)) for name in drawn if " of " in name],
        table=tables.differences(model.rows),
        tables=[(title, cells) for title, cells in further.items() if cells.rows],
        lists=[
            item_list(
                N_("Forgotten samples: {n:,}", n=len(model.forgotten)), model.forgotten, most
            ),
            item_list(N_("Learned samples: {n:,}", n=len(model.learned)), model.learned, most),
        ],
    )


def heading(name: str) -> str:
    """The words above a chart of categories or subjects."""
    level, _, benchmark = name.partition(" of ")
    if level == "categories":
        return N_("Categories of {name}", name=benchmark)
    return N_("Subjects of {name}", name=benchmark)


def item_list(title: str, items: Sequence[ItemChange], most: int) -> ItemList:
    """As many of the questions as a page can hold, of every benchmark alike."""
    return ItemList(title, [shown(item) for item in spread(items, most)], len(items))


def spread(items: Sequence[ItemChange], most: int) -> list[ItemChange]:
    """The first items of each benchmark, by benchmark."""
    groups = [list(found) for _, found in groupby(items, key=attrgetter("benchmark"))]
    turns = chain.from_iterable(zip_longest(*groups))
    kept = [item for item in turns if item][:most]
    return sorted(
        kept, key=lambda item: [each[0].benchmark for each in groups].index(item.benchmark)
    )


def shown(item: ItemChange) -> ShownItem:
    """A question with what differs in its replies."""
    base, other = word_diff(item.base.reply, item.other.reply)
    return ShownItem(item, base, other)
