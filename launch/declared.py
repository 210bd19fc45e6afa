"""How an option is declared: a field of a dataclass, with its default, reader and help text."""

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, TypeVar

Value = TypeVar("Value")


def option(
    default: Value,
    help: str,
    read: Callable[[str], object] = str,
    metavar: str = "",
) -> Value:
    """A field that is an option too. `read` turns its text into the value; False makes a switch."""
    details = {"help": help, "read": read, "metavar": metavar}
    made: Value = field(default=default, metadata=details)
    return made


def required(help: str, read: Callable[[str], object] = str, metavar: str = "") -> Any:
    """A field that is an option without a default."""
    return field(metadata={"help": help, "read": read, "metavar": metavar})


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


def option_words(given: Mapping[str, object]) -> tuple[str, ...]:
    """Options as words of a command line, by their names; None was not given."""
    return tuple(
        word
        for name, value in given.items()
        if value is not None
        for word in (f"--{name.replace('_', '-')}", str(value))
    )
