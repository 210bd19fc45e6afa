"""Texts for people in their language.

English texts stand in the code, and are the keys of a gettext catalogue for each other language. A
text is marked where it is made, by `N_` or `labels`; to all who do not ask it is plain English. It
is translated where it is shown: whoever shows it chooses the language. A page is given its own;
the screen of a command has one, as `speak` set it, and so has all that is shown within `speaking`.
A text with a number has a word for one and one for many: `{n} {n:sample was|samples were} left
out`; an entry without them has no plural.
"""

import os
import re
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

Language = Literal["en", "zh"]
FOLDER = Path(__file__).parent
FORMS = re.compile(r"\{(\w+):([^{}|]*)\|([^{}|]*)\}")  # for one, and for many
VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set counts, as in gettext


class Phrase(str):
    """An English text that can be said in other languages, with the values in its braces."""

    __slots__ = ("fields", "template")
    template: str
    fields: Mapping[str, object]


def N_(template: str, /, **fields: object) -> Phrase:
    """The text with its fields filled in, marked to be translated."""
    made = Phrase(filled(template, fields))
    made.template, made.fields = template, fields
    return made


def filled(template: str, fields: Mapping[str, object]) -> str:
    """A template with its fields, and each word that goes with a number in the right form."""

    def form(found: re.Match[str]) -> str:
        name, one, many = found.groups()
        return one if fields[name] in (1, "1") else many

    return FORMS.sub(form, template).format(**fields) if fields else template


def labels(*texts: str) -> list[str]:
    """Several texts without fields; an empty one stays empty."""
    return [N_(text) for text in texts]


def joined(separator: str, texts: Iterable[str]) -> Phrase:
    """Texts one after the other, each of which, as the separator, is said to its reader."""
    fields = {f"text_{i}": each for i, each in enumerate(texts)}
    between = "{separator}".join(f"{{{name}}}" for name in fields)
    return N_(between, separator=SEPARATORS.get(separator, separator), **fields)


SEPARATORS = {str(each): each for each in labels(", ", "; ", ": ")}


def recalled(text: str, templates: Sequence[str]) -> str:
    """A text that a file holds, as the first of the marked templates that it was made of.

    Files are English, so a text that was written to one has lost its mark. Fields hold text then,
    and are given no form. One that no template fits stays as it is.
    """
    for template in templates:
        if found := pattern(template).fullmatch(text):
            return N_(
                template,
                **{name: recalled(each, templates) for name, each in found.groupdict().items()},
            )
    return text


@lru_cache
def pattern(template: str) -> re.Pattern[str]:
    """What the texts look like that a template makes."""
    made = ""
    for before, name, form, _ in string.Formatter().parse(template):
        made += re.escape(before)
        if form and "|" in form:
            made += f"(?:{'|'.join(map(re.escape, form.split('|')))})"
        elif name:
            made += f"(?P<{name}>.+)"
    return re.compile(made, re.DOTALL)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The texts of one language by their English ones; without any it is English."""

    language: Language = "en"
    entries: Mapping[str, str] = field(default_factory=dict)

    def say(self, text: str) -> str:
        """A text in this language, and one that is not marked as it is."""
        if not isinstance(text, Phrase):
            return text
        template = self.entries.get(text.template, text.template)
        return filled(template, self.within(text.fields))

    def within(self, value: Any) -> Any:
        """JSON with every marked text in it said in this language."""
        if isinstance(value, str):
            return self.say(value)
        if isinstance(value, Mapping):
            return {self.within(key): self.within(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.within(each) for each in value]
        return value


@lru_cache
def catalogue(language: Language) -> Catalogue:
    """The catalogue of a language, read once."""
    if language == "en":
        return Catalogue()
    from babel.messages.pofile import read_po

    path = FOLDER / language / "LC_MESSAGES" / "evaluator.po"
    with path.open("rb") as file:
        found = {str(each.id): str(each.string) for each in read_po(file) if each.id}
    return Catalogue(language, found)


_screen = Catalogue()
_within: ContextVar[Catalogue | None] = ContextVar("_within", default=None)


def speak(wanted: str | None) -> None:
    """Sets the language of the screen, as `language` finds it; a name that is none sets nothing."""
    global _screen
    if wanted is None or wanted in get_args(Language):
        _screen = catalogue(language(wanted))  # type: ignore[arg-type]  # it is one of them


@contextmanager
def speaking(wanted: Language | None) -> Iterator[None]:
    """All that is said within is said in this language: that of a file, as `language` finds it."""
    before = _within.set(catalogue(language(wanted)))
    try:
        yield
    finally:
        _within.reset(before)


def said(text: str) -> str:
    """A text in the language of the screen: English, unless a command has set another."""
    return (_within.get() or _screen).say(text)


def language(wanted: Language | None) -> Language:
    """The one that is wanted; else Chinese where the environment asks for it, and English."""
    if wanted:
        return wanted
    name = next((value for each in VARIABLES if (value := os.environ.get(each))), "")
    return "zh" if name.lower().startswith("zh") else "en"
