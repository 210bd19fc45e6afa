"""Checks that a data set can be read from its source, and that it is the expected one."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from evaluator.data.digest import SampleDigest, deviations
from evaluator.data.mirroring import check_mirror
from evaluator.data.rows import Origin, Source, samples
from evaluator.data.table import table
from evaluator.errors import DataError
from evaluator.types import Benchmark


@dataclass(frozen=True, slots=True)
class Checked:
    """The check of a benchmark's data. `rows` by split; `problems` is empty if all is well."""

    benchmark: str
    dataset: str
    origin: Origin | None = None
    rows: Mapping[str, int] = field(default_factory=dict)
    digest: str = ""
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def check(benchmark: Benchmark, source: Source) -> Checked:
    """Reads all of the benchmark's data, and compares it with the table of data sets."""
    id = benchmark.data_set
    digest = SampleDigest()
    try:
        check_mirror(id, source)
        origin = source.origin(id)
        rows = row_counts(id, source)
        for _ in digest.counting(samples(benchmark, source, 0)):
            pass
    except DataError as error:
        return Checked(benchmark.name, id, problems=(str(error),))
    problems = [*wrong_counts(id, rows, source), *deviations(benchmark, source, digest)]
    stands_in = source.replaced.get(id)
    notes = (f"{stands_in}, for want of {benchmark.split}",) if stands_in else ()
    return Checked(benchmark.name, id, origin, rows, digest.digest, tuple(problems), notes)


def row_counts(dataset: str, source: Source) -> dict[str, int]:
    """Rows of each split that the table of data sets names, over all configs."""
    known = table()[dataset]
    rows: Counter[str] = Counter()
    for config, split in source.parts(dataset):
        if known.wanted.part({"config": config, "split": split}) or split in known.instead:
            rows[split] += sum(1 for _ in source.read(dataset, config, split))
    return dict(rows)


def wrong_counts(dataset: str, rows: Mapping[str, int], source: Source) -> list[str]:
    """Splits with another number of rows than expected.

    Not where another split stands in for a missing one; `deviations` checks that one.
    """
    known = table()[dataset]
    replaced = set(known.rows) if source.replaced.get(dataset) else set()
    may_lack = replaced.union(known.optional)
    return [
        f"{split} has {rows.get(split, 0):,} rows, where {expected:,} are expected"
        for split, expected in known.rows.items()
        if rows.get(split, 0) != expected and not (split in may_lack and split not in rows)
    ]
