"""The answer of a reply in words, where it is neither an option nor a number."""

import re

from evaluator.extract.expressions import boxed
from evaluator.extract.refusals import refused
from evaluator.extract.text import NOTHING, Reading, read

LONGEST = 200  # characters; a longer line explains rather than answers
_ASKED = re.compile(r"(?:answer|答案)[ \t]*[:：][ \t]*(\S.*)", re.IGNORECASE)
_GIVEN = re.compile(
    r"(?:\banswers?\b(?:(?!\bnot\b)[^\n:：.]){0,40}?(?:\bis\b|\bare\b|[:：])|答案[^\n:：。不]{0,10}?[:：为是])"
    r"[ \t]*[:：]?",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"\*+|`+|(?<!\w)_+|_+(?!\w)|\\text\w*|\\boxed|\$")
_BULLET = re.compile(r"(?m)^[ \t]*(?:[-•]|\d+[.)])[ \t]+")


def short_answer(text: str) -> Reading:
    """The words after `Answer:` on the last line, after the last "answer is", or in a box.

    A reply of one short line is an answer as it stands, unless it refuses; a longer one without any
    of these is not.
    """

    def reader(reply: str) -> Reading:
        alone = "\n" not in reply and len(reply) <= LONGEST and not refused(reply)
        return _stated(reply) or (Reading(_tidy(reply), None) if alone else NOTHING)

    return read(text, reader)


def last_short_answer(text: str) -> Reading:
    """As `short_answer`; failing that, the last line of the reply, from its last colon on."""

    def reader(reply: str) -> Reading:
        end = re.split("[:：]", _last_line(reply))[-1]
        return _stated(reply) or (NOTHING if refused(reply) else Reading(_tidy(end), None))

    return read(text, reader)


def _stated(text: str) -> Reading | None:
    if (asked := _ASKED.fullmatch(_last_line(text))) and _MARKUP.sub("", asked[1]) == asked[1]:
        return Reading(asked[1], asked[1])
    for given in reversed(list(_GIVEN.finditer(_MARKUP.sub("", text)))):
        after = given.string[given.end() :].strip()
        if answer := _tidy(after.partition("\n\n" if _ends_line(given) else "\n")[0]):
            return Reading(answer, None)
    box = boxed(text)
    return Reading(_tidy(box), None) if box else None


def _ends_line(given: re.Match[str]) -> bool:
    return given.string[given.end() :].lstrip(" \t").startswith("\n")


def _last_line(text: str) -> str:
    return text[text.rfind("\n") + 1 :].strip()


def _tidy(text: str) -> str | None:
    words = _BULLET.sub("", _MARKUP.sub("", text)).split()
    return " ".join(words).rstrip("。.") or None
