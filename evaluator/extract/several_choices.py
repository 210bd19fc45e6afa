"""The options that a reply chooses, where one or several of them may be right.

Letters that stand together, as in `AC`, `A、C` or `A and C`, are one statement. From most to least
conclusive:

1. the last line as the prompt asked for it (`Answer: AC`);
2. the last statement, or list of options, that the words before it name as the answer;
3. a last line that is nothing but letters;
4. verdicts ("A and C are correct", "B错误"), where they leave no option open.

A reply that names an alternative, or calls right what its answer leaves out, is not read.
"""

import re
from collections.abc import Sequence
from itertools import takewhile

from evaluator.extract.cue_words import CLOSE
from evaluator.extract.cues import (
    GOES_ON,
    INCORRECT,
    LISTED_RIGHT,
    LISTED_WRONG,
    NAMED,
    VERDICT,
    Cue,
    says,
)
from evaluator.extract.joined_letters import alone, capitals, chosen_of, letters_of
from evaluator.extract.marks import in_words
from evaluator.extract.option_texts import cleared
from evaluator.extract.question_kinds import QuestionKind, in_usual_words, question_kind
from evaluator.extract.text import NOTHING, Reading, asked_line, read

NEAR = 120  # characters before and after a statement that can give it a meaning
MOST = 200  # statements that are looked at, the last ones

_ASKED = re.compile(r"(?:answers?|答案)[ \t]*:[ \t]*([^\n]{1,60}?)\.?", re.IGNORECASE)
_PLURAL = re.compile(r"\b(answer|option|choice|statement|one|letter)s\b", re.IGNORECASE)
_HAVE = re.compile(  # 正确的有A、C: what names the answer to a question with several
    r"(?:答案|应选的?|正确的?|符合题意的?|成立的)(?:选项|说法|一?项)?(?:应该?)?(?:有|包括|包含|分别[是为:]|共有)"
    r"[\s:]*(?=[(\[\"]?[A-Z])"
)
_ALL = re.compile(
    r"(?:答案[^\n.;]{0,6}|应?选|\banswer[^\n.;]{0,16})"
    r"(?:以上[都皆全均]|全选|全部|\ball of (?:the above|them)\b|\ball (?:four|five|the) option)",
    re.IGNORECASE,
)
_NAMING = tuple(cue for cue in NAMED if cue.noun or cue.name in ("I choose X", "not X but Y"))
_BEFORE_OR = re.compile(r"[A-Z][)\]\"']{0,2}\s?(?:\bor\b|或者?|还是)\s?(?:option )?\Z")
_AFTER_OR = re.compile(
    rf"{CLOSE}\s*(?:,\s?)?(?:\b(?:or|and)\b|或者?|还是)\s?(?:option )?[(\[\"']?[A-Z]\b"
)
_COUNTED = (
    r"(?:[两三四2345二]?个?(?:选项|项|者))?(?:的?(?:说法|叙述|描述|表述))?\s?(?:[都均皆全]部?)?"
)
_RIGHT = re.compile(
    rf"{CLOSE}\s?{_COUNTED}(?:是|为)?(?:正确|对的|对(?=[,.;\n]|$)|符合题意|成立)"
    r"|[)\]\"']{0,2} are (?:both |all )?(?:the )?(?:correct|right|true)\b",
    re.IGNORECASE,
)
_WRONG = re.compile(
    rf"{CLOSE}\s?{_COUNTED}(?:是|为)?(?:错误|错(?=[,.;\n的]|$)|不正确|不对|不符合题意|不成立|有误)"
    r"|[)\]\"']{0,2} are (?:both |all )?(?:incorrect|wrong|false|not (?:correct|right|true))\b",
    re.IGNORECASE,
)
_NOT = re.compile(r"(?:不是|并非|\bnot )\s?\Z", re.IGNORECASE)
_ENDS = re.compile(  # behind the answer; not the 段 of AB段, nor what a letter of a formula has
    rf"{CLOSE}\s?(?:[两三四2345二]?个?选?项)?\s*(?:[.,;:!?()\[]|\n|$|[都均皆因这]|正确|符合"
    r"|(?:because|since|as|are|is|which|both|for)\b|-\s)"
)


def choices(
    text: str,
    labels: Sequence[str] = ("A", "B", "C", "D"),
    question: str = "",
) -> Reading:
    """The labels that the reply chooses, in order and without anything between them: `ACD`.

    The labels are single letters.  The question tells whether the false options are asked for.
    """
    return read(text, lambda reply: _choices(reply, tuple(labels), question))


def _choices(text: str, labels: tuple[str, ...], question: str) -> Reading:
    last = asked_line(text)
    if last and (strict := chosen_of(last, labels)) and last.isalpha():
        return Reading(strict, strict)
    kind = question_kind(question)
    text = in_words(in_usual_words(cleared(text), kind))
    line = _ASKED.fullmatch(text[text.rfind("\n") + 1 :].strip())
    if line and (found := alone(line[1].upper(), labels)):
        return Reading(found, None)
    text = _HAVE.sub("答案是", _PLURAL.sub(r"\1", text))
    found = _named(text, labels, kind)
    return Reading(found, None) if found else NOTHING


