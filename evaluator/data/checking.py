"""Whether a data set can be read where it should be, and is the expected one."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from evaluator.data.census import Census, deviations
from evaluator.data.mirroring import check_whole
from evaluator.data.rows import Origin, Source, samples
from evaluator.data.table import table
from evaluator.errors import DataError
from evaluator.types import Benchmark


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found of a benchmark's data. `rows` by split; `problems` is empty if all is well."""

    benchmark: str
    dataset: str
    origin: Origin | None = None
    rows: Mapping[str, int] = field(default_factory=dict)
    digest: str = ""
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def check(benchmark: Benchmark, source: Source) -> Checked:
    """Reads all of the benchmark's data, and compares them with what is known of them."""
    id = benchmark.data_set
    census = Census()
    try:
        check_whole(id, source)
        origin = source.origin(id)
        rows = counted(id, source)
        for _ in census.over(samples(benchmark, source, 0)):
            pass
    except DataError as error:
        return Checked(benchmark.name, id, problems=(str(error),))
    problems = [*short(id, rows, source), *deviations(benchmark, source, census)]
    stands_in = source.replaced.get(id)
    notes = (f"{stands_in}, for want of {benchmark.split}",) if stands_in else ()
    return Checked(benchmark.name, id, origin, rows, census.digest, tuple(problems), notes)


def counted(dataset: str, source: Source) -> dict[str, int]:
    """Rows of each split that the table of data sets names, over all configs."""
    known = table()[dataset]
    rows: Counter[str] = Counter()
    for config, split in source.parts(dataset):
        if known.wanted.part({"config": config, "split": split}) or split in known.instead:
            rows[split] += sum(1 for _ in source.read(dataset, config, split))
    return dict(rows)


def short(dataset: str, rows: Mapping[str, int], source: Source) -> list[str]:
    """Splits of worked examples with another number of rows than expected.

    The scored split is the census's to judge.
    """
    known = table()[dataset]
    replaced = set(known.rows) if source.replaced.get(dataset) else set()
    may_lack = replaced.union(known.optional)
    return [
        f"{split} has {rows.get(split, 0):,} rows, where {expected:,} are expected"
        for split, expected in known.rows.items()
        if rows.get(split, 0) != expected and not (split in may_lack and split not in rows)
    ]
