"""Answers that are a sequence, as two tasks of BIG-Bench Hard: brackets, or sorted words."""

import re
from collections.abc import Iterable, Sequence

from evaluator.extract.short_answer import last_short_answer, short_answer
from evaluator.extract.text import NOTHING, Reading, read

_BRACKETS = re.compile(r"[][(){}<>]")
_WORD = re.compile(r"\w")
_BOX = re.compile(r"\\f?box(?:ed)?\{(.*)\}[^{}\w]*$", re.MULTILINE)  # its braces may be the answer
_TEXT = re.compile(r"\\(?:text|math)\w*\{(.*)\}")
_TRACE = re.compile(r"\d|\b(?:stack|state|step|line|input)\b|栈", re.IGNORECASE)
_STEP = re.compile(r"\W{0,3}(?:step |line )?\d+\s?[.):]", re.IGNORECASE)
_BULLET = re.compile(r"^\s*(?:[-*•]\s+|\(?\d+[.):]\s*)")


def brackets(text: str) -> Reading:
    """The brackets of a box or after "the answer is", else those of a last line of their own.

    A line that goes through the input (`32: )`) or shows the stack is no answer.
    """
    return read(text, _brackets)


def _brackets(text: str) -> Reading:
    said = short_answer(text)
    if said.strict and not _WORD.search(said.strict):
        asked = spaced_brackets(said.strict)
        return Reading(asked, asked) if asked else NOTHING
    if boxes := _BOX.findall(text):
        inside = _TEXT.sub(r"\1", boxes[-1].strip())
        return Reading(spaced_brackets(inside) or None, None)
    last = _last_line(text)
    for answer in (said.tolerant, last) if last is not None else ():
        if answer and not _WORD.search(answer):
            return Reading(spaced_brackets(answer) or None, None)
    return NOTHING


def _last_line(text: str) -> str | None:
    """What follows the last colon of the last line; None for a line that only goes through."""
    line = text[text.rfind("\n") + 1 :].replace("：", ":")
    lead, _, answer = line.rpartition(":")
    return None if _TRACE.search(lead) or _STEP.match(line) else answer


def spaced_brackets(text: str) -> str:
    """The brackets alone, with a space between them."""
    return " ".join(_BRACKETS.findall(text))


def words_in_order(text: str, listed: Sequence[str]) -> Reading:
    """The words as they were sorted: on one line, or one a line."""
    return read(text, lambda reply: _words_in_order(reply, listed))


def _words_in_order(text: str, listed: Sequence[str]) -> Reading:
    said = short_answer(text)
    order = in_order(said.tolerant or "")
    if order and (said.strict or set(listed).issuperset(order.split())):
        return Reading(order, in_order(said.strict) if said.strict else None)
    lines = [
        in_order(_BULLET.sub("", line.replace("*", "").strip("`"))) for line in text.split("\n")
    ]
    for given in (_runs(lines, listed), _runs(filter(None, lines), listed)):
        if whole := [run for run in given if len(run.split()) == len(listed)]:
            return Reading(whole[-1], None)
    last = in_order(last_short_answer(text).tolerant or "")
    complete = len(last.split()) == len(listed) and set(listed).issuperset(last.split())
    return Reading(last, None) if complete else NOTHING


def _runs(lines: Iterable[str], listed: Sequence[str]) -> list[str]:
    """The lines of nothing but listed words, joined where they follow each other."""
    runs: list[str] = [""]
    for line in lines:
        if line and set(listed).issuperset(line.split()):
            runs[-1] = f"{runs[-1]} {line}".strip()
        elif runs[-1]:
            runs.append("")
    return runs


def in_order(words: str) -> str:
    """The words with single spaces between them, without commas, numbering or quotes."""
    parts = re.split(r"[\s,;>→]+", re.sub(r"(?:^|\s)\(?\d+[.)]\s", " ", words.lower()))
    return " ".join(filter(None, (part.strip("[]().\"'-") for part in parts)))
