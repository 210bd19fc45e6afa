"""Rows of one file: JSON lines, JSON, CSV, TSV or Parquet, also compressed or in a zip archive."""

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from evaluator.data.encodings import Bytes, encoding_of, undecodable
from evaluator.errors import DataError
from evaluator.locale import N_

SUFFIXES = ("jsonl", "parquet", "csv")  # of a mirror's files
ENDINGS = (*SUFFIXES, "tsv", "json")  # of a user's own; those of text may have .gz behind
LISTS = ("example", "examples", "data")  # where an object of JSON has its rows
LONGEST_CELL = 2**31 - 1  # characters of a CSV cell, the most that can be set everywhere
PlacedRow = tuple[str, Any]  # where the row stands, for error messages, and the row


@dataclass(frozen=True, slots=True)
class RowFormat:
    """How a user's own files are written: the encoding where it is not UTF-8, and in `fields` the
    names that they have for fields known here."""

    encoding: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


def read_file(path: Path, member: str = "", encoding: str = "") -> Iterator[PlacedRow]:
    """(place, row) for each row of a file, or of the `member` of a zip archive.

    A .json file holds a list of rows, as such or under one of `LISTS`, or JSON lines, or one row.
    Text is UTF-8 or, where it is not, in the `encoding`.  Raises DataError naming file and line.
    """
    place = f"{path}!{member}" if member else str(path)
    with _opened(path, member) as file:
        try:
            yield from _rows(place, ending(member or path.name), file, encoding)
        except UnicodeDecodeError as error:
            raise undecodable(place, error) from error
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise DataError(
                N_("{place}: not a readable gzip file: {error}", place=place, error=error)
            ) from error


def read_jsonl(path: Path) -> Iterator[PlacedRow]:
    """(place, row) for each line that is not blank.  Raises DataError naming file and line."""
    with path.open("rb") as file:
        yield from _json_lines(str(path), file, "")


def ending(name: str) -> str:
    """What kind of file it is by its name, compressed or not; empty for one of no known kind."""
    suffix = Path(name.lower().removesuffix(".gz")).suffix.lstrip(".")
    return suffix if suffix in ENDINGS else ""


def _rows(place: str, kind: str, file: Bytes, encoding: str) -> Iterator[PlacedRow]:
    if kind == "parquet":
        return _parquet_rows(place, file)
    if kind in ("csv", "tsv"):
        return _table_rows(place, file, encoding, "\t" if kind == "tsv" else "")
    return (_json_rows if kind == "json" else _json_lines)(place, file, encoding)


@contextmanager
def _opened(path: Path, member: str) -> Iterator[Bytes]:
    if not member:
        with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
            yield file
        return
    try:
        with zipfile.ZipFile(path) as archive, archive.open(member) as file:
            yield io.BufferedReader(io.BytesIO(file.read()))
    except (zipfile.BadZipFile, KeyError) as error:
        raise DataError(
            N_(
                "{path}: no readable {member} in this archive: {error}",
                path=path,
                member=member,
                error=error,
            )
        ) from error


def _json_lines(place: str, file: Bytes, encoding: str) -> Iterator[PlacedRow]:
    if (found := encoding_of(file, encoding)) == "utf-8":
        yield from _parsed_lines(place, file)
        return
    with io.TextIOWrapper(file, encoding=found) as text:
        yield from _parsed_lines(place, text)


def _parsed_lines(place: str, lines: Iterable[bytes | str]) -> Iterator[PlacedRow]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield f"{place}:{number}", _parsed(f"{place}:{number}", line)


def _json_rows(place: str, file: Bytes, encoding: str) -> Iterator[PlacedRow]:
    found = encoding_of(file, encoding)
    text = file.read().decode(found)
    try:
        content = _parsed(place, text)
    except DataError:
        first, _, more = text.lstrip().partition("\n")
        if not more or not first.rstrip().endswith("}"):
            raise
        file.seek(0)
        yield from _json_lines(place, file, encoding)
        return
    if isinstance(content, dict):
        content = next((content[k] for k in LISTS if isinstance(content.get(k), list)), content)
    if isinstance(content, list):
        yield from ((f"{place} row {number}", row) for number, row in enumerate(content, 1))
    else:
        yield place, content


def _parsed(place: str, text: bytes | str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if isinstance(text, bytes):
            _decoded(place, text)
        raise DataError(N_("{place}: not valid JSON: {error}", place=place, error=error)) from error


def _decoded(place: str, text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise undecodable(place, error) from error


def _table_rows(place: str, file: Bytes, encoding: str, separated: str) -> Iterator[PlacedRow]:
    csv.field_size_limit(LONGEST_CELL)
    with io.TextIOWrapper(file, encoding=encoding_of(file, encoding), newline="") as text:
        header = text.readline()
        between = separated or separator(header)
        text.seek(0)
        spaced = f"{between} " in header  # else a space is part of its cell
        # strict: a quotation mark that is never closed must not swallow the rows below it
        reader = csv.DictReader(text, delimiter=between, skipinitialspace=spaced, strict=True)
        try:
            _check_columns(place, reader.fieldnames or ())
            yield from ((f"{place}:{reader.line_num}", row) for row in reader)
        except csv.Error as error:
            reason = str(error).replace("unexpected end of data", "a quotation mark never closes")
            raise DataError(
                N_(
                    "{place}:{line_num}: {reason}",
                    place=place,
                    line_num=reader.line_num + 1,
                    reason=reason,
                )
            ) from error


def _check_columns(place: str, names: Sequence[str]) -> None:
    """Raises DataError for a column that is there twice: only the last would be read."""
    named = [name.strip() for name in names if name.strip()]
    if twice := [name for name in dict.fromkeys(named) if named.count(name) > 1]:
        raise DataError(
            N_("{place}:1: the column {twice!r} is there twice", place=place, twice=twice[0])
        )


def separator(header: str) -> str:
    """The separator of the columns: a comma in most files, else a semicolon or a tab."""
    return max((",", ";", "\t"), key=header.count)


def _parquet_rows(place: str, file: Bytes) -> Iterator[PlacedRow]:
    import pyarrow as arrow
    from pyarrow import parquet

    try:
        number = 0
        for batch in parquet.ParquetFile(file).iter_batches():
            for row in batch.to_pylist():
                number += 1
                yield f"{place} row {number}", row
    except arrow.ArrowInvalid as error:
        raise DataError(
            N_("{place}: not a readable Parquet file: {error}", place=place, error=error)
        ) from error
