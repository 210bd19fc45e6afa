"""How files of the user's own are read: questions (mcq:FILE, qa:FILE) and recorded replies."""

import codecs
from typing import Annotated

from pydantic import field_validator

from evaluator.data import RowFormat
from evaluator.errors import UsageError
from evaluator.locale import N_
from evaluator.options.declared import Help, OptionGroup

OPTION = "--fields"


class OwnFiles(OptionGroup):
    """Options of every file of the user's own in a command."""

    panel = "What to ask"

    encoding: Annotated[
        str | None,
        Help("Encoding of files of your own that are not UTF-8, such as gbk.", "NAME", "UTF-8"),
    ] = None
    fields: Annotated[
        dict[str, str],
        Help(
            "Names that fields have in questions of your own (mcq:FILE, qa:FILE): "
            "question=query,answer=response.",
            "FIELD=NAME",
            "those of the known tools",
        ),
    ] = {}

    @field_validator("encoding")
    @classmethod
    def _encoding(cls, value: str | None) -> str | None:
        """One that Python knows."""
        try:
            return value and codecs.lookup(value).name and value
        except LookupError:
            raise UsageError(
                N_(
                    "--encoding {value!r} is no known encoding; give one such as gbk, big5 or "
                    "cp1252",
                    value=value,
                )
            ) from None

    @field_validator("fields", mode="before")
    @classmethod
    def _fields(cls, value: object) -> object:
        """FIELD=NAME, several with commas between them."""
        words = [value] if isinstance(value, str) else value
        if not isinstance(words, list | tuple):
            return words
        return dict(_pair(each) for word in words for each in str(word).split(","))

    @property
    def row_format(self) -> RowFormat:
        """The same in one value."""
        return RowFormat(self.encoding or "", self.fields)


def _pair(word: str) -> tuple[str, str]:
    field, _, name = (part.strip() for part in word.partition("="))
    if not field or not name:
        raise UsageError(
            N_(
                "{option} {word!r} is not FIELD=NAME, such as question=query",
                option=OPTION,
                word=word,
            )
        )
    return field, name
