"""The option that a reply to a multiple-choice question chooses.

Every letter that stands alone is a mark, and a mark means nothing unless the words around it say
so. From most to least conclusive:

1. the last line as the prompt asked for it (`Answer: X`);
2. a statement near the end that names the answer ("the answer is X", "I choose X", "X is the best
   option", "not X but Y"): the last one counts, as a reply may correct itself;
3. a last line that is nothing but a mark; then a statement anywhere;
4. verdicts on single options ("X is correct", a tick): when only one is called right, or wrong
   where the question asks for that;
5. a line that is a mark or leads with one: when there is only one;
6. the full text of an option.

A clause that denies, supposes or quotes states nothing. A statement that names two options is an
answer that cannot be read. What the question calls the answer is put in usual words first.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluator.extract.cues import (
    DENIED,
    GOES_ON,
    INCORRECT,
    LISTED_RIGHT,
    LISTED_WRONG,
    NAMED,
    REFUTED,
    STATES,
    VERDICT,
    revised_at,
    says,
)
from evaluator.extract.marks import Marks, has_signs, marks_of
from evaluator.extract.option_texts import LONGEST_OPTION, cleared, stated_option
from evaluator.extract.question_kinds import QuestionKind, in_usual_words, question_kind
from evaluator.extract.text import NOTHING, Reading, asked_line, read

RECENT = 400  # characters searched first: what is said last counts
MOST_MARKS = 300  # the last ones of a reply; keeps a reply of nothing but letters cheap
NEAR = 120  # characters before and after a mark that can give it a meaning


_WORD = re.compile(r"\w")
_LIST_MARK = re.compile(r"[(\[][a-z][)\]]")
_JOINED = re.compile(r"[(\[]\w[)\]]\s?(?:[,;、&]|\band\b|\bor\b|和|或)\s?(?:and )?\Z")
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
    return read(text, lambda reply: _choice(reply, marks, tuple(options), question))


def _choice(text: str, marks: Marks, options: tuple[str, ...], question: str) -> Reading:
    last = asked_line(text)
    if last in marks.labels:
        return Reading(last, last)
    kind = question_kind(question, options)
    text = marks.plainly(in_usual_words(cleared(text), kind))
    if found := _concluded(text, marks, options, kind):
        return Reading(found.label, None)
    return Reading(stated_option(text, marks.labels, options), None) if options else NOTHING


def _concluded(
    text: str, marks: Marks, options: Sequence[str], kind: QuestionKind
) -> _Statement | None:
    """What the reply says after it last corrected itself, else what it says at all."""
    if (start := revised_at(text)) and (found := _stated(text, start, marks, kind)):
        return found
    if recent := max(0, len(text) - RECENT):
        found = _stated(text, recent, marks, kind)
        if found and found.names_answer and found.label:
            return found
    return _last_line(text, marks) or _stated(text, 0, marks, kind) or _led(text, marks, options)


def _stated(text: str, start: int, marks: Marks, kind: QuestionKind) -> _Statement | None:
    """The last statement that names the answer, else what all verdicts agree on."""
    verdicts: dict[bool, set[str]] = {True: set(), False: set()}
    ticked = has_signs(text)
    for mark in reversed(list(marks.marks.finditer(text, start))[-MOST_MARKS:]):
        before = text[max(0, mark.start() - NEAR) : mark.start()]
        after = text[mark.end() : mark.end() + NEAR]
        label = marks.label_of.get(mark[0].upper())
        verdict = _verdict(before, after, kind) if label else None
        if label and verdict:
            verdicts[True].add(label)
        elif _names(mark[0], before, after) and not _enumerates(text, mark, marks):
            several = label is None or marks.more.match(after) is not None
            return _Statement(None if several else label, names_answer=True)
        elif label and verdict is False:
            verdicts[False].add(label)
        elif label and ticked and (right := marks.signed(text, mark)) is not None:
            verdicts[right].add(label)
    return _agreed(verdicts, text, kind)


def _verdict(before: str, after: str, kind: QuestionKind) -> bool | None:
    """Whether the words around a mark call its option right or wrong."""
    if says(VERDICT, before, after) and not REFUTED.match(after):
        return True
    if says(INCORRECT, before, after):
        return False
    if kind.of_truth:  # else `A. False` may be an option and its text
        return None
    if says(LISTED_RIGHT, before, after):
        return True
    return False if says(LISTED_WRONG, before, after) else None


def _agreed(verdicts: Mapping[bool, set[str]], text: str, kind: QuestionKind) -> _Statement | None:
    """The one option that is called right; the one called wrong, where that is asked for.

    There `B is right, A is wrong` may speak of the options, or of what they state.
    """
    right, wrong = verdicts[True], verdicts[False]
    sought = wrong if kind.false else right
    if len(sought) != 1 or (kind.false and len(right) == 1 and not STATES.search(text)):
        return None
    return _Statement(next(iter(sought)), names_answer=False)


def _names(mark: str, before: str, after: str) -> bool:
    """Whether the words around a mark name it as the answer."""
    if REFUTED.match(after) or (mark in "AI0123456789" and GOES_ON.match(after)):
        return False
    cue = next((cue for cue in NAMED if says(cue, before, after)), None)
    if cue is None or after.strip() or before[-1:] in "([\"'":
        return cue is not None
    # At the very end it may be the first letter of a word that was cut off.
    if before.rstrip().endswith(":"):
        return True
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
    if _goes_on(line, marks):
        return True
    said = line.string[line.end() : line.end() + LONGEST_OPTION].lstrip(" .:)")
    if not line["mark"].islower() or not (said[:1].isupper() or (said and line["mark"] == "i")):
        return False
    at = marks.labels.index(marks.label_of[line["mark"].upper()])
    return at >= len(options) or not said.startswith(cleared(options[at]))


def _goes_on(line: re.Match[str], marks: Marks) -> bool:
    """Whether `A) ... B) ...` on one line is a list."""
    following = marks.labels.index(marks.label_of[line["mark"].upper()]) + 1
    if following == len(marks.labels) or line.string[line.end("mark") :][:1] not in (")", "]"):
        return False
    text = line.string[line.end() :].partition("\n")[0]
    return re.search(rf"(?<![\w(])[(\[]?{marks.labels[following]}[)\]]\s\w", text) is not None


def _bracketed_end(text: str, marks: Marks) -> _Statement | None:
    """A mark in brackets that ends the reply, as in "Copper conducts. (B)"."""
    end = text.rstrip(" .\n")
    mark = marks.marks.match(end, len(end) - 2) if _BRACKETED.search(end[-12:]) else None
    if mark and _JOINED.search(end, 0, mark.start() - 1):
        return _Statement(None, names_answer=False)
    if mark and mark[0].islower() and _LIST_MARK.search(end, 0, mark.start() - 1):
        return None  # the next item of a list
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
