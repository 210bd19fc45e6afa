"""Texts of `launch` in the language of their reader, from the catalogue of `evaluator`.

It reads the catalogue's file and imports nothing of it, because it says what an installation says
too: standard library only, and no syntax newer than Python 3.6 (see `install/__main__`). A text is
marked by `N_` where it is made, and translated where it is shown. Files are English: `phases` reads
messages from them.
"""

import ast
import os
import re
import stat
import sys
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import IO, Dict, Iterable, List, Mapping, Sequence, Tuple

from . import MODULE

VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set counts, as in gettext
LANGUAGES = ("en", "zh")
# that of COMMAND, which may stand within one word: --args='--lang zh'
OPTION = re.compile(r"(?:^|[\s='\"])--lang[ =]['\"]?({})\b".format("|".join(LANGUAGES)))
BESIDE = Path(__file__).absolute().parents[1]  # `evaluator` itself where it is installed
FOLDER = BESIDE / ("evaluator/locale" if MODULE == "launch" else "locale")
LEAST_TOLD = 5  # characters outside of the fields, by which a text in a file is known again
FORMS = re.compile(r"\{(\w+):([^{}|]*)\|([^{}|]*)\}")  # of a word: for one, and for many
ENTRY = re.compile(r'^(msgid |msgstr |)(".*")$', re.MULTILINE)


class Phrase(str):
    """An English text that can be said in other languages, with the values in its braces."""

    __slots__ = ("fields", "template")
    template: str
    fields: Mapping[str, object]


def N_(template: str, **fields: object) -> Phrase:
    """The text with its fields filled in, marked to be translated."""
    made = Phrase(filled(template, fields))
    made.template, made.fields = template, fields
    return made


def filled(template: str, fields: Mapping[str, object]) -> str:
    """A template with its fields, and each word that goes with a number in the right form."""

    def form(found: "re.Match[str]") -> str:
        name, one, many = found.groups()
        return one if fields[name] in (1, "1") else many

    return FORMS.sub(form, template).format(**fields) if fields else template


def joined(separator: str, texts: Iterable[str]) -> Phrase:
    """Texts one after the other, each of which, as the separator, is said to its reader."""
    fields = {f"text_{i}": each for i, each in enumerate(texts)}
    between = "{separator}".join(f"{{{name}}}" for name in fields)
    return N_(between, separator=separator, **fields)


def labels(*texts: str) -> List[str]:
    """Several texts without fields."""
    return [N_(text) for text in texts]


def catalogue(language: str) -> Dict[str, str]:
    """The texts of a language by their English ones; none for English."""
    if language == "en":
        return {}
    path = FOLDER / language / "LC_MESSAGES" / "evaluator.po"
    blocks = path.read_text(encoding="utf-8").split("\n\n")
    return dict(map(_entry, blocks[1:]))  # the first is about the file


def language(words: Sequence[str], environment: Mapping[str, str]) -> str:
    """That of COMMAND, which is among the words; else Chinese where the environment asks for it."""
    given = OPTION.search(" ".join(words))
    if given:
        return given.group(1)
    name = next((environment[each] for each in VARIABLES if environment.get(each)), "")
    return "zh" if name.lower().startswith("zh") else "en"


_screen: Dict[str, str] = {}


def speak(words: Sequence[str], to_files: bool = False) -> None:
    """Sets the language of the screen, as `language` finds it; that of files is English.

    `to_files`: a file is given it too, as one that help is sent to.
    """
    _screen.clear()
    if to_files or not _is_file(sys.stderr):
        _screen.update(catalogue(language(words, os.environ)))


def said(text: str) -> str:
    """A text in the language of the screen, and one that is not marked as it is."""
    if not isinstance(text, Phrase):
        return text
    template = _screen.get(text.template, text.template)
    fields = {
        name: said(each) if isinstance(each, str) else each for name, each in text.fields.items()
    }
    return filled(template, fields)


def recalled(text: str) -> str:
    """A text that a file holds, as one that is marked: files are English, and keep no marks.

    It is the marked text that makes it again, with the most characters outside of its fields.
    """
    for template in sorted(_screen, key=_told_by, reverse=True):
        found = _pattern(template).match(text) if _told_by(template) >= LEAST_TOLD else None
        if found:
            with suppress(ValueError, SyntaxError, TypeError):  # a form that cannot be read back
                made = N_(template, **_values(template, found.groupdict()))
                if made == text:
                    return made
    return text


@lru_cache(maxsize=None)  # for each text that a file holds, all templates are gone through
def _told_by(template: str) -> int:
    """How many characters stand outside of its fields; 0 where braces are part of the text."""
    parts = list(Formatter().parse(template))
    if any(name and not name.isidentifier() for _, name, *_ in parts):
        return 0
    return sum(len(before) for before, *_ in parts)


@lru_cache(maxsize=None)
def _pattern(template: str) -> "re.Pattern[str]":
    """What the texts look like that a template makes."""
    made, known = "", []
    for before, name, form, _ in Formatter().parse(template):
        made += re.escape(before)
        if form and "|" in form:
            made += "(?:%s)" % "|".join(map(re.escape, form.split("|")))
        elif name:
            made += "(?P=%s)" % name if name in known else "(?P<%s>.+?)" % name
            known.append(name)
    return re.compile(made + r"\Z", re.DOTALL)


def _values(template: str, texts: Mapping[str, str]) -> Dict[str, object]:
    """The values of its fields, of which a form such as `!r` or `:g` may have made the texts."""
    parts = Formatter().parse(FORMS.sub("", template))
    formed = {name for _, name, form, conversion in parts if form or conversion}
    return {
        name: ast.literal_eval(text) if name in formed else recalled(text)
        for name, text in texts.items()
    }


def _entry(block: str) -> Tuple[str, str]:
    parts = {"msgid ": "", "msgstr ": ""}
    part = "msgid "
    for keyword, quoted in ENTRY.findall(block):
        part = keyword or part
        parts[part] += ast.literal_eval(quoted)
    return parts["msgid "], parts["msgstr "]


def _is_file(stream: IO[str]) -> bool:
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):
        return False
