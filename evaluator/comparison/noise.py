"""The noise floor of a run: what changed by itself in samples that were asked a second time."""

from collections.abc import Iterator
from pathlib import Path

from evaluator.comparison.pairing import BenchmarkPairs, pair_benchmark
from evaluator.comparison.recorded import RecordedRun, read
from evaluator.locale import N_
from evaluator.results.comparison import BenchmarkNoise, NoiseFloor
from evaluator.results.folder import RunFolder
from evaluator.statistics.intervals import wilson


def noise_floor(run: RecordedRun) -> NoiseFloor:
    """How many samples of each benchmark got another value the second time."""
    if not RunFolder(run.folder.noise).run.exists():
        return NoiseFloor(in_flight=[], benchmarks={})
    second = read(run.folder.noise)
    paired = [pair_benchmark(run, second, name) for name in second.outcomes if name in run.outcomes]
    return NoiseFloor(
        in_flight=[in_flight(run), in_flight(second)],
        benchmarks={each.name: benchmark_noise(each) for each in paired if each.pairs},
    )


def in_words(folder: Path) -> Iterator[str]:
    """The noise floor of the run in a folder, a line for each benchmark."""
    found = noise_floor(read(folder))
    for name, of in found.benchmarks.items():
        first, second = found.in_flight
        low, high = of.ci95
        yield N_(
            "noise floor of {name}: asked again with {second} in flight instead of {first}, "
            "{changed} of {samples} {samples:sample|samples} got another value "
            "(95 % interval {low:.1%} to {high:.1%}) and {other_answer} another answer",
            name=name,
            second=second,
            first=first,
            changed=of.changed,
            samples=of.samples,
            low=low,
            high=high,
            other_answer=of.other_answer,
        )


def in_flight(run: RecordedRun) -> int | None:
    """Concurrent requests per endpoint at the end of the run."""
    return run.info.concurrency.slots if run.info.concurrency else None


def benchmark_noise(benchmark: BenchmarkPairs) -> BenchmarkNoise:
    """How many samples changed, with the interval of their share."""
    pairs, n = benchmark.pairs, len(benchmark.pairs)
    changed = sum(bool(pair.difference) for pair in pairs)
    return BenchmarkNoise(
        samples=n,
        changed=changed,
        ci95=wilson(changed, n),
        other_answer=sum(pair.base.answer != pair.other.answer for pair in pairs),
        mean_change=sum(abs(pair.difference) for pair in pairs) / n,
    )
