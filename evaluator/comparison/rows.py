"""The rows of a comparison: each benchmark, its categories and its subjects, tested together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from evaluator.comparison.causes import split_by_cause
from evaluator.comparison.pairing import BenchmarkPairs, SamplePair
from evaluator.results.benchmark_comparison import Cause, ComparisonRow, Level, RowVerdict
from evaluator.statistics.paired import ALPHA, detectable, holm, interval, p_value

LEVELS: tuple[Level, ...] = ("benchmark", "category", "subject")


@dataclass(frozen=True, slots=True)
class Slice:
    """The pairs of one row.  `causes` has the cause of each pair that differs, by sample id."""

    level: Level
    name: str
    pairs: Sequence[SamplePair]
    benchmark: BenchmarkPairs
    causes: Mapping[str, Cause]

    @property
    def differences(self) -> list[float]:
        return [pair.difference for pair in self.pairs]


def slices(benchmark: BenchmarkPairs, causes: Mapping[str, Cause]) -> Iterator[Slice]:
    """A benchmark as a whole, its categories, and its subjects; parts only where there are two."""
    yield Slice("benchmark", benchmark.name, benchmark.pairs, benchmark, causes)
    categories: dict[str, list[SamplePair]] = {}
    subjects: dict[str, list[SamplePair]] = {}
    for pair in benchmark.pairs:
        subjects.setdefault(pair.group, []).append(pair)
        if category := benchmark.info.categories.get(pair.group):
            categories.setdefault(category, []).append(pair)
    if len(categories) > 1:
        for name, pairs in categories.items():
            yield Slice("category", name, pairs, benchmark, causes)
    if len(subjects) > 1:
        for name, pairs in sorted(subjects.items()):
            yield Slice("subject", name, pairs, benchmark, causes)


def tested_rows(slices: Sequence[Slice], margin: float) -> list[ComparisonRow]:
    """The rows of one level over all benchmarks and models, as one family of tests.

    The chance that any row is called gained or forgot by mistake is at most ALPHA, however many
    there are. A row without either is "no evidence" where its pairs would have shown a
    difference of `margin`, a share of the scale; otherwise it is "underpowered".
    """
    p_values = [p_value(each.differences) for each in slices]
    adjusted = holm(p_values)
    found = sum(p < ALPHA for p in adjusted)
    # Holm's threshold for the next row: the one that each row without a finding had to pass.
    alpha = ALPHA / max(1, len(slices) - found)
    return [
        tested_row(each, p, p_adjusted, alpha, margin)
        for each, p, p_adjusted in zip(slices, p_values, adjusted, strict=True)
    ]


def tested_row(
    part: Slice, p: float, adjusted: float, alpha: float, margin: float
) -> ComparisonRow:
    """The row of a slice; `alpha` is the threshold for which `detectable` is computed."""
    n, differences, span = len(part.pairs), part.differences, part.benchmark.span
    difference, smallest = sum(differences) / n, detectable(differences, alpha)
    return ComparisonRow(
        level=part.level,
        benchmark=part.benchmark.name,
        name=part.name,
        n=n,
        scale=part.benchmark.scale,
        base=sum(pair.base_value for pair in part.pairs) / n,
        other=sum(pair.other_value for pair in part.pairs) / n,
        difference=difference,
        ci95=interval(differences, span),
        up=sum(d > 0 for d in differences),
        down=sum(d < 0 for d in differences),
        p=p,
        adjusted=adjusted,
        verdict=row_verdict(difference, adjusted, smallest, margin * span),
        detectable=smallest,
        parts=split_by_cause(
            (pair.difference, part.causes.get(pair.id, "knowledge")) for pair in part.pairs
        ),
    )


def row_verdict(
    difference: float, adjusted: float, smallest: float | None, margin: float
) -> RowVerdict:
    """What a row's test shows; `smallest` is the smallest detectable difference."""
    if adjusted < ALPHA:
        return "gained" if difference > 0 else "forgot"
    return "underpowered" if smallest is None or smallest > margin else "no evidence"