def _named(text: str, labels: tuple[str, ...], kind: QuestionKind) -> str | None:
    """What the reply names as its answer, else what its verdicts leave."""
    everything = list(_ALL.finditer(text))
    for found in reversed(_statements(text, labels)):
        before, after = _around(text, found)
        if everything and everything[-1].start() > found.start():
            break
        if not _names(found[0], before, after):
            continue
        if _BEFORE_OR.search(before) or _AFTER_OR.match(after) or _doubted(found[0], after):
            return None
        if listed := _listed(text, found, labels):
            return chosen_of(listed, labels) if len(listed) < len(labels) else None
        chosen = chosen_of(capitals(found[0]), labels)
        return None if chosen and _contradicted(text, found, chosen, labels, kind) else chosen
    if everything:
        return "".join(labels)
    return _last_line(text, labels) or _by_verdicts(text, labels, kind)


def _statements(text: str, labels: tuple[str, ...]) -> list[re.Match[str]]:
    return list(letters_of(labels).together.finditer(text))[-MOST:]


def _around(text: str, found: re.Match[str]) -> tuple[str, str]:
    before = text[max(0, found.start() - NEAR) : found.start()]
    return before, text[found.end() : found.end() + NEAR]


def _names(statement: str, before: str, after: str) -> bool:
    """Whether the words before the letters name them as the answer."""
    if not _ENDS.match(after) or _WRONG.match(after):
        return False
    if len(statement) == 1 and statement in "AI" and GOES_ON.match(after):
        return False
    return any(_said(cue, before) for cue in _NAMING)


def _said(cue: Cue, before: str) -> bool:
    return says(cue, before, "")


def _doubted(statement: str, after: str) -> bool:
    """Whether `A, C` before a verdict may be an answer and the beginning of another clause."""
    return (
        "," in statement
        and (_RIGHT.match(after) or re.match(r"\s?(?:选?项|is\b)", after)) is not None
    )


def _contradicted(
    text: str, found: re.Match[str], chosen: str, labels: tuple[str, ...], kind: QuestionKind
) -> bool:
    """Whether an option that the answer leaves out is called right after it."""
    right, wrong = _verdicts(text, found.end(), labels)
    return not (wrong if kind.false else right) <= set(chosen)


def _listed(text: str, found: re.Match[str], labels: tuple[str, ...]) -> str:
    """The labels that lead lines, one after the other, from the line on that the letters lead."""
    start = text.rfind("\n", 0, found.start()) + 1
    if re.search(r"\w", text[start : found.start()]):
        return ""
    lines = [line.strip() for line in text[start:].split("\n") if line.strip()]
    leads = (letters_of(labels).line.match(line) for line in lines)
    return "".join(lead[1] for lead in takewhile(bool, leads) if lead)


def _last_line(text: str, labels: tuple[str, ...]) -> str | None:
    """A last line of nothing but letters, where no other line is nothing but others."""
    lines = [line for line in text.split("\n") if line.strip()]
    named = {found for line in lines if (found := alone(line, labels))}
    return named.pop() if len(named) == 1 and alone(lines[-1], labels) else None


def _by_verdicts(text: str, labels: tuple[str, ...], kind: QuestionKind) -> str | None:
    """The options called right, where every other one is called wrong, or several are at once."""
    right, wrong = _verdicts(text, 0, labels)
    sought = wrong if kind.false else right
    if not sought or right & wrong:
        return None
    at_once = _at_once(text, 0, labels, _WRONG if kind.false else _RIGHT)
    together = max(map(len, at_once), default=0)
    if len(right | wrong) == len(labels) or 1 < together == len(sought):
        return "".join(label for label in labels if label in sought)
    return None


def _at_once(
    text: str, start: int, labels: tuple[str, ...], verdict: re.Pattern[str]
) -> list[set[str]]:
    """The letters of each statement from `start` on that the verdict follows."""
    return [
        set(capitals(found[0]))
        for found in _statements(text, labels)
        if found.start() >= start
        and verdict.match(text, found.end())
        and not _NOT.search(text, max(0, found.start() - 6), found.start())
    ]


def _verdicts(text: str, start: int, labels: tuple[str, ...]) -> tuple[set[str], set[str]]:
    """The options called right and those called wrong from `start` on."""
    right, wrong = (
        set[str]().union(*_at_once(text, start, labels, verdict)) for verdict in (_RIGHT, _WRONG)
    )
    for found in _statements(text, labels):
        before, after = _around(text, found)
        letters = capitals(found[0])
        if found.start() < start or len(letters) != 1 or letters in right | wrong:
            continue
        if says(INCORRECT, before, after) or says(LISTED_WRONG, before, after):
            wrong.add(letters)
        elif says(VERDICT, before, after) or says(LISTED_RIGHT, before, after):
            right.add(letters)
    return right, wrong
