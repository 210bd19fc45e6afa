"""The option that a reply to a multiple-choice question chooses.

Every letter that stands alone is a mark, and a mark means nothing unless the words around it say
so. From most to least conclusive:

1. the last line as the prompt asked for it (`Answer: X`);
2. a statement that names the answer ("the answer is X", "I choose X", "X is the best option",
   "not X but Y"): the last one counts, as a reply may correct itself;
3. verdicts on single options ("X is correct"): when they agree;
4. a line that is a mark or leads with one: when there is only one;
5. the full text of an option.

A clause that denies, supposes or quotes states nothing. A statement that names two options is an
answer that cannot be read.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from evaluator.extract.asked import Asked, asked_by, in_usual_words
from evaluator.extract.cues import (
    ANSWER_IS,
    CLAUSE,
    DENIED,
    GOES_ON,
    INCORRECT,
    INSTEAD,
    NAMED,
    REFUTED,
    VERDICT,
    revised_at,
    says,
)
from evaluator.extract.marks import Marks, has_signs, marks_of
from evaluator.extract.text import NOTHING, Reading, asked_line, plain, read

RECENT = 400  # characters searched first: what is said last counts
MOST_MARKS = 300  # the last ones of a reply; keeps a reply of nothing but letters cheap
LONGEST_OPTION = 500
SHORT = 300  # characters; in a longer reply an option named is not yet an option chosen
NEAR = 120  # characters before and after a mark that can give it a meaning

# Markup says nothing about the choice: \boxed{\text{B}} becomes `\boxed B`.
_MARKUP = re.compile(
    r"[*`$]|__|\\(?:text|math)[a-z]*|\\[()\[\],;!]|</?(?:b|strong|i|em|br|p|u)\s?/?>"
)


_WORD = re.compile(r"\w")
_BRACKETED = re.compile(r"[(\[](?:(?:option|choice|answer) |选项)?\w[)\]]$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Statement:
    label: str | None  # None when several options are named
    names_answer: bool


def choice(
    text: str,
    labels: Sequence[str] = ("A", "B", "C", "D"),
    options: Sequence[str] = (),
    question: str = "",
) -> Reading:
    """The label that the reply chooses; `options` are their texts, in the order of the labels.

    The question tells whether an option called wrong is the one that it asks for.
    """
    marks = marks_of(tuple(labels))
    return read(text, lambda reply: _choice(reply, marks, options, asked_by(question)))


def _choice(text: str, marks: Marks, options: Sequence[str], asked: Asked) -> Reading:
    last = asked_line(text)
    if last in marks.labels:
        return Reading(last, last)
    text = marks.plainly(in_usual_words(_cleared(text), asked))
    if found := _concluded(text, marks, options, asked):
        return Reading(found.label, None)
    return Reading(_stated_option(text, marks.labels, options), None) if options else NOTHING


def _concluded(text: str, marks: Marks, options: Sequence[str], asked: Asked) -> _Statement | None:
    """What the reply says after it last corrected itself, else what it says at all."""
    if (start := revised_at(text)) and (found := _stated(text, start, marks, asked)):
        return found
    if recent := max(0, len(text) - RECENT):
        found = _stated(text, recent, marks, asked)
        if found and found.names_answer and found.label:
            return found
    return _last_line(text, marks) or _stated(text, 0, marks, asked) or _led(text, marks, options)


def _stated(text: str, start: int, marks: Marks, asked: Asked) -> _Statement | None:
    """The last statement that names the answer, else what all verdicts agree on."""
    verdicts: dict[bool, set[str]] = {True: set(), False: set()}
    ticked = has_signs(text)
    for mark in reversed(list(marks.marks.finditer(text, start))[-MOST_MARKS:]):
        before = text[max(0, mark.start() - NEAR) : mark.start()]
        after = text[mark.end() : mark.end() + NEAR]
        label = marks.label_of.get(mark[0].upper())
        verdict = _verdict(before, after) if label else None
        if verdict is None and ticked:
            verdict = marks.signed(text, mark)
        if label and verdict is not None:
            verdicts[verdict].add(label)
        elif _names(mark[0], before, after) and not _enumerates(text, mark, marks):
            several = label is None or marks.more.match(after) is not None
            return _Statement(None if several else label, names_answer=True)
    sought = verdicts[not asked.false]
    return _Statement(sought.pop(), names_answer=False) if len(sought) == 1 else None


def _verdict(before: str, after: str) -> bool | None:
    """Whether the words around a mark call the option right or wrong."""
    if says(INCORRECT, before, after):
        return False
    return True if not REFUTED.match(after) and says(VERDICT, before, after) else None


def _names(mark: str, before: str, after: str) -> bool:
    """Whether the words around a mark name it as the answer."""
    if REFUTED.match(after) or (mark in "AI0123456789" and GOES_ON.match(after)):
        return False
    cue = next((cue for cue in NAMED if says(cue, before, after)), None)
    if cue is None or after.strip() or before[-1:] in "([\"'":
        return cue is not None
    # At the very end it may be the first letter of a word that was cut off.
    return mark not in "aiI" and (mark.isupper() or cue.noun)


def _last_line(text: str, marks: Marks) -> _Statement | None:
    """A mark that is all of the last line, or an option that the last line repeats from a list."""
    lines = [stripped for line in text.split("\n") if (stripped := line.strip())]
    last = marks.line.match(lines[-1]) if len(lines) > 1 else None
    if last is None:
        return None
    chosen = {last["mark"].upper()}
    if _is_all(last):  # where no other line is all another mark
        chosen |= {line["mark"].upper() for line in marks.line.finditer(text) if _is_all(line)}
    elif lines[-1] not in lines[:-1] or marks.line.match(lines[-2]):
        return None
    return _Statement(marks.label_of[chosen.pop()], names_answer=True) if len(chosen) == 1 else None


def _led(text: str, marks: Marks, options: Sequence[str]) -> _Statement | None:
    """The only line that leads with a mark; a line that is just a mark goes first."""
    lines = [line for line in marks.line.finditer(text) if not _lists(line, marks, options)]
    lines = lines[-MOST_MARKS:]
    alone = {line["mark"].upper() for line in lines if _is_all(line)}
    leads = alone or {line["mark"].upper() for line in lines}
    if len(leads) != 1 or marks.more.match(text, lines[-1].end("mark")):
        return _Statement(None, names_answer=False) if lines else _bracketed_end(text, marks)
    return _Statement(marks.label_of[leads.pop()], names_answer=False)


def _is_all(line: re.Match[str]) -> bool:
    """Whether the mark is all that its line holds."""
    return not _WORD.search(line["rest"]) and line.string[line.end() : line.end() + 1] in ("", "\n")


def _lists(line: re.Match[str], marks: Marks, options: Sequence[str]) -> bool:
    """Whether `(a) The ...` begins a list of the reply's own; an option's text is none."""
    said = line.string[line.end() : line.end() + LONGEST_OPTION].lstrip(" .:)")
    if not line["mark"].islower() or not said[:1].isupper():
        return False
    at = marks.labels.index(marks.label_of[line["mark"].upper()])
    return at >= len(options) or not said.startswith(_cleared(options[at]))


def _bracketed_end(text: str, marks: Marks) -> _Statement | None:
    """A mark in brackets that ends the reply, as in "Copper conducts. (B)"."""
    end = text.rstrip(" .\n")
    mark = marks.marks.match(end, len(end) - 2) if _BRACKETED.search(end[-12:]) else None
    if mark and not DENIED.search(end, end.rfind("\n") + 1):
        return _Statement(marks.label_of[mark[0].upper()], names_answer=False)
    return None


def _enumerates(text: str, mark: re.Match[str], marks: Marks) -> bool:
    """Whether the mark leads a line and the line below leads with the next one: a list."""
    line = text.rfind("\n", 0, mark.start()) + 1
    if text[line : mark.start()].strip(" -([*"):
        return False
    below = text[mark.end() : mark.end() + LONGEST_OPTION].partition("\n")[2].lstrip()
    led = marks.line.match(below)
    return led is not None and ord(led["mark"].upper()) == ord(mark[0].upper()) + 1


def _stated_option(text: str, labels: Sequence[str], options: Sequence[str]) -> str | None:
    """The option whose text follows "the answer is", or the only one that a short reply names."""
    texts = [_spaced(_cleared(option)).strip(" .") for option in options]
    text = _spaced(text)
    folded = [option.casefold() for option in texts]
    if len(set(folded)) == len(set(texts)):  # else capitals tell them apart, as in Rr and RR
        text, texts = text.casefold(), folded
    for lead in reversed([*ANSWER_IS.finditer(text), *INSTEAD.finditer(text)]):
        said = text[lead.end() : lead.end() + LONGEST_OPTION]
        fitting = [i for i, option in enumerate(texts) if option and _begins(said, option)]
        if fitting:
            return labels[max(fitting, key=lambda i: len(texts[i]))]
    return _only_named(text, labels, texts) if len(text) <= SHORT else None


def _only_named(text: str, labels: Sequence[str], texts: Sequence[str]) -> str | None:
    """The only option whose text stands in the reply, in a clause that asserts it."""
    named: dict[str, bool] = {}
    by_length = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
    for i in by_length:  # "water vapour" before "water"
        pattern = rf"(?<![A-Za-z0-9]){re.escape(texts[i])}(?![A-Za-z0-9]|\.\d)"
        if texts[i] and (found := re.search(pattern, text)):
            clause = max((cut.end() for cut in CLAUSE.finditer(text, 0, found.start())), default=0)
            named[labels[i]] = not DENIED.search(text, clause)
            text = re.sub(pattern, "\n", text)
    return (
        next((label for label, asserted in named.items() if asserted), None)
        if len(named) == 1
        else None
    )


def _begins(said: str, option: str) -> bool:
    return said.startswith(option) and not re.match(r"[A-Za-z0-9]|\.\d", said[len(option) :])


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _cleared(text: str) -> str:
    text = plain(text)
    if any(sign in text for sign in "*`$_\\<"):
        text = _MARKUP.sub("", text)
    return text.replace("{", " ").replace("}", " ").strip()
