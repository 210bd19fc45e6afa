"""How an option is declared: a field of a dataclass, with its default, reader and help text."""

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, TypeVar

from .locale import LANGUAGES, N_, Phrase

Value = TypeVar("Value")


def option(
    default: Value,
    help: str,
    read: Callable[[str], object] = str,
    metavar: str = "",
) -> Value:
    """A field that is an option too. `read` turns its text into the value; False makes a switch."""
    made: Value = field(default=default, metadata=_details(help, read, metavar))
    return made


def required(help: str, read: Callable[[str], object] = str, metavar: str = "") -> Any:
    """A field that is an option without a default."""
    return field(metadata=_details(help, read, metavar))


def _details(help: str, read: Callable[[str], object], metavar: str) -> dict[str, object]:
    marked = help if isinstance(help, Phrase) else N_(help)
    return {"help": marked, "read": read, "metavar": metavar}


def positive_number(text: str) -> int:
    """Raises ValueError below 1."""
    number = int(text)
    if number < 1:
        raise ValueError(f"{number} is less than 1")
    return number


def port_number(text: str) -> int:
    """Raises ValueError outside of 1 to 65535."""
    if not 1 <= (number := int(text)) <= 65535:
        raise ValueError(f"{number} is no port")
    return number


def number_of_seconds(text: str) -> float:
    """Raises ValueError for a negative or endless number."""
    if not 0 <= (number := float(text)) < float("inf"):
        raise ValueError(f"{text} is no number of seconds")
    return number


def language(text: str) -> str:
    """Raises ValueError for one that `launch` does not speak."""
    if text not in LANGUAGES:
        raise ValueError(f"{text} is none of {LANGUAGES}")
    return text


def option_words(given: Mapping[str, object]) -> tuple[str, ...]:
    """Options as words of a command line, by their names; None was not given."""
    return tuple(
        word
        for name, value in given.items()
        if value is not None
        for word in (f"--{name.replace('_', '-')}", str(value))
    )
