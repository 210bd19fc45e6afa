"""Sources of rows, and the samples made of them."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from evaluator.data.files import PlacedRow
from evaluator.data.layout import Part
from evaluator.digest import shuffle_key
from evaluator.errors import DataError
from evaluator.locale import N_
from evaluator.types import Benchmark, Sample


class Row(dict[str, Any]):
    """A row that names its place when a field is missing."""

    place: str = ""

    def __missing__(self, field: str) -> Any:
        raise DataError(
            N_(
                "{place}: no field {field!r}; the row has {names}",
                place=self.place,
                field=field,
                names=", ".join(self),
            )
        )


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the rows of a data set come from.

    `revision` is a commit where the source has commits, and empty where it has none; `how` says
    which of the source's files were read, where there is more than one way.
    """

    source: str
    id: str
    revision: str = ""
    how: str = ""

    def __str__(self) -> str:
        details = [self.id if self.how or self.revision else "", self.revision[:12], self.how]
        told = ", ".join(filter(None, details))
        return f"{self.source} ({told})" if told else self.source


class Source(ABC):
    """One place that rows come from. `place` follows the reading, for error messages."""

    label: str

    def __init__(self) -> None:
        self.place = ""
        self.asked: set[str] = set()  # data sets of which rows were wanted
        self.replaced: dict[str, str] = {}  # data set -> the split that stands in for a missing one

    def rows(self, dataset: str, config: str, split: str, instead: str = "") -> Iterator[Row]:
        """The split's rows in order.  Raises DataError where it is missing or malformed."""
        self.asked.add(dataset)
        if instead and not self.has(dataset, split) and self.has(dataset, instead):
            self.replaced[dataset] = split = instead
        for number, (place, fields) in enumerate(self.read(dataset, config, split), 1):
            self.place = place or f"{dataset} {config} {split} row {number}"
            if not isinstance(fields, dict):
                raise DataError(
                    N_(
                        "{place}: a row must be an object, got {fields!r:.80}",
                        place=self.place,
                        fields=fields,
                    )
                )
            row = Row(fields)
            row.place = self.place
            yield row

    def prepare(self, datasets: Iterable[str]) -> None:  # noqa: B027  # most sources need none
        """Fetches these data sets concurrently, before they are read.  Raises DataError."""

    def origin(self, dataset: str) -> Origin:
        """Where the rows of the data set come from, after it was prepared or read."""
        return Origin(self.label, dataset)

    def has(self, dataset: str, split: str) -> bool:
        """Whether any config of the data set has such a split, as far as known."""
        return True

    def parts(self, dataset: str) -> Sequence[Part]:
        """The configs and splits of the data set, as far as known."""
        return ()

    @abstractmethod
    def read(self, dataset: str, config: str, split: str) -> Iterable[PlacedRow]:
        """(place, row) pairs; the place may be empty."""


def samples(benchmark: Benchmark, source: Source, shots: int) -> Iterator[Sample]:
    """The benchmark's samples.  Raises DataError, with the place, for a row that it cannot use."""
    try:
        yield from benchmark.load(source.rows, shots)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise DataError(
            N_(
                "{place}: not a row of {name}: {reason}",
                place=source.place,
                name=benchmark.name,
                reason=reason,
            )
        ) from error


def select(chosen: Iterable[Sample], limit: int | None) -> Iterable[Sample]:
    """`limit` samples spread evenly over the groups; a larger limit extends a smaller one.

    Takes the first sample of every group, then the second of every group, and so on, with the
    groups in a fixed random order. The samples of a group then stand together again, because
    their prompts share a prefix that the server caches.
    """
    if limit is None:
        return chosen
    groups: dict[str, list[Sample]] = {}
    for sample in chosen:
        groups.setdefault(sample.group, []).append(sample)
    order = sorted(groups, key=shuffle_key)
    taken = dict.fromkeys(order, 0)
    left = min(limit, sum(map(len, groups.values())))
    while left:
        for name in order:
            if left and taken[name] < len(groups[name]):
                taken[name] += 1
                left -= 1
    return [sample for name, samples in groups.items() for sample in samples[: taken[name]]]
