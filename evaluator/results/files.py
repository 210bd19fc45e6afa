"""Reads and writes the files of a run as the types that they are."""

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import orjson

from evaluator.errors import DataError
from evaluator.locale import N_
from evaluator.results.figures import LEFT_OUT

if TYPE_CHECKING:
    from pydantic import ValidationError

T = TypeVar("T")
_PARSERS: dict[object, Callable[[bytes], Any]] = {}


def parser(kind: type[T]) -> Callable[[bytes], T]:
    """What reads a `kind` from JSON; it raises pydantic's ValidationError, which is a ValueError.

    pydantic is imported here, so that --help need not wait for it. Its bare validator takes less
    time a line than TypeAdapter's method.
    """
    from pydantic import TypeAdapter

    if kind not in _PARSERS:
        _PARSERS[kind] = TypeAdapter(kind).validator.validate_json
    parse: Callable[[bytes], T] = _PARSERS[kind]
    return parse


def read(path: Path, kind: type[T]) -> T:
    """The file at `path` as a `kind`.

    Raises OSError where it cannot be read, and DataError, which names the place, where it is
    damaged or something else.
    """
    from pydantic import ValidationError

    content, parse = path.read_bytes(), parser(kind)
    try:
        made = parse(content)
    except ValidationError as error:
        raise DataError(N_("{path}: {error}", path=path, error=complaint(error))) from error
    return made


def read_lines(path: Path, kind: type[T]) -> Iterator[T]:
    """The lines of a file, each a `kind`; a torn last one, of a run that was killed, is left out.

    Raises OSError, and DataError, which names the line, for one that is damaged.
    """
    from pydantic import ValidationError

    parse = parser(kind)
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                made = parse(line)
            except ValidationError as error:
                if line.endswith(b"\n"):
                    raise DataError(
                        N_(
                            "{path}:{number}: {error}",
                            path=path,
                            number=number,
                            error=complaint(error),
                        )
                    ) from error
            else:
                yield made


def parsed_line(line: bytes, kind: type[T], place: str) -> T:
    """A line as a `kind`.  Raises DataError, with the place, where it is damaged."""
    from pydantic import ValidationError

    try:
        return parser(kind)(line)
    except ValidationError as error:
        raise DataError(N_("{place}: {error}", place=place, error=complaint(error))) from error


def complaint(error: "ValidationError") -> str:
    """The first thing that is wrong, with its place and the value found there."""
    first = error.errors(include_url=False)[0]
    place = ".".join(map(str, first["loc"]))
    what = first["msg"][:1].lower() + first["msg"][1:]
    if first["type"] in ("json_invalid", "missing"):
        return f"{place}: {what}" if place else what
    return f"{place}: {what}, got {first['input']!r:.60}" if place else what


def packed(value: object) -> bytes:
    """A dataclass as JSON, without the fields that are left out where they are None."""
    option = orjson.OPT_INDENT_2 | orjson.OPT_PASSTHROUGH_DATACLASS
    return orjson.dumps(value, default=present, option=option)


def write(path: Path, value: object) -> None:
    """Writes a dataclass as JSON, in one step: no reader ever sees half of it.  Raises OSError."""
    write_bytes(path, packed(value))


def write_bytes(path: Path, content: bytes) -> None:
    """Writes a file in one step.  Raises OSError."""
    draft = path.with_suffix(".tmp")
    draft.write_bytes(content)
    draft.replace(path)


def present(value: object) -> dict[str, Any]:
    """One dataclass as JSON; those within it come here by themselves."""
    if not is_dataclass(value):
        raise TypeError(f"{type(value).__name__} cannot be written as JSON")
    pairs = ((each, getattr(value, each.name)) for each in fields(value))
    return {each.name: of for each, of in pairs if of is not None or LEFT_OUT not in each.metadata}
