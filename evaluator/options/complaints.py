"""A value that an option cannot have, in one line: the option, the value, and what to give."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from evaluator.errors import UsageError, did_you_mean
from evaluator.locale import N_, joined
from evaluator.options.dataset_args import DatasetArgs
from evaluator.options.declared import Option, OptionGroup, parts_of, within
from evaluator.options.kinds import choices, kind

P = TypeVar("P", bound=OptionGroup)


def read(model: type[P], keys: dict[str, object]) -> P:
    """The keys as the options of a command.  Raises UsageError in one line."""
    try:
        return model.model_validate(keys)
    except ValidationError as error:
        raise UsageError(joined("; ", complaints(model, error.errors()))) from None


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
        return N_("name at least one benchmark; `evaluator list` shows them")
    if error["type"] == "missing":
        return N_("{flag} is missing", flag=found.flag)
    if error["type"] == "string_too_short":
        return N_("{flag} is empty", flag=found.flag)
    if key == "dataset_args":
        return of_one_benchmark(error)
    words = choices(field.annotation)
    hint = did_you_mean(value, words, "") if isinstance(value, str) and words else ""
    expected = found.kind
    if error["type"] == "finite_number":
        expected = expected.replace("a number", "a finite number")
    expected = N_("give {kind}", kind=expected)
    return N_(
        "{flag} {value!r}: {hint}",
        flag=found.flag,
        value=value,
        hint=joined(" ", (hint, expected)) if hint else expected,
    )


def unknown(key: str, model: type[OptionGroup], error: ErrorDetails) -> str:
    """What is wrong with a key that is no option."""
    if key in parts_of(model):
        return N_(
            "{key} {value!r}: give a {part} or a table",
            key=key,
            value=error["input"],
            part=parts_of(model)[key].__name__,
        )
    known = [each.key for each in within(model)]
    hint = did_you_mean(key, known, N_("see the --help of the command"))
    return N_("there is no option {key!r}; {hint}", key=key, hint=hint)


def of_one_benchmark(error: ErrorDetails) -> str:
    """What is wrong with an option of a single benchmark."""
    place, value = [str(word) for word in error["loc"][1:]], error["input"]
    field = DatasetArgs.model_fields.get(place[1]) if len(place) > 1 else None
    words = kind(field.annotation, field.metadata) if field else N_("a table")
    return N_(
        "--dataset-args: {place} {value!r}: give {kind}",
        place=" ".join(place),
        value=value,
        kind=words,
    )
