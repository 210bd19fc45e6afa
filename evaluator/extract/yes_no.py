"""Whether a reply says yes or no."""

import re

from evaluator.extract.restated import restated
from evaluator.extract.text import NOTHING, Reading, asked_line, plain, read

_VALUES = dict.fromkeys(
    ["yes", "true", "是", "是的", "对", "对的", "正确", "会", "能", "可以", "有"], "yes"
)
_VALUES |= dict.fromkeys(
    [
        "no",
        "false",
        "否",
        "不是",
        "不对",
        "错",
        "错的",
        "错误",
        "不正确",
        "不会",
        "不能",
        "没有",
        "不可以",
    ],
    "no",
)
_ENGLISH = r"(?:yes|no|true|false)\b(?! (?:one|doubt|longer|matter|more|evidence|or)\b)"
_CHINESE = (
    r"(?:不是|不对|不正确|不会|不能|不可以|没有|否|错[误的]?"
    r"|是的?(?!不是|否|一)|对的?|正确|会|能|可以|有)"
)
_SAID = rf"(?P<said>{_ENGLISH}|{_CHINESE})"
_ANSWER = re.compile(
    r"(?:\b(?:answer|conclusion|verdict)\b(?:(?!\bnot\b|n't)[^\n.;:!?]){0,60}?(?:\bis\b|[:=])"
    r"|\\boxed|\b(?:so|therefore|thus|hence)\b|(?:答案|结论)[^\n.不]{0,6}?[是为:]|所以|因此)"
    rf"[\s\"'(\[:,]*(?:not \w+,? but |definitely |clearly )?{_SAID}(?!\s?(?:或|or\b))",
    re.IGNORECASE,
)
_ALONE = re.compile(rf"[\s\"'(\[#]*{_SAID}(?:[\s\"')\].,!;:]|$)", re.IGNORECASE)
_EQUATION = re.compile(r"(?<![=<>!])=[\s\"'(\[]*(?P<said>true|false)\W*\Z", re.IGNORECASE)
_MARKUP = re.compile(r"[*`$]|\\text\w*|\\[()\[\]]")


def yes_no(text: str, question: str = "") -> Reading:
    """`yes` or `no`; true and false, 是 and 否 are read as these.

    So is a last sentence that asserts or denies what the question asks.
    """
    return read(text, lambda reply: _yes_no(reply, question))


def _yes_no(text: str, question: str) -> Reading:
    asked = asked_line(text)
    if asked and (value := _VALUES.get(asked.lower())):
        return Reading(value, value)
    text = _MARKUP.sub("", plain(text)).replace("{", " ").replace("}", " ").strip()
    if answers := list(_ANSWER.finditer(text)):
        return Reading(_value(answers[-1]), None)
    lines = (text[text.rfind("\n") + 1 :], text)  # a last line goes before a first one
    said = next(filter(None, map(_ALONE.match, lines)), None) or _EQUATION.search(text)
    if said:
        return Reading(_value(said), None)
    return Reading(restated(text, question), None) if question else NOTHING


def _value(found: re.Match[str]) -> str:
    return _VALUES[found["said"].lower()]
