"""Rows of a data set: a local mirror, the Hugging Face hub, ModelScope or the built-in samples.

The source is chosen once and never falls back to another: a score says what it was measured on.
"""

import csv
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal

import orjson

from evaluator.errors import DataError, MissingData, UsageError
from evaluator.types import Benchmark, Sample

SourceName = Literal["hub", "modelscope", "builtin"]
BUILTIN = Path(__file__).parent / "samples"
SUFFIXES = ("jsonl", "parquet", "csv")
HUB_IDS = {"lm-sys/mt_bench": "HuggingFaceH4/mt_bench_prompts"}  # where the hub has another name
MODELSCOPE_IDS = HUB_IDS | {  # where ModelScope keeps a data set under another name
    "openai/gsm8k": "AI-ModelScope/gsm8k",
    "ceval/ceval-exam": "evalscope/ceval",
}
ELSEWHERE = "choose another source with --data-dir DIR, --data modelscope or --data builtin"


class Row(dict[str, Any]):
    """A row that names its place when a field is missing."""

    place: str = ""

    def __missing__(self, field: str) -> Any:
        raise DataError(f"{self.place}: no field {field!r}; the row has {', '.join(self)}")


class Source(ABC):
    """One place that rows come from. `place` follows the reading, for error messages."""

    label: str

    def __init__(self) -> None:
        self.place = ""
        self.replaced: dict[str, str] = {}  # data set -> the split read for want of the right one

    def rows(self, dataset: str, config: str, split: str, instead: str = "") -> Iterator[Row]:
        """The split's rows in order.  Raises DataError where it is missing or malformed."""
        if instead and not self.has(dataset, split) and self.has(dataset, instead):
            self.replaced[dataset] = split = instead
        for number, (place, fields) in enumerate(self.read(dataset, config, split), 1):
            self.place = place or f"{dataset} {config} {split} row {number}"
            if not isinstance(fields, dict):
                raise DataError(f"{self.place}: a row must be an object, got {fields!r:.80}")
            row = Row(fields)
            row.place = self.place
            yield row

    def has(self, dataset: str, split: str) -> bool:
        """Whether any config of the data set has such a split, as far as that is known."""
        return True

    @abstractmethod
    def read(self, dataset: str, config: str, split: str) -> Iterable[tuple[str, Any]]:
        """(place, row) pairs; the place may be empty."""


class Mirror(Source):
    """A folder laid out as <data set>/<config>/<split>.(jsonl|parquet|csv)."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        if not root.is_dir():
            raise UsageError(f"no data folder {str(root)!r}; give an existing one to --data-dir")
        self.root = root
        self.label = f"local mirror {root}"

    def has(self, dataset: str, split: str) -> bool:
        """Whether there is a file of that split; one config without it is a hole, not a choice."""
        found = (self.root / dataset).glob(f"*/{split}.*")
        return any(path.suffix.lstrip(".") in SUFFIXES for path in found)

    def read(self, dataset: str, config: str, split: str) -> Iterable[tuple[str, Any]]:
        stem = self.root / dataset / config / split
        for suffix in (*SUFFIXES, "json"):
            path = stem.with_name(f"{split}.{suffix}")
            if path.is_file():
                return read_file(path)
        wanted = f"{split}.({'|'.join(SUFFIXES)})"
        raise MissingData(
            f"data set {dataset!r} ({config}, {split}) not found: looked for "
            f"{stem.parent / wanted}; put it there or {ELSEWHERE}"
        )


class Builtin(Mirror):
    """The samples that come with the package: a few rows of some configs of each data set."""

    def __init__(self) -> None:
        super().__init__(BUILTIN)
        self.label = "built-in samples (not the real data set)"

    def read(self, dataset: str, config: str, split: str) -> Iterable[tuple[str, Any]]:
        # A sample may leave out whole subjects of a data set, which a mirror must not.
        if (self.root / dataset).is_dir() and not (self.root / dataset / config).is_dir():
            return ()
        return super().read(dataset, config, split)


class Hub(Source):
    """The Hugging Face hub, through `datasets` and its cache."""

    label = "Hugging Face hub"

    def read(self, dataset: str, config: str, split: str) -> Iterable[tuple[str, Any]]:
        from datasets import load_dataset

        try:
            rows = load_dataset(HUB_IDS.get(dataset, dataset), config, split=split)
        except Exception as error:  # datasets raises a dozen unrelated kinds
            raise MissingData(
                f"data set {dataset!r} ({config}, {split}) did not load from the Hugging Face "
                f"hub: {type(error).__name__}: {str(error)[:200]}; {ELSEWHERE}"
            ) from error
        return (("", row) for row in rows)


class ModelScope(Source):
    """ModelScope, through its own package."""

    label = "ModelScope"

    def read(self, dataset: str, config: str, split: str) -> Iterable[tuple[str, Any]]:
        try:
            from modelscope.msdatasets import MsDataset
        except ImportError as error:
            raise UsageError("--data modelscope needs `pip install modelscope`") from error
        name = MODELSCOPE_IDS.get(dataset, dataset)
        try:
            rows = MsDataset.load(name, subset_name=config, split=split)
        except Exception as error:  # it passes on whatever went wrong below
            raise MissingData(
                f"data set {name!r} ({config}, {split}) did not load from ModelScope: "
                f"{type(error).__name__}: {str(error)[:200]}"
            ) from error
        return (("", row) for row in rows)


def source(data_dir: Path | None = None, name: SourceName | None = None) -> Source:
    """The source asked for: a name, else a folder, else the hub."""
    if name == "builtin":
        return Builtin()
    if name == "modelscope":
        return ModelScope()
    if name == "hub":
        return Hub()
    return Mirror(data_dir) if data_dir else Hub()


def samples(benchmark: Benchmark, source: Source, shots: int) -> Iterator[Sample]:
    """The benchmark's samples; a row that it cannot use is a DataError naming its place."""
    try:
        yield from benchmark.load(source.rows, shots)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise DataError(f"{source.place}: not a row of {benchmark.name}: {reason}") from error


