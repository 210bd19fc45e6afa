"""A value that an option cannot have, in one line: the option, the value, and what to give."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from evaluator.errors import UsageError, did_you_mean
from evaluator.options.dataset_args import DatasetArgs
from evaluator.options.declared import Option, OptionGroup, parts_of, within
from evaluator.options.kinds import choices, kind

P = TypeVar("P", bound=OptionGroup)


def read(model: type[P], keys: dict[str, object]) -> P:
    """The keys as the options of a command.  Raises UsageError in one line."""
    try:
        return model.model_validate(keys)
    except ValidationError as error:
        raise UsageError("; ".join(complaints(model, error.errors()))) from None


def complaints(model: type[OptionGroup], errors: Iterable[ErrorDetails]) -> list[str]:
    """A line for each option that is wrong; pydantic has one for each type that did not fit."""
    known = {each.key: each for each in within(model)}
    lines: dict[str, str] = {}
    for error in errors:
        key = key_of(error["loc"], known)
        lines.setdefault(key, complaint(key, known.get(key), model, error))
    return list(lines.values())


def key_of(place: Sequence[int | str], known: Iterable[str]) -> str:
    """The key of the option at a place in nested parts: ("judge", "rpm") is judge_rpm."""
    words = [str(word) for word in place]
    keys = ["_".join(words[:count]) for count in range(1, len(words) + 1)]
    return next((key for key in keys if key in known), keys[-1] if words else "")


def complaint(key: str, found: Option | None, model: type[OptionGroup], error: ErrorDetails) -> str:
    """What is wrong with one option."""
    if found is None:
        return unknown(key, model, error)
    value, field = error["input"], found.field
    if key == "benchmarks" and (error["type"] == "missing" or not value):
        return "name at least one benchmark; `evaluator list` shows them"
    if error["type"] in ("missing", "string_too_short"):
        return f"{found.flag} is {'missing' if error['type'] == 'missing' else 'empty'}"
    if key == "dataset_args":
        return of_one_benchmark(error)
    words = choices(field.annotation)
    hint = did_you_mean(value, words, "") if isinstance(value, str) and words else ""
    expected = found.kind
    if error["type"] == "finite_number":
        expected = expected.replace("a number", "a finite number")
    return f"{found.flag} {value!r}: {f'{hint} ' if hint else ''}give {expected}"


def unknown(key: str, model: type[OptionGroup], error: ErrorDetails) -> str:
    """What is wrong with a key that is no option."""
    if key in parts_of(model):
        return f"{key} {error['input']!r}: give a {parts_of(model)[key].__name__} or a table"
    hint = did_you_mean(key, [each.key for each in within(model)], "see the --help of the command")
    return f"there is no option {key!r}; {hint}"


def of_one_benchmark(error: ErrorDetails) -> str:
    """What is wrong with an option of a single benchmark."""
    place, value = [str(word) for word in error["loc"][1:]], error["input"]
    field = DatasetArgs.model_fields.get(place[1]) if len(place) > 1 else None
    words = kind(field.annotation, field.metadata) if field else "a table"
    return f"--dataset-args: {' '.join(place)} {value!r}: give {words}"
