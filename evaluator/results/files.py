"""Reads and writes the files of a run as the types that they are."""

from pathlib import Path
from typing import TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError

from evaluator.errors import DataError

T = TypeVar("T")


def read(path: Path, kind: type[T]) -> T:
    """The file at `path` as a `kind`.

    Raises OSError where it cannot be read, and DataError, which names the place, where it is
    damaged or something else.
    """
    content = path.read_bytes()
    try:
        return TypeAdapter(kind).validate_json(content)
    except ValidationError as error:
        raise DataError(f"{path}: {complaint(error)}") from error


def complaint(error: ValidationError) -> str:
    """The first thing that is wrong, with its place and the value found there."""
    first = error.errors(include_url=False)[0]
    place = ".".join(map(str, first["loc"])) or "the file"
    found = "" if first["type"] in ("json_invalid", "missing") else f", not {first['input']!r:.80}"
    return f"{place}: {first['msg']}{found}"


def write(path: Path, value: object) -> None:
    """Writes a dataclass as JSON, in one step: no reader ever sees half of it.  Raises OSError."""
    draft = path.with_suffix(".tmp")
    draft.write_bytes(orjson.dumps(value, option=orjson.OPT_INDENT_2))
    draft.replace(path)
