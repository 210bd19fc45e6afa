"""Rows of one file: JSON lines, JSON, CSV or Parquet, also as a member of a zip archive."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import orjson

from evaluator.errors import DataError

SUFFIXES = ("jsonl", "parquet", "csv")
LONGEST_CELL = 2**31 - 1  # characters of a CSV cell, the most that can be set everywhere
PlacedRow = tuple[str, Any]  # where the row stands, for error messages, and the row


def read_file(path: Path, member: str = "") -> Iterator[PlacedRow]:
    """(place, row) for each row of a file, or of the `member` of a zip archive.

    A .json file is one row, or the list of rows under its "example" (as GAOKAO-Bench's files have
    it).  Raises DataError naming file and line.
    """
    place = f"{path}!{member}" if member else str(path)
    suffix = Path(member or path).suffix
    with _opened(path, member) as file:
        if suffix == ".parquet":
            yield from _parquet_rows(place, file)
        elif suffix == ".csv":
            yield from _csv_rows(place, file)
        elif suffix == ".json":
            yield from _json_rows(place, _parsed(place, file.read()))
        else:
            yield from _json_lines(place, file)


def read_jsonl(path: Path) -> Iterator[PlacedRow]:
    """(place, row) for each line that is not blank.  Raises DataError naming file and line."""
    with path.open("rb") as file:
        yield from _json_lines(str(path), file)


@contextmanager
def _opened(path: Path, member: str) -> Iterator[IO[bytes]]:
    if not member:
        with path.open("rb") as file:
            yield file
        return
    try:
        with zipfile.ZipFile(path) as archive, archive.open(member) as file:
            yield io.BytesIO(file.read())
    except (zipfile.BadZipFile, KeyError) as error:
        raise DataError(f"{path}: no readable {member} in this archive: {error}") from error


def _json_lines(place: str, file: Iterable[bytes]) -> Iterator[PlacedRow]:
    for number, line in enumerate(file, 1):
        if line.strip():
            yield f"{place}:{number}", _parsed(f"{place}:{number}", line)


def _json_rows(place: str, content: Any) -> Iterator[PlacedRow]:
    rows = content.get("example") if isinstance(content, dict) else None
    if isinstance(rows, list):
        yield from ((f"{place} row {number}", row) for number, row in enumerate(rows, 1))
    else:
        yield place, content


def _parsed(place: str, text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise DataError(f"{place}: not valid JSON: {error}") from error


def _csv_rows(place: str, file: IO[bytes]) -> Iterator[PlacedRow]:
    csv.field_size_limit(LONGEST_CELL)
    with io.TextIOWrapper(file, encoding="utf-8-sig", newline="") as text:
        header = text.readline()
        between = separator(header)
        text.seek(0)
        spaced = f"{between} " in header  # else a space is part of its cell
        reader = csv.DictReader(text, delimiter=between, skipinitialspace=spaced)
        try:
            yield from ((f"{place}:{reader.line_num}", row) for row in reader)
        except csv.Error as error:
            raise DataError(f"{place}:{reader.line_num}: {error}") from error


def separator(header: str) -> str:
    """The separator of the columns: a comma in most files, else a semicolon or a tab."""
    return max((",", ";", "\t"), key=header.count)


def _parquet_rows(place: str, file: IO[bytes]) -> Iterator[PlacedRow]:
    import pyarrow as arrow
    from pyarrow import parquet

    try:
        number = 0
        for batch in parquet.ParquetFile(file).iter_batches():
            for row in batch.to_pylist():
                number += 1
                yield f"{place} row {number}", row
    except arrow.ArrowInvalid as error:
        raise DataError(f"{place}: not a readable Parquet file: {error}") from error
