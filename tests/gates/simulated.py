"""Runs whose truth is known, as gates read them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

from evaluator.comparison.recorded import RecordedRun
from evaluator.results.folder import RunFolder
from evaluator.results.outcomes import OutcomeRecord
from evaluator.results.run import BenchmarkInfo, RunInfo
from evaluator.types import SHARE, Scale


def run_of(values: Mapping[str, Sequence[float | None]], scale: Scale = SHARE) -> RecordedRun:
    """A run with these values by benchmark; None was not measured."""
    benchmarks = {name: about(len(of), scale) for name, of in values.items()}
    outcomes = {name: {each.id: each for each in ended(name, of)} for name, of in values.items()}
    info = RunInfo(
        run="simulated",
        model="simulated",
        judge=None,
        started_at="2026-01-01T00:00:00+00:00",
        seconds=1.0,
        requests=1,
        replayed=0,
        benchmarks=benchmarks,
    )
    return RecordedRun(RunFolder(Path("simulated")), info, outcomes)


def about(samples: int, scale: Scale) -> BenchmarkInfo:
    return BenchmarkInfo(
        metric="accuracy", scale=scale, samples=samples, shots=0, params={}, data="an exam"
    )


def ended(benchmark: str, values: Sequence[float | None]) -> list[OutcomeRecord]:
    return [
        OutcomeRecord(
            benchmark=benchmark,
            id=str(i),
            status="error" if value is None else "scored",
            value=value,
            prompt="00",
        )
        for i, value in enumerate(values)
    ]


def right(random: Random, share: float, n: int) -> list[float]:
    """Values of a model that is right in so large a share of all questions."""
    return [float(random.random() < share) for _ in range(n)]


def beside(random: Random, base: Sequence[float], lost: float, gained: float) -> list[float]:
    """Values of another model that loses and gains these shares of all questions, on average.

    Of the base's right answers it loses its share, of the wrong ones it gains.
    """
    ones = sum(base) / len(base)
    return [
        float(random.random() >= lost / max(ones, 1e-9))
        if value
        else float(random.random() < gained / max(1 - ones, 1e-9))
        for value in base
    ]
