"""Replies that are a yes or a no, and replies that refuse to answer."""

import re

from evaluator.extract.cleaning import strip_thinking
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

LONGEST_REFUSAL = 600  # characters; who writes more than this has said something
_DECLINES = (
    r"(?:help|assist|answer|provide|comply|respond|fulfil|discuss|engage|participate|complete|do)"
)
_REFUSAL = re.compile(
    r"\bI(?:'m| am) (?:\w+ )?(?:sorry|unable|not able)\b[^\n]{0,80}?"
    rf"\b(?:can't|cannot|can not|unable|not able|won't|{_DECLINES})\b"
    r"|\bI (?:can't|cannot|can not|won't|will not|am unable to"
    r"|(?:must |have to )?decline to)"
    rf" (?:\w+ ){{0,2}}?{_DECLINES}\b"
    r"|\bas an AI\b[^\n]{0,60}\b(?:can't|cannot|unable)\b"
    r"|(?:抱歉|对不起|很遗憾|不好意思)[^\n]{0,30}(?:无法|不能|不可以|没办法|拒绝)"
    r"|(?:我|作为[^\n]{0,16})(?:无法|不能|不便|没办法|拒绝)[^\n,.]{0,4}"
    r"(?:回答|提供|协助|帮助|满足|讨论|完成|作答)",
    re.IGNORECASE,
)
_ANSWERED = re.compile(r"\banswer(?: is|:)\s*\S|答案[是为:]\s*\S|\\boxed|####", re.IGNORECASE)


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


def refused(text: str) -> bool:
    """Whether a short reply declines to answer, and gives no answer all the same."""
    text = strip_thinking(text).strip()
    if not text or len(text) > LONGEST_REFUSAL:
        return False
    text = plain(text)
    return _REFUSAL.search(text) is not None and _ANSWERED.search(text) is None
