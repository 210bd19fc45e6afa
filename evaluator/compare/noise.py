"""The noise floor of a run: what changed by itself in samples that were asked a second time."""

from evaluator.compare.pairing import BenchmarkPairs, pair_benchmark
from evaluator.compare.recorded import RecordedRun, read
from evaluator.results.comparison import BenchmarkNoise, NoiseFloor
from evaluator.statistics.intervals import wilson

SECOND_RUN = "again"  # its folder, inside the run's own


def noise_floor(run: RecordedRun) -> NoiseFloor:
    """How many samples of each benchmark got another value the second time."""
    if not (run.folder / SECOND_RUN / "run.json").exists():
        return NoiseFloor(in_flight=[], benchmarks={})
    second = read(run.folder / SECOND_RUN)
    paired = [pair_benchmark(run, second, name) for name in second.outcomes if name in run.outcomes]
    return NoiseFloor(
        in_flight=[in_flight(run), in_flight(second)],
        benchmarks={each.name: benchmark_noise(each) for each in paired if each.pairs},
    )


def in_flight(run: RecordedRun) -> int | None:
    """Concurrent requests per endpoint at the end of the run."""
    return run.setup.concurrency.slots if run.setup.concurrency else None


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
