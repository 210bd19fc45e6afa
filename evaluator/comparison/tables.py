"""A comparison as tables of text and lines, which the terminal and Markdown lay out."""

from collections.abc import Iterator, Mapping, Sequence

from evaluator.comparison.causes import CAUSE_WORDS, CAUSES, OF_TOOLS
from evaluator.locale import N_, joined, labels
from evaluator.report.tables import Cells
from evaluator.results.benchmark_comparison import (
    ComparisonRow,
    DimensionComparison,
    RowVerdict,
    TotalComparison,
)
from evaluator.results.comparison import BenchmarkNoise, Comparison, ModelComparison
from evaluator.results.names import FIGURE_NAMES, IN_FORMAT, STRICT, TURNS, TURNS_SCALE
from evaluator.types import SHARE, Scale

FINDINGS = ("forgot", "gained")
VERDICT_WORDS: Mapping[RowVerdict, str] = {
    "gained": N_("gained"),
    "forgot": N_("forgot"),
    "no evidence": N_("no evidence"),
    "underpowered": N_("underpowered"),
}
FLOORS = {"base": N_("noise floor, base"), "other": N_("noise floor, other")}
OF_FORM = (STRICT, IN_FORMAT)  # dimensions that have a table of their own


def points(value: float | None, scale: Scale = SHARE) -> str:
    """A value: a share in points of 100, one on another scale as it is."""
    if value is None:
        return "-"
    return f"{100 * value:.1f}" if scale == SHARE else f"{value:.2f}"


def signed(difference: float | None, scale: Scale = SHARE) -> str:
    """A difference in the same points, with its sign."""
    if difference is None:
        return "-"
    return f"{100 * difference:+z.1f}" if scale == SHARE else f"{difference:+z.2f}"


def p_text(p: float) -> str:
    """A p-value."""
    return "<.001" if p < 0.001 else f"{p:.3f}".lstrip("0") if p < 1 else "1"


def full_name(row: ComparisonRow) -> str:
    """A row's name, with the benchmark that it is a part of."""
    return row.name if row.level == "benchmark" else f"{row.benchmark} / {row.name}"


def overview(comparison: Comparison) -> Cells:
    """All models beside the base: benchmarks and categories, with a mark for each finding."""
    models = comparison.comparisons
    tables = [{(row.benchmark, row.name): row for row in model.rows} for model in models]
    cells = [
        [full_name(row), points(row.base, row.scale)]
        + [marked_score(table.get((row.benchmark, row.name))) for table in tables]
        for row in models[0].rows
        if row.level != "subject"
    ]
    return Cells(["", comparison.base.run, *(model.run for model in models)], cells)


def marked_score(row: ComparisonRow | None) -> str:
    """The other model's score: a minus after it means forgot, a plus means gained."""
    if row is None:
        return "-"
    mark = {"forgot": " -", "gained": " +"}.get(row.verdict, "")
    return points(row.other, row.scale) + mark


def differences(rows: Sequence[ComparisonRow]) -> Cells:
    """Both scores, the difference, the verdict, and the smallest detectable difference."""
    columns = labels("", "n", "base", "other", "diff", "95 % interval", "p", "verdict", "MDE")
    return Cells(columns, [difference_cells(row) for row in rows], frozenset({"verdict"}))


def difference_cells(row: ComparisonRow) -> list[str]:
    """One row of differences."""
    low, high = (signed(end, row.scale) for end in row.ci95)
    return [
        full_name(row),
        str(row.n),
        points(row.base, row.scale),
        points(row.other, row.scale),
        signed(row.difference, row.scale),
        f"{low}, {high}",
        p_text(row.adjusted),
        VERDICT_WORDS[row.verdict],
        signed(row.detectable, row.scale).lstrip("+"),
    ]


def causes(rows: Sequence[ComparisonRow]) -> Cells:
    """The differences split by cause; those of tools only where there are such."""
    shown = [*CAUSES, *(cause for cause in OF_TOOLS if any(row.parts.get(cause) for row in rows))]
    cells = [
        [full_name(row), signed(row.difference, row.scale)]
        + [signed(part, row.scale) if (part := row.parts.get(cause)) else "0" for cause in shown]
        for row in rows
    ]
    return Cells([*labels("", "diff"), *(CAUSE_WORDS[cause] for cause in shown)], cells)


