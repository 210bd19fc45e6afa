"""Words from outside (a server's, a model's, a file's) made safe to show."""

import unicodedata
from typing import Any


def harmless(text: str) -> str:
    """A text without what could steer a terminal or turn the reading order around.

    Of control and format characters only newline and tab stay; halves of surrogate pairs, which no
    file can hold, are replaced.
    """
    return "".join(
        character if character in "\n\t" or unicodedata.category(character)[0] != "C" else "\ufffd"
        for character in text
    )


def harmless_within(value: Any) -> Any:
    """JSON with every text in it made safe; numbers and signs of JSON stay as they are."""
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, dict):
        return {harmless_within(key): harmless_within(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [harmless_within(each) for each in value]
    return value
