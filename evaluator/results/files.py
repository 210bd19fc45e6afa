"""Files that hold one JSON value: checked against a type when read, written whole or not at all.

A field whose default is None is optional in its file: the key is left out while it is None.
"""

from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError

from evaluator.errors import DataError

T = TypeVar("T")


def read(path: Path, kind: type[T]) -> T:
    """The file's value.

    Raises OSError, or DataError with the path and the place of the first thing that is wrong.
    """
    content = path.read_bytes()
    try:
        return TypeAdapter(kind).validate_json(content)
    except ValidationError as error:
        raise DataError(f"{path}: {complaint(error)}") from error


def complaint(error: ValidationError) -> str:
    """The first mistake in a line: where it is, what should be there, and what is."""
    first = error.errors(include_url=False)[0]
    place = ".".join(map(str, first["loc"]))
    what = first["msg"][:1].lower() + first["msg"][1:]
    if first["type"] in ("json_invalid", "missing"):
        return f"{place}: {what}" if place else what
    return f"{place}: {what}, got {first['input']!r:.60}" if place else what


def write(path: Path, value: object) -> None:
    """Writes the value as JSON; the file is never seen half written.  Raises OSError."""
    draft = path.with_suffix(".tmp")
    option = orjson.OPT_INDENT_2 | orjson.OPT_PASSTHROUGH_DATACLASS
    draft.write_bytes(orjson.dumps(value, present, option))
    draft.replace(path)


def present(value: object) -> dict[str, object]:
    """The keys that a dataclass has in its file, with their values.  Raises TypeError."""
    if not is_dataclass(value) or isinstance(value, type):
        raise TypeError(f"{type(value).__name__} has no place in a file")
    named: list[tuple[Any, object]] = [(each, getattr(value, each.name)) for each in fields(value)]
    return {each.name: held for each, held in named if held is not None or each.default is not None}
