"""Words from outside (a server's, a model's, a file's) made safe to show."""

import unicodedata


def harmless(text: str) -> str:
    """A text without what could steer a terminal or turn the reading order around.

    Of control and format characters only newline and tab stay; halves of surrogate pairs, which no
    file can hold, are replaced.
    """
    return "".join(
        character if character in "\n\t" or unicodedata.category(character)[0] != "C" else "\ufffd"
        for character in text
    )