def read_file(path: Path) -> Iterator[tuple[str, Any]]:
    """(place, row) for each line of a .jsonl, .csv or .parquet file; a .json file is one row."""
    if path.suffix == ".parquet":
        from datasets import Dataset

        yield from (
            (f"{path} row {i}", row) for i, row in enumerate(Dataset.from_parquet(str(path)), 1)
        )
    elif path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8-sig") as file:
            header = file.readline()
            between = separator(header)
            file.seek(0)
            spaced = f"{between} " in header  # else a space is part of its cell
            reader = csv.DictReader(file, delimiter=between, skipinitialspace=spaced)
            yield from ((f"{path}:{reader.line_num}", row) for row in reader)
    elif path.suffix == ".json":
        try:
            yield str(path), orjson.loads(path.read_bytes())
        except orjson.JSONDecodeError as error:
            raise DataError(f"{path}: not valid JSON: {error}") from error
    else:
        yield from read_jsonl(path)


def separator(header: str) -> str:
    """What stands between the columns of a table: most often a comma, else ; or a tab."""
    return max((",", ";", "\t"), key=header.count)


def read_jsonl(path: Path) -> Iterator[tuple[str, Any]]:
    """(place, row) for each line that is not blank.  Raises DataError naming file and line."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                yield f"{path}:{number}", orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise DataError(f"{path}:{number}: not valid JSON: {error}") from error


def select(chosen: Iterable[Sample], limit: int | None) -> Iterable[Sample]:
    """`limit` samples spread evenly over the groups; a larger limit extends a smaller one.

    Takes the first of every group, then the second of every group, and so on, the groups in an
    order that does not favour the alphabet; then puts each group together again, because prompts
    of one group share a prefix that the server caches.
    """
    if limit is None:
        return chosen
    groups: dict[str, list[Sample]] = {}
    for sample in chosen:
        groups.setdefault(sample.group, []).append(sample)
    order = sorted(groups, key=_shuffled)
    taken = dict.fromkeys(order, 0)
    left = min(limit, sum(map(len, groups.values())))
    while left:
        for name in order:
            if left and taken[name] < len(groups[name]):
                taken[name] += 1
                left -= 1
    return [sample for name, samples in groups.items() for sample in samples[: taken[name]]]


def _shuffled(name: str) -> bytes:
    return blake2b(name.encode(), digest_size=8).digest()
