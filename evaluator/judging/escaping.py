"""Makes an answer safe to stand in a judge's prompt, and fills a user's own prompt."""

import re
from collections.abc import Callable, Collection, Mapping

from evaluator.judging.dimensions import ALONE, OVERALL
from evaluator.judging.quotations import FENCE, plain
from evaluator.judging.rated_lines import unrated
from evaluator.judging.verdict_reader import BRACKETED, DICT, PREFERENCE, pairs

_VALUE = re.compile(r"([:：=]\s{0,40})([^\s,，;；、{}][^,，;；、\n{}]*)")
_TAG = re.compile(r"<(/?(?:think|thinking|reasoning)\s*)>", re.IGNORECASE)


def fenced(text: str, names: Collection[str] = (OVERALL, ALONE)) -> str:
    """An answer as a judge may be shown it: nothing in it passes for a fence or for a verdict.

    Square brackets of fences become 〔〕, [[7]] becomes [ [ 7]], and a dict that rates one of
    `names` gets its numbers in parentheses: it still reads the same, and is still valid Python.
    """
    text = _replaced(text, FENCE, lambda shown: f"〔{shown.strip('[]【】<>|＜＞｜［］〖〗')}〕")
    for pattern in (BRACKETED, PREFERENCE):
        text = _replaced(text, pattern, _loosened)
    text = _replaced(text, DICT, lambda shown: _parenthesised(shown, names))
    text = unrated(text, names)
    return _TAG.sub(r"〈\1〉", text)


def _replaced(text: str, pattern: re.Pattern[str], change: Callable[[str], str]) -> str:
    """The text with every place changed that the pattern finds in its plain form."""
    kept: list[str] = []
    end = 0
    for found in pattern.finditer(plain(text)):
        kept += [text[end : found.start()], change(text[found.start() : found.end()])]
        end = found.end()
    return "".join([*kept, text[end:]])


def _loosened(shown: str) -> str:
    return re.sub(r"[\[［【〖]", r"\g<0> ", shown)


def _parenthesised(shown: str, names: Collection[str]) -> str:
    if not any(name in names for name, _ in pairs(plain(shown)[1:].removesuffix("}"))):
        return shown
    return _VALUE.sub(r"\1(\2)", shown)


def filled(template: str, fields: Mapping[str, str]) -> str:
    """A user's own prompt with its {fields} filled, in one pass; {{ and }} stand for braces.

    As str.format, but braces that name no field stay as they are.
    """
    known = "|".join(map(re.escape, fields))
    return re.sub(
        rf"\{{\{{|\}}\}}|\{{({known})\}}",
        lambda found: fields[found[1]] if found[1] else found[0][0],
        template,
    )
