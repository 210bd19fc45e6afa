"""The charts of a comparison."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter

from evaluator.comparison.causes import CAUSE_WORDS
from evaluator.comparison.tables import VERDICT_WORDS, full_name, p_text, points, signed
from evaluator.locale import N_
from evaluator.pages.charts import (
    SHARES,
    SIGNED,
    Chart,
    colours_of,
    forest,
    legend,
    series,
    stacked,
    tips,
)
from evaluator.pages.radar import LEAST, MANY, Spoke, radar
from evaluator.pages.theme import END_COLOURS, END_WORDS, SERIES
from evaluator.results.benchmark_comparison import ComparisonRow, Level
from evaluator.results.comparison import Comparison, ModelComparison

VERDICTS = dict(  # colours by verdict
    zip(VERDICT_WORDS.values(), ("#2a9d5c", "#c8324b", "#8a94a6", "#e9b44c"), strict=True)
)
CAUSE_COLOURS = dict(zip(CAUSE_WORDS.values(), SERIES, strict=False))
POINTS = N_("points of 100: other minus base")
Row = dict[str, object]


def forest_rows(rows: Sequence[ComparisonRow], model: str = "") -> Iterator[Row]:
    """Differences in points of 100 of their scale, with what a reader sees who points at one."""
    for row in rows:
        part = 100 / (row.scale[1] - row.scale[0])
        low, high = row.ci95
        yield {
            "name": row.name if row.level != "benchmark" else row.benchmark,
            "series": model,
            "value": part * row.difference,
            "low": part * low,
            "high": part * high,
            "verdict": VERDICT_WORDS[row.verdict],
            "base": points(row.base, row.scale),
            "other": points(row.other, row.scale),
            "difference": signed(row.difference, row.scale),
            "interval": " to ".join(signed(end, row.scale) for end in row.ci95),
            "p": p_text(row.adjusted),
            "pairs": row.n,
        }


FOREST_TIPS = ("name", "base", "other", "difference", "interval", "p", "verdict", "pairs")
DIFFERENCE = {"field": "value", "title": POINTS, "axis": SIGNED}


def differences(model: ModelComparison) -> Chart | None:
    """The benchmarks' differences, coloured by what they show."""
    rows = list(forest_rows(of_level(model, "benchmark")))
    return by_verdict(rows) if rows else None


def parts(model: ModelComparison, benchmark: str, level: Level) -> Chart | None:
    """The differences of a benchmark's categories or subjects, the largest gain first."""
    of = [row for row in of_level(model, level) if row.benchmark == benchmark]
    rows = sorted(forest_rows(of), key=itemgetter("value"), reverse=True)
    return by_verdict(rows) if rows else None


def by_verdict(rows: list[Row]) -> Chart:
    """Rows of one model as a forest."""
    colours = colours_of(rows, "verdict", VERDICTS)
    return forest(rows, DIFFERENCE, legend("verdict", colours), tips(*FOREST_TIPS), 0)


def all_differences(comparison: Comparison) -> Chart | None:
    """The benchmarks' differences of several models, coloured by model."""
    rows = [
        row
        for name, model in named(comparison).items()
        for row in forest_rows(of_level(model, "benchmark"), name)
    ]
    shown = tips("series", *FOREST_TIPS)
    return forest(rows, DIFFERENCE, series(series_names(comparison)), shown, 0) if rows else None


def of_level(model: ModelComparison, level: Level) -> list[ComparisonRow]:
    """The rows of benchmarks, of categories or of subjects."""
    return [row for row in model.rows if row.level == level]


def named(comparison: Comparison) -> dict[str, ModelComparison]:
    """The models by name, with the run's where models share one."""
    names = [comparison.base.model, *(of.model for of in comparison.comparisons)]
    return {
        of.model if names.count(of.model) == 1 else f"{of.model} ({of.run})": of
        for of in comparison.comparisons
    }


def series_names(comparison: Comparison) -> list[str]:
    """The names in charts: the base first, so that a model has one colour in all of them."""
    base = comparison.base.model
    return [base if base == "base" else N_("{model} (base)", model=base), *named(comparison)]


def benchmark_radar(comparison: Comparison) -> Chart | None:
    """The base and the other models over the benchmarks."""
    return overlay(comparison, lambda row: row.level == "benchmark")


def category_radars(comparison: Comparison) -> dict[str, Chart]:
    """The same over the categories of each benchmark that has some, by benchmark."""
    rows = (row for of in comparison.comparisons for row in of_level(of, "category"))
    names = dict.fromkeys(row.benchmark for row in rows)
    found = {name: category_radar(comparison, name) for name in names}
    return {name: made for name, made in found.items() if made}


def category_radar(comparison: Comparison, benchmark: str) -> Chart | None:
    """The base and the other models over the categories of a benchmark."""
    level: Level = "category"
    wanted = (level, benchmark)
    return overlay(comparison, lambda row: (row.level, row.benchmark) == wanted, MANY)


def overlay(
    comparison: Comparison, wanted: Callable[[ComparisonRow], bool], least: int = LEAST
) -> Chart | None:
    """A radar over the rows that are wanted. The base's line is over the first model's pairs."""
    base: dict[str, Spoke] = {}
    lines: dict[str, Mapping[str, Spoke]] = {series_names(comparison)[0]: base}
    for name, model in named(comparison).items():
        rows = [row for row in model.rows if wanted(row)]
        lines[name] = {row.name: spoke(row, row.other) for row in rows}
        for row in rows:
            base.setdefault(row.name, spoke(row, row.base))
    return radar(lines, least)


def spoke(row: ComparisonRow, value: float) -> Spoke:
    """A value as a share of its scale, and in points."""
    least, most = row.scale
    return (value - least) / (most - least), points(value, row.scale)


def outcomes(comparison: Comparison, model: ModelComparison) -> Chart | None:
    """What became of the paired samples on both sides; None where the file does not say."""
    rows: list[Row] = []
    for benchmark, of in model.benchmarks.items():
        for side, ends in ((comparison.base.run, of.base_ends), (model.run, of.other_ends)):
            rows += [
                {"name": f"{benchmark} · {side}", "outcome": END_WORDS[end], "samples": n}
                for end, n in (ends or {}).items()
            ]
    return stacked(rows, "outcome", END_COLOURS, SHARES) if rows else None


def causes(model: ModelComparison) -> Chart | None:
    """The benchmarks' differences split by cause: gains to the right of 0, losses to the left."""
    rows: list[Row] = [
        {
            "name": full_name(row),
            "cause": CAUSE_WORDS[cause],
            "points": 100 * part / (row.scale[1] - row.scale[0]),
        }
        for row in of_level(model, "benchmark")
        for cause, part in row.parts.items()
        if part
    ]
    x = {"field": "points", "title": POINTS, "axis": SIGNED}
    return stacked(rows, "cause", CAUSE_COLOURS, x) if rows else None
