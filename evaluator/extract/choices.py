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
from functools import lru_cache
from string import ascii_uppercase

from evaluator.extract.cues import (
    ANSWER_IS,
    CLOSE,
    DENIED,
    END,
    GOES_ON,
    NAMED,
    REFUTED,
    VERDICT,
    revised_at,
    says,
)
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
_BRACKETED = re.compile(r"\s[(\[]\w[)\]]$")


@dataclass(frozen=True, slots=True)
class _Statement:
    label: str | None  # None when several options are named
    names_answer: bool


class _Marks:
    """What stands for the options: letters or digits, and the patterns made of them."""

    def __init__(self, labels: tuple[str, ...]) -> None:
        self.labels = frozenset(labels)
        self.label_of = {label.upper(): label for label in labels}
        if all(label.isdigit() for label in labels):  # a letter is read by its position
            self.label_of |= dict(zip(ascii_uppercase, labels, strict=False))
        capitals = "".join(mark for mark in self.label_of if mark.isalpha())
        digits = "|".join(mark for mark in self.label_of if mark.isdigit())
        end = r"(?![A-Za-z0-9_+#°%]|'[a-z]|-[A-Za-z0-9]|[.,:/]\d)"
        # Looks back from behind the mark, so that the search jumps from letter to letter.
        alone = r"(?<![A-Za-z0-9_-].)(?<![a-z]'.)"
        one = rf"[{capitals}]{alone}{end}|[{capitals.lower()}]{alone}(?={END}|[)\]])"
        if digits:
            one += f"|(?:{digits})(?<![A-Za-z0-9_.$-].){end}"
        self.marks = re.compile(rf"(?:{one}|(?<![A-Za-z0-9_])[{capitals}]{{2,}}(?![A-Za-z0-9_]))")
        self.more = re.compile(
            rf"{CLOSE}\s*(?:\bor\b(?! else)|或者?|还是)"
            rf"|{CLOSE}\s*(?:,|、|/|&|\+|\band\b|\bor\b|和|或者?|与|及|以及|还是){{1,2}}"
            r"\s*(?:both |options? )?"
            rf"[\"'(\[]*(?:{one})(?={CLOSE}\s*(?:[.,;:!?、]|\n|$|(?:and|or|both|are|because|since)\b"
            r"|[都均同和或与]))",
        )
        self.line = re.compile(
            rf"^[^\w\n]{{0,6}}(?:(?:option|choice|letter)[\s:]+|选项|选择?|第)?[ (\[\"'【]{{0,2}}"
            rf"(?P<mark>{one}){CLOSE}"
            r"(?P<rest>[^\w\n?]*$|\s?选?项(?=\W*$)|\s*[.:、,;](?=\D)|\s+[-~]\s|(?<=[)\]】])\s"
            r"|\s+(?:because|since|as|rather than|instead of)\b)",
            re.MULTILINE | re.IGNORECASE,
        )


@lru_cache(maxsize=64)
def _marks(labels: tuple[str, ...]) -> _Marks:
    return _Marks(labels)


def choice(
    text: str, labels: Sequence[str] = ("A", "B", "C", "D"), options: Sequence[str] = ()
) -> Reading:
    """The label that the reply chooses; `options` are their texts, in the order of the labels."""
    marks = _marks(tuple(labels))
    return read(text, lambda reply: _choice(reply, marks, labels, options))


def _choice(text: str, marks: _Marks, labels: Sequence[str], options: Sequence[str]) -> Reading:
    asked = asked_line(text)
    if asked in marks.labels:
        return Reading(asked, asked)
    text = _cleared(text)
    if found := _concluded(text, marks):
        return Reading(found.label, None)
    return Reading(_stated_option(text, labels, options), None) if options else NOTHING


def _concluded(text: str, marks: _Marks) -> _Statement | None:
    """What the reply says after it last corrected itself, else what it says at all."""
    if (start := revised_at(text)) and (found := _stated(text, start, marks)):
        return found
    if recent := max(0, len(text) - RECENT):
        found = _stated(text, recent, marks)
        if found and found.names_answer and found.label:
            return found
    return _stated(text, 0, marks) or _led_line(text, marks)


def _stated(text: str, start: int, marks: _Marks) -> _Statement | None:
    """The last statement that names the answer, else what all verdicts agree on."""
    verdicts: set[str] = set()
    several = False
    for mark in reversed(list(marks.marks.finditer(text, start))[-MOST_MARKS:]):
        before = text[max(0, mark.start() - NEAR) : mark.start()]
        after = text[mark.end() : mark.end() + NEAR]
        if REFUTED.match(after) or (mark[0] in "AI0123456789" and GOES_ON.match(after)):
            continue
        label = marks.label_of.get(mark[0].upper())
        if label and says(VERDICT, before, after):
            verdicts.add(label)
        elif any(says(cue, before, after) for cue in NAMED):
            if _enumerates(text, mark, marks):
                continue
            several = label is None or marks.more.match(after) is not None
            if not several:
                return _Statement(label, names_answer=True)
            break
    if len(verdicts) == 1:
        return _Statement(verdicts.pop(), names_answer=False)
    return _Statement(None, names_answer=True) if several else None


def _led_line(text: str, marks: _Marks) -> _Statement | None:
    """The only line that leads with a mark; a line that is just a mark goes first."""
    lines = list(marks.line.finditer(text))[-MOST_MARKS:]
    alone = {line["mark"].upper() for line in lines if not _WORD.search(line["rest"])}
    leads = alone or {line["mark"].upper() for line in lines}
    if len(leads) != 1 or marks.more.match(text, lines[-1].end("mark")):
        return _Statement(None, names_answer=False) if lines else _bracketed_end(text, marks)
    return _Statement(marks.label_of[leads.pop()], names_answer=False)


def _bracketed_end(text: str, marks: _Marks) -> _Statement | None:
    """A mark in brackets that ends the reply, as in "Copper conducts. (B)"."""
    end = text.rstrip(" .\n")
    mark = marks.marks.match(end, len(end) - 2) if _BRACKETED.search(end) else None
    if mark and not DENIED.search(end, end.rfind("\n") + 1):
        return _Statement(marks.label_of[mark[0].upper()], names_answer=False)
    return None


def _enumerates(text: str, mark: re.Match[str], marks: _Marks) -> bool:
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
    for noun in reversed(list(ANSWER_IS.finditer(text))):
        said = text[noun.end() : noun.end() + LONGEST_OPTION]
        fitting = [i for i, option in enumerate(texts) if option and _begins(said, option)]
        if fitting:
            return labels[max(fitting, key=lambda i: len(texts[i]))]
    return _only_named(text, labels, texts) if len(text) <= SHORT else None


def _only_named(text: str, labels: Sequence[str], texts: Sequence[str]) -> str | None:
    named: list[str] = []
    by_length = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
    for i in by_length:  # "water vapour" before "water"
        pattern = rf"(?<![A-Za-z0-9]){re.escape(texts[i])}(?![A-Za-z0-9]|\.\d)"
        text, count = re.subn(pattern, "\n", text) if texts[i] else (text, 0)
        named += [labels[i]] * bool(count)
    return named[0] if len(named) == 1 and not DENIED.search(text) else None


def _begins(said: str, option: str) -> bool:
    return said.startswith(option) and not re.match(r"[A-Za-z0-9]|\.\d", said[len(option) :])


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _cleared(text: str) -> str:
    return _MARKUP.sub("", plain(text)).replace("{", " ").replace("}", " ").strip()
