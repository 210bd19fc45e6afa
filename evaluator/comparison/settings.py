"""Runs side by side: what differs in how their benchmarks were asked."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from evaluator.comparison.pairing import BenchmarkPairs, pair_benchmark
from evaluator.comparison.recorded import RecordedRun, read
from evaluator.locale import filled


def differences(folders: Sequence[Path]) -> list[str]:
    """A line for each thing in which a run differs from the first one that has the benchmark.

    Raises UsageError where a folder holds no run, DataError for a damaged line.
    """
    runs = [read(folder) for folder in folders]
    found: dict[str, None] = {}
    for i, other in enumerate(runs):
        for name in other.outcomes:
            base = next(each for each in runs if name in each.outcomes)
            if base is not runs[i]:
                found |= dict.fromkeys(differing(base, other, name))
    return list(found)


def differing(base: RecordedRun, other: RecordedRun, name: str) -> Iterator[str]:
    """What differs in one benchmark of two runs."""
    paired = pair_benchmark(base, other, name)
    about = f"{other.name} beside {base.name}, {name}"
    for line in (*paired.mismatches, *samples_apart(paired)):
        yield f"{about}: {line}"


def samples_apart(paired: BenchmarkPairs) -> Iterator[str]:
    """The samples that only one of the runs has or measured."""
    apart = {reason: n for reason, n in paired.left_out.items() if reason != "another target"}
    if apart:
        counts = ", ".join(f"{n} {reason}" for reason, n in apart.items())
        told = "{n} {n:sample|samples} measured in both; {counts}"
        yield filled(told, {"n": len(paired.pairs), "counts": counts})
