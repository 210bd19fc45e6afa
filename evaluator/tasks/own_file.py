"""A user's own file of questions (JSONL, CSV, Parquet) as a benchmark: what mcq and qa share."""

import re
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from evaluator.data import SUFFIXES, Row, read_file
from evaluator.errors import DataError, UsageError
from evaluator.tasks.grading import refuse_examples
from evaluator.types import Ask, Benchmark, DataRow, Fields, Rows, Sample, Score

Build = Callable[[DataRow], tuple[Fields, str]]
FIELDS = ("question", "answer", "choices", "id", "group")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def file_benchmark(
    name: str, build: Build, solve: Callable[[Sample, Ask], Awaitable[Score]]
) -> Benchmark:
    """The benchmark of the file in `name`, as in "mcq:questions.jsonl".

    `build` gives the prompt's fields and the target of a row.  Raises UsageError when there is no
    such file.
    """
    file = name.partition(":")[2]
    path = Path(file).expanduser()
    if path.suffix.lstrip(".") not in SUFFIXES:
        raise UsageError(f"{name}: not a file that ends in .{', .'.join(SUFFIXES)}")
    if not path.is_file():
        raise UsageError(f"{name}: there is no file {str(path)!r}")
    return Benchmark(
        name=name,
        title=name,
        dataset=file,
        load=partial(_load, name, path, build),
        solve=solve,
        params={"temperature": 0.0, "max_tokens": 512},
    )


def _load(name: str, path: Path, build: Build, rows: Rows, shots: int) -> Iterator[Sample]:
    """The samples in the order of the file, whatever the source of other data sets."""
    refuse_examples(name, shots)
    seen: set[str] = set()
    for number, (place, fields) in enumerate(_read(path)):
        try:
            sample = _sample(number, _row(place, fields), build)
        except (ValueError, TypeError) as error:
            raise DataError(f"{place}: {error}") from error
        if sample.id in seen:
            raise DataError(f"{place}: the id {sample.id!r} is there twice")
        seen.add(sample.id)
        yield sample


def _read(path: Path) -> Iterator[tuple[str, Any]]:
    try:
        yield from read_file(path)
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8; save it in that encoding") from error


def _row(place: str, fields: Any) -> Row:
    if not isinstance(fields, dict):
        raise ValueError(f"a row must be an object, got {fields!r:.80}")
    if None in fields:
        raise ValueError(f"more cells than the header names: {fields[None]!r:.80}")
    row = Row()
    row.place = place
    for name, value in fields.items():
        if value in (None, ""):
            continue
        if (known := _field(str(name))) in row:
            raise ValueError(f"two fields {known!r}")
        row[known] = value
    return row


def _field(name: str) -> str:
    """A field's name as these benchmarks know it: Question is question, a is the option A."""
    name = name.strip()
    return name.upper() if len(name) == 1 else name.lower() if name.lower() in FIELDS else name


def _sample(number: int, row: Row, build: Build) -> Sample:
    fields, target = build(row)
    fields |= {"question": (question := text(row["question"]))}
    fields |= {"worked": [], "chinese": _CHINESE.search(question) is not None}
    return Sample(str(row.get("id", number)), fields, target, str(row.get("group", "main")))


def text(value: Any) -> str:
    """A cell as text; numbers are what they look like.  Raises ValueError for anything else."""
    if (
        isinstance(value, bool)
        or not isinstance(value, str | int | float)
        or not str(value).strip()
    ):
        raise ValueError(f"expected text, got {value!r:.80}")
    return str(value).strip()