def form(model: ModelComparison) -> Cells:
    """The cost of the form alone: scores if only the form asked for counted, and its share."""
    cells = [
        [
            name,
            points(strict.base),
            points(strict.other),
            signed(strict.difference),
            points(in_format.base),
            points(in_format.other),
        ]
        for name, benchmark in model.benchmarks.items()
        if (strict := benchmark.dimensions.get(STRICT))
        and (in_format := benchmark.dimensions.get(IN_FORMAT))
    ]
    columns = labels("strict format", "base", "other", "diff")
    columns += labels("in format, base", "in format, other")
    return Cells(columns, cells)


def further_figures(model: ModelComparison) -> Cells:
    """Other dimensions and benchmarks' own totals, on both sides; not tested."""
    cells = []
    for benchmark, about in model.benchmarks.items():
        figures: dict[str, DimensionComparison | TotalComparison]
        figures = {**about.dimensions, **about.totals}
        for name, figure in figures.items():
            base, other = figure.base, figure.other
            if name in OF_FORM or "official" in name or not (base or other):
                continue
            scale = TURNS_SCALE if name == TURNS else scale_of(figure, about.scale)
            change = None if base is None or other is None else other - base
            cells.append(
                [
                    joined(" / ", (benchmark, FIGURE_NAMES.get(name, name))),
                    points(base, scale),
                    points(other, scale),
                    signed(change, scale),
                ]
            )
    return Cells(labels("further figures", "base", "other", "diff"), cells)


def scale_of(figure: DimensionComparison | TotalComparison, benchmark: Scale) -> Scale:
    """The scale of a figure: dimensions are shares, but for a judge's, which are ratings."""
    if isinstance(figure, TotalComparison):
        return figure.scale
    return benchmark if max(figure.base or 0.0, figure.other or 0.0) > 1 else SHARE


def serving(comparison: Comparison) -> Cells:
    """What serving took."""
    columns = labels("run", "requests/s", "tokens/s", "mean length", "seconds", "points/GPU-min")
    cells = [
        [
            row.run,
            f"{row.requests_per_s:.1f}",
            "-" if row.output_tokens_per_s is None else f"{row.output_tokens_per_s:.0f}",
            "-" if row.mean_output_tokens is None else f"{row.mean_output_tokens:.1f}",
            f"{row.seconds:.1f}",
            "-" if row.points_per_gpu_minute is None else f"{row.points_per_gpu_minute:.1f}",
        ]
        for row in comparison.serving
    ]
    return Cells(columns, cells)


def changes(comparison: Comparison, model: ModelComparison) -> Cells:
    """How many questions changed, beside how many change when the same model is asked twice."""
    floors = {"base": comparison.base.noise, "other": model.noise}
    shown = {whose: noise.benchmarks for whose, noise in floors.items() if noise.benchmarks}
    cells = [
        [
            row.name,
            str(row.down),
            str(row.up),
            f"{(row.up + row.down) / row.n:.1%}",
            *(share_changed(benchmarks.get(row.name)) for benchmarks in shown.values()),
        ]
        for row in model.rows
        if row.level == "benchmark"
    ]
    columns = labels("", "worse", "better", "changed")
    columns += [FLOORS[whose] for whose in shown]
    return Cells(columns, cells)


def share_changed(noise: BenchmarkNoise | None) -> str:
    """The share of samples that changed by themselves, with its interval."""
    if noise is None:
        return "-"
    low, high = noise.ci95
    return f"{noise.changed / noise.samples:.1%} ({low:.1%}, {high:.1%})"


def legend(comparison: Comparison) -> Iterator[str]:
    """How to read the columns."""
    margin, power = comparison.margin, comparison.power
    if len(comparison.comparisons) > 1:
        yield N_(
            "After a score, - means forgot and + means gained; without a mark neither was found."
        )
    yield N_(
        "diff: other minus base, in points, with the interval of the row alone. p: "
        "exact McNemar, or a sign-flip test where values are not 0 and 1; "
        "Holm-corrected over all rows of the level, shown or not."
    )
    yield N_(
        "MDE: minimum detectable effect, the smallest difference that so many pairs "
        "show with {power:.0%} power. A row with an MDE above {margin:.0%} of the "
        "scale is underpowered. A dash: no difference can be shown.",
        power=power,
        margin=margin,
    )
    rows = (row for each in comparison.comparisons for row in each.rows)
    parts = {cause for row in rows for cause, part in row.parts.items() if part}
    if parts.intersection(CAUSES):
        yield N_(
            "Causes are parts of the difference. format: no answer could be read in a whole reply; "
            "truncation: cut off before it; refusal: declined; language: a Chinese question not "
            "answered in Chinese; knowledge: all else."
        )
    if parts.intersection(OF_TOOLS):
        yield N_(
            "no answer: the model never came to one; tool: a call is missing; arguments: one is "
            "wrong; needless calls: nothing asked for them."
        )
