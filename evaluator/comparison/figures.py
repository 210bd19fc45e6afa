"""A benchmark's figures beside its value, in both runs: dimensions and its own totals."""

from collections import Counter
from collections.abc import Iterable

from evaluator.comparison.pairing import BenchmarkPairs
from evaluator.report.build import summarizer
from evaluator.results.benchmark_comparison import (
    BenchmarkComparison,
    DimensionComparison,
    TotalComparison,
)
from evaluator.results.names import ENDS, End, Scale
from evaluator.results.outcomes import OutcomeRecord, outcome_end
from evaluator.statistics.paired import interval


def benchmark_comparison(benchmark: BenchmarkPairs) -> BenchmarkComparison:
    """What was paired of a benchmark and what was not, and its further figures."""
    info, pairs = benchmark.info, benchmark.pairs
    names = dict.fromkeys(name for pair in pairs for name in pair.base.dimensions)
    return BenchmarkComparison(
        metric=info.metric,
        scale=info.scale,
        data=info.data,
        shots=info.shots,
        pairs=len(pairs),
        left_out=dict(benchmark.left_out),
        mismatches=benchmark.mismatches,
        prompts_proven=benchmark.prompts_proven,
        dimensions={name: dimension_comparison(benchmark, name) for name in names},
        totals=total_comparisons(benchmark),
        totals_unknown=info.summarizes and not summarizer(benchmark.name),
        base_ends=ends((pair.base for pair in pairs), info.scale),
        other_ends=ends((pair.other for pair in pairs), info.scale),
    )


def ends(outcomes: Iterable[OutcomeRecord], scale: Scale) -> dict[End, int]:
    """What became of the samples."""
    found = Counter(outcome_end(each, scale) for each in outcomes)
    return {end: found[end] for end in ENDS if found[end]}


def dimension_comparison(benchmark: BenchmarkPairs, name: str) -> DimensionComparison:
    """A dimension on both sides, over the pairs in which both have it."""
    both = [
        (pair.base.dimensions[name], pair.other.dimensions[name])
        for pair in benchmark.pairs
        if name in pair.base.dimensions and name in pair.other.dimensions
    ]
    differences = [other - base for base, other in both]
    return DimensionComparison(
        samples=len(both),
        base=mean(base for base, _ in both),
        other=mean(other for _, other in both),
        difference=mean(differences),
        ci95=interval(differences) if both else None,
    )


def mean(values: Iterable[float]) -> float | None:
    """The mean; None of no values."""
    found = list(values)
    return sum(found) / len(found) if found else None


def total_comparisons(benchmark: BenchmarkPairs) -> dict[str, TotalComparison]:
    """The benchmark's own totals on both sides, computed from the pairs alone."""
    if not (summarize := summarizer(benchmark.name)):
        return {}
    base = summarize([pair.base for pair in benchmark.pairs])
    other = summarize([pair.other for pair in benchmark.pairs])
    return {
        name: TotalComparison(
            base=total.value,
            other=other[name].value,
            scale=total.scale or benchmark.scale,
        )
        for name, total in base.items()
        if name in other
    }
