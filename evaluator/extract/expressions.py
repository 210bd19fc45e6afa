"""The mathematical expression that a reply gives, and whether it equals the reference."""

import re
from dataclasses import dataclass

from evaluator.extract import formulas
from evaluator.extract.cleaning import until_answered
from evaluator.extract.equality import equal
from evaluator.extract.notation import spelled
from evaluator.extract.numbers import number
from evaluator.extract.text import ends_of

MOST_BOXES = 8  # the last ones of a reply

_SPAN = re.compile(  # $ is a formula's sign, or a currency when a word follows the amount
    r"\$\$(.+?)\$\$|(?<!\\)\$(?!\d[\d.,]*\s[a-z])((?:[^$\n\\]|\\.)+?)\$|\\\((.+?)\\\)|\\\[(.+?)\\\]",
    re.DOTALL,
)
_ANSWER = re.compile(
    r"\banswers?\b[^\n.;:!?=$]{0,60}?(?:\bis\b|\bare\b|\bbe\b|:)|\banswer\b\W{0,4}(?=\n)"
    r"|答案[^\n。:：]{0,12}?[是为:：]|(?:^|\n)\W{0,4}答\s?[:：]",
    re.IGNORECASE,
)
_INSTEAD = re.compile(r"not\b[^\n.]{1,80}?\bbut(?: rather)? ", re.IGNORECASE)
_JOINED = re.compile(r"[\s$.,、]*(?:and|or|,|、|和|或)?[\s$]*(?:[a-z]\s*=\s*)?", re.IGNORECASE)
_BOX = re.compile(r"\\?(?:boxed|fbox)\s?\{")
_BRACE = re.compile(r"(?<!\\)[{}]")


def boxed(text: str) -> str | None:
    r"""The content of the last \boxed{...} or \fbox{...} with balanced braces."""
    text = ends_of(until_answered(text))
    boxes = _boxes(text)
    return text[slice(*boxes[-1].inside)].strip() or None if boxes else None


@dataclass(frozen=True, slots=True)
class _Box:
    start: int
    inside: tuple[int, int]


def _boxes(text: str) -> list[_Box]:
    """The last boxes that are closed, without those within another."""
    found: list[_Box] = []
    for opened in list(_BOX.finditer(text))[-MOST_BOXES:]:
        depth = 1
        for brace in _BRACE.finditer(text, opened.end()):
            depth += 1 if brace[0] == "{" else -1
            if not depth:
                found.append(_Box(opened.start(), (opened.end(), brace.start())))
                break
    return found


def expression(text: str) -> str | None:
    """The expression as written: the last box, else what the last "answer is" or sentence gives."""
    text = ends_of(until_answered(text)).strip()
    if boxes := _boxes(text):
        return _joined_boxes(text, boxes)
    for answer in reversed(list(_ANSWER.finditer(text))):
        statement = text[answer.end() :].lstrip(" \t\n*:：")
        if instead := _INSTEAD.match(statement):
            statement = statement[instead.end() :]
        if given := _given(statement):
            return given
    return _concluded(text) or (text if _is_bare(text) else None)


def _concluded(text: str) -> str | None:
    """What the last line comes to: its last formula, what its last equation gives, or a number."""
    line = text[text.rfind("\n") + 1 :]
    if math := [_formula(span) for span in _SPAN.finditer(line)]:
        return math[-1]
    _, equals, result = line.rpartition("=")
    if equals and formulas.readable(spelled(result).formula):
        return result.strip()
    return number(text).tolerant


def _joined_boxes(text: str, boxes: list[_Box]) -> str | None:
    """The last box; with the ones before it when only a comma or "and" stands between."""
    parts = [text[slice(*boxes[-1].inside)]]
    for box, after in zip(boxes[-2::-1], boxes[:0:-1], strict=False):
        between = text[box.inside[1] + 1 : after.start]
        if not between.strip() or not _JOINED.fullmatch(between):
            break
        parts.insert(0, text[slice(*box.inside)])
    return ", ".join(part.strip() for part in parts) or None


def _given(statement: str) -> str | None:
    line = statement.partition("\n")[0]
    if (span := _SPAN.search(statement[:600])) and span.start() <= len(line):
        lead = statement[: span.start()]
        if not re.search(r"[=+\d^]", lead):
            return _joined_spans(statement[:600], span)
    phrase = re.split(r"(?<!\\)[.!?;。；](?=\s|$|\W*$)|\s(?:because|since|which)\b", line)[0].strip(
        " *`\"'"
    )
    return phrase if phrase and len(phrase) <= 80 else None


def _joined_spans(statement: str, span: re.Match[str]) -> str:
    """The formula, with the ones after it when only a comma or "or" stands between."""
    parts = [_formula(span)]
    for further in _SPAN.finditer(statement, span.end()):
        if not _JOINED.fullmatch(statement, span.end(), further.start()):
            break
        parts.append(_formula(further))
        span = further
    return ", ".join(parts)


def _formula(span: re.Match[str]) -> str:
    return str(next(filter(None, span.groups()))).strip()


def _is_bare(text: str) -> bool:
    return (
        len(text) <= 60
        and "\n" not in text
        and not re.search(r"[a-z]{4,}\s+[a-z]{2,}|[.?!]\s", text)
    )


def expression_equal(reply: str, gold: str) -> bool:
    """Whether the reply's expression is the reference one, in any way of writing it."""
    given = expression(reply)
    return given is not None and equal(given, gold)
