"""The report's tables as text, which the terminal and Markdown lay out each in its own way."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from evaluator.locale import N_, joined, labels
from evaluator.report.replies import counted, states, unparsed
from evaluator.results.figures import Figure, Interval
from evaluator.results.names import (
    DIMENSION_WORDS,
    FIGURE_NAMES,
    IN_CHINESE,
    IN_FORMAT,
    MAJORITY_AT,
    NO_ANSWER,
    OF_CALLS,
    PASS_AT,
    REFUSED,
    SHARE,
    UNREAD,
    Scale,
)
from evaluator.results.report import BenchmarkResult, RunReport

UNCOUNTED = N_("the server does not count tokens")  # in place of a rate
FEW_GROUPS = 8  # a benchmark of at most so many groups shows each, where it has no categories


@dataclass(frozen=True, slots=True)
class Cells:
    """A table as text; the first column is a name, the others figures but for `wordy` ones."""

    columns: list[str]
    rows: list[list[str]]
    wordy: frozenset[str] = frozenset()


def score(value: float | None, scale: Scale = SHARE) -> str:
    """A share in per cent, a value on another scale as it is, a dash where nothing was measured."""
    if value is None:
        return "-"
    return f"{value:.1%}" if scale == SHARE else f"{value:.2f}"


def ci(interval: Interval | None, scale: Scale = SHARE) -> str:
    """An interval, in the same way."""
    return "-" if interval is None else " - ".join(score(end, scale) for end in interval)


def benchmarks(report: RunReport) -> Cells:
    """One row a benchmark."""
    columns = labels("", "n", "score", "95 % interval", "macro", "format")
    columns += labels("unparsed", "truncated", "errors")
    return Cells(columns, [benchmark_row(*each) for each in report.benchmarks.items()])


def benchmark_row(name: str, result: BenchmarkResult) -> list[str]:
    """A benchmark's cells."""
    in_format = result.dimensions.get(IN_FORMAT)
    return [
        name,
        str(result.samples),
        score(result.value, result.scale),
        ci(result.ci95, result.scale),
        score(result.macro, result.scale),
        score(in_format.value if in_format else None),
        counted(result, unparsed(result)),
        counted(result, states(result).get("truncated", 0)),
        counted(result, states(result).get("error", 0)),
    ]


def side_by_side(reports: Sequence[RunReport]) -> Cells:
    """A column a run: the scores of benchmarks, totals and categories, each with its interval.

    Below them stand the tags and notes, where any run has them.
    """
    names: dict[str, None] = {}
    columns: list[dict[str, str]] = []
    for report in reports:
        parts = (benchmarks(report), totals(report), categories(report))
        found = {row[0]: with_interval(part, row) for part in parts for row in part.rows}
        columns.append(found)
        names |= dict.fromkeys(found)
    rows = [[name, *(found.get(name, "-") for found in columns)] for name in names]
    tags, notes = [", ".join(each.tags) for each in reports], [each.note for each in reports]
    for head, texts in ((N_("tags"), tags), (N_("note"), notes)):
        if any(texts):
            rows.append([head, *(text or "-" for text in texts)])
    return Cells([N_("score"), *titles(reports)], rows)


def with_interval(part: Cells, row: Sequence[str]) -> str:
    """A row's score, with its interval in brackets where it has one."""
    value, interval = (row[part.columns.index(each)] for each in ("score", "95 % interval"))
    return value if interval == "-" else f"{value} ({interval})"


def titles(reports: Sequence[RunReport]) -> list[str]:
    """The names of the models, each with its run where several have the same."""
    models = [report.model for report in reports]
    return [
        report.model if models.count(report.model) == 1 else f"{report.model} · {report.run}"
        for report in reports
    ]


def totals(report: RunReport) -> Cells:
    """One row a further figure: the macro mean where it differs, a benchmark's own totals, what is
    told of calls, what repeats came to, and the shares refused and without an answer, if any."""
    rows: list[list[str]] = []
    for name, result in report.benchmarks.items():
        rows += figure_rows(name, {**macro(result), **result.totals}, result.scale)
        language = {IN_CHINESE} if NO_ANSWER in result.dimensions else set()  # of dialogues
        of_calls = language.union(OF_CALLS)
        shares = {
            DIMENSION_WORDS[part] if part in of_calls else part: of
            for part, of in result.dimensions.items()
            if part in of_calls or is_shown(part, of)
        }
        rows += figure_rows(name, shares, SHARE)
    return Cells(labels("figure", "n", "score", "95 % interval"), rows)


def macro(result: BenchmarkResult) -> dict[str, Figure]:
    """The mean of the groups' means, where there are several."""
    if len(result.groups) < 2:
        return {}
    samples = sum(group.samples for group in result.groups.values())
    return {"macro": Figure(value=result.macro, ci95=result.macro_ci95, samples=samples)}


def is_shown(dimension: str, of: Figure) -> bool:
    """Whether a dimension has a row among the totals."""
    always = dimension.startswith((PASS_AT, MAJORITY_AT))
    return always or (dimension in (REFUSED, UNREAD) and bool(of.value))


def figure_rows(name: str, figures: Mapping[str, Figure], scale: Scale) -> Iterator[list[str]]:
    """Cells of figures of a benchmark; one that is on another scale says so."""
    for part, of in figures.items():
        on = of.scale or scale
        yield [
            joined(" / ", (name, in_words(part))),
            str(of.samples),
            score(of.value, on),
            ci(of.ci95, on),
        ]


def in_words(part: str) -> str:
    """The name of a figure; the language of replies, of all or of a category, is no word."""
    what, space, category = part.partition(" ")
    if what == IN_CHINESE:
        return joined(space, (DIMENSION_WORDS[what], *filter(None, [category])))
    return FIGURE_NAMES.get(part, part)


def categories(report: RunReport) -> Cells:
    """One row a category, of the benchmarks that have them, else a row a group if few."""
    rows: list[list[str]] = []
    for name, result in report.benchmarks.items():
        few = result.groups if 1 < len(result.groups) <= FEW_GROUPS else {}
        rows += figure_rows(name, result.categories or few, result.scale)
    return Cells(labels("category", "n", "score", "95 % interval"), rows)
