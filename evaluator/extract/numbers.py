"""The number that a reply to a word problem arrives at.

From most to least conclusive:

1. the last line as the prompt asked for it (`Answer: 18`);
2. the last statement marked as the answer: `#### 18`, a box, "the answer is", 答案, 答：;
3. a first line that is nothing but a number;
4. the last sentence, when it states a result: it computes ("... = 18"), it concludes ("so",
   "in total", 一共), or it has one number to offer.

In a sentence the result of the last equation counts, and what follows it. Numbers that qualify
others (after "of", "in", "from", "per", before "more", "times") give way to those that do not;
then an amount of money goes first, then the last. Numbers joined by "or" are no answer.
"""

import re

from evaluator.extract.numerals import (
    NUMBER,
    canonical,
    canonical_number,
    simplified,
    value_of,
)
from evaluator.extract.text import NOTHING, Reading, asked_line, read

RECENT = 400  # characters searched first: what is said last counts

_IN_FORMAT = re.compile(r"-?[\d.,]+(?:/\d+)?", re.ASCII)
# The last lines that most models write: read alike by the rules below, at twenty times the cost.
_USUAL = re.compile(
    r"(?:#### ?|(?:so |therefore,? )?the (?:final )?answer is:? )(\$?-?[\d.,]*\d)\.?",
    re.ASCII | re.I,
)
_ANSWER = re.compile(
    r"####|\\f?boxed\s?\{"
    r"|\banswer\b[\s*\"'_)]{0,4}(?:[^\n.;:!?=]{0,60}?(?:\bis\b|\bare\b|\bbe\b|:|=)|(?=[$\d-])|\s*\n)"
    r"|答案[^\n.:]{0,12}?(?:(?<!不)[是为:=]|\s*\n|(?=不是|[\d-]))|(?:^|\n)\W{0,4}答\s?[:,]"
    r"|(?:最终|最后|计算)的?结果[^\n.:]{0,4}?[是为:=]|\bfinal result\b\W{0,4}(?:is|:|=)",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"(?:[\s:=>\"'(\[{*<,~]|(?:about|approximately|around|exactly|equal(?:s| to)"
    r"|simply|just|thus|therefore"
    r"|indeed|a total of|total|x|the number|就是|大约|约|是|为|共|一共|等于)(?![a-z]))*",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(?:not|n't|format|form|if|whether|example)\b|n't\b|不是|并非|格式|示例|如果|假设", re.I
)
_INSTEAD = re.compile(
    r"(?:不是|\bnot) ?[$\d][\d.,]*\W*(?:而是|应该?是|but(?: rather)?\b|it's\b|it is\b)", re.I
)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+(?![a-z])|\n+")
_PAIRED = re.compile(
    r"[^\d\n,.;=]{0,16}(?:\b(?:and|or)\b|[和或]|\bto\b|[~–-])\s?(?:negative |minus )?[$-]?\d"
    r"|\s?(?:hours?|feet|小时|元|角|:)\s?\d",
    re.I,
)
_ALTERNATIVES = re.compile(
    r"\bbetween\b.*\band\b|\d[^\d\n,.;=]{0,12}(?:\b(?:or|to)\b|[或~])\s?\$?-?\d"
    r"|\d\s?(?:小时|元|角|hours?|feet) ?(?:and )?\d",
    re.I,
)
_OPERATOR = re.compile(r"[^\d\n,.;=a-z]{0,3}\s?[-+*/×÷^]\s?[$(\d]", re.I)
_QUALIFIED = re.compile(
    r"(?:(?<!total )\b(?:of|in|from|after|within|over|than|on|between|during|using|times|until"
    r"|before|since|per|every|each|with|at|by|day|week|year|first|last|another|grade|age)"
    r" (?:(?:the|all|these|those|her|his|its|their|our|remaining|other|first|last|next|only"
    r"|just|about) ){0,2}"
    r"|[+*/×÷]\s?|每|从|用|花|除以|乘以|加上|减去|按|以|经过|其中|前|后)\$?$"
    r"|\bto (?!get|give|make|obtain|be|find)\w+ \$?$"
    r"|\bfor (?:the |all |these |those |her |his ){0,2}$",
    re.I,
)
_LABELLED = re.compile(r"(?:第|\b(?:step|question|problem|chapter|room|option) )$", re.I)
_COMPARES = re.compile(
    r"\s?(?:\w+ )?(?:more|fewer|less|times|th|other)\b|倍|年前|年后|月|号|st |步|岁时", re.I
)
_CONCLUDES = re.compile(
    r"\b(?:so|therefore|thus|hence|total|altogether|finally|overall|result|answer|conclusion|equals|gives|left|remain"
    r"|leaves|needs?|makes|means|will have|earns?|costs?|gets?|receives?|takes)\b"
    r"|所以|因此|故|综上|一共|总共|共|合计|总计|最后|最终|还剩|剩下|可得|得到|等于|需要|即",
    re.I,
)
_BECAUSE = re.compile(r"\b(?:because|since)\b|因为", re.I)
_CLAUSE = re.compile(r"[,;]\s|\b(?:so|and|which)\b|, ?|即|所以", re.I)
_CALCULATION = re.compile(r"[^\d=]{0,20}=[^=]*\d\s?[-+*/×÷]\s?[^=]*")  # 72 = 48 + 24
_STEP = re.compile(
    r"\W*(?:step\b|first|next|let\b|let's|then we|\d+[.)] |第.{1,2}步|首先|其次|接下来|步骤)", re.I
)
_PREMISE = re.compile(
    r"\W*(?:now\b|we (?:need|know|have|are|must|can)|given|since|if|to find|suppose"
    r"|然后|设|已知|假设|我们需要|如果)",
    re.I,
)
_COURTESY = re.compile(
    r"hope (?:this|that|it)|let me know|feel free|any (?:other |more )?question|happy to"
    r"|希望|如有|欢迎|祝",
    re.I,
)
_ANNOUNCED = ("answer", "####", "boxed", "答", "结果", "final result")
_SECOND_THOUGHTS = (
    *("wait", "that's", "that is", "this is", "mistake", "scratch that", "correction"),
    *("不对", "更正", "纠正", "我算错了"),
)
_MISTAKEN = re.compile(
    r"wait,? (?:no|that|actually|i)\b|(?:that's|that is|this is) (?:wrong|not right|incorrect)"
    r"|made a mistake|scratch that"
    r"|correction:|不对|更正|纠正|我算错了",
    re.I,
)


def number(text: str) -> Reading:
    """The number in its canonical spelling: compare it with `canonical_number` of the reference."""
    return read(text, _number)


def _number(text: str) -> Reading:
    asked = asked_line(text)
    if asked and _IN_FORMAT.fullmatch(asked) and (value := canonical_number(asked)):
        return Reading(value, value)
    usual = _USUAL.fullmatch(text, text.rfind("\n") + 1)
    if usual and (value := canonical_number(usual[1])):
        return Reading(value, None)
    text = simplified(text)
    lowered = text.lower()
    if any(word in lowered for word in _SECOND_THOUGHTS):  # far cheaper than the pattern
        mistaken = max((found.start() for found in _MISTAKEN.finditer(text)), default=0)
        if mistaken and (value := _concluded(text[mistaken:], lowered)):
            return Reading(value, None)
    value = _concluded(text, lowered)
    return Reading(value, None) if value else NOTHING


def _concluded(text: str, lowered: str) -> str | None:
    if any(word in lowered for word in _ANNOUNCED):
        recent = max(0, len(text) - RECENT)
        for start in (recent, 0) if recent else (0,):
            for answer in reversed(list(_ANSWER.finditer(text, start))):
                statement = _statement(text, answer)
                if statement == "":
                    return None
                if statement and NUMBER.search(statement):
                    return _stated(statement)
    return _alone(text) or _last_sentence(text)


def _statement(text: str, answer: re.Match[str]) -> str | None:
    """What follows the words that announce an answer; None when they deny or suppose one."""
    line = text.rfind("\n", 0, answer.start()) + 1
    if _DENIED.search(text, max(line, answer.end() - 60), answer.end()):
        return None
    if "boxed" in answer[0]:
        closed = text.find("}", answer.end())
        return text[answer.end() : closed].strip() if closed > 0 else ""
    rest = text[answer.end() : answer.end() + 400].lstrip("\n\t *:")
    statement = next(filter(str.strip, _SENTENCE.split(rest)), "").strip()
    if instead := _INSTEAD.match(statement):
        return statement[instead.end() :]
    return None if _DENIED.match(statement) else statement


def _stated(statement: str) -> str | None:
    lead = _LEAD.match(statement)
    found = NUMBER.match(statement, lead.end() if lead else 0)
    rest = statement[found.end() :] if found else ""
    if found and ("=" not in rest or _CALCULATION.fullmatch(rest)):
        if _PAIRED.match(rest) or _OPERATOR.match(rest):
            return None
        return _canonical(found)
    return _result(statement, concludes=True)


def _alone(text: str) -> str | None:
    line, _, rest = text.partition("\n")
    return canonical_number(line.strip(" *#$")) if rest.strip() else None


def _last_sentence(text: str) -> str | None:
    sentences = [
        sentence for sentence in _SENTENCE.split(text[-1_500:]) if sentence.strip(" *#-_.")
    ]
    while len(sentences) > 1 and _COURTESY.search(sentences[-1]):
        sentences.pop()
    if not sentences or sentences[-1].rstrip().endswith("?"):
        return None
    sentence = sentences[-1].strip()
    concludes = _CONCLUDES.search(sentence) is not None
    if _STEP.match(sentence) or (len(sentences) > 1 and not _states_result(sentence, concludes)):
        return None
    return _result(sentence, concludes)


def _states_result(sentence: str, concludes: bool) -> bool:
    """Whether a last sentence can be the end: neither a premise nor one that breaks off."""
    whole = sentence[-1] in ".!?)*" or ":" in sentence
    return "=" in sentence or (not _PREMISE.match(sentence) and (concludes or whole))


def _result(sentence: str, concludes: bool) -> str | None:
    """The number that a sentence comes to; among several, only when it concludes."""
    main = _BECAUSE.split(sentence)[0]
    sentence = main if NUMBER.search(main) else sentence
    _, equals, after = sentence.rpartition("=")
    if equals:
        if not NUMBER.search(after):
            return None
        concludes, sentence = True, after
    found = [
        match
        for match in NUMBER.finditer(sentence)
        if value_of(match) is not None and not _LABELLED.search(sentence, 0, match.start())
    ]
    found = [match for match in found if match["digits"] or match["whole"]] or found
    if any(
        _OPERATOR.match(sentence[match.end() :]) for match in (found if not equals else found[:1])
    ):
        return None  # a calculation without its result
    free = [match for match in found if not _qualifies(sentence, match)] or found
    if equals and found and not _CLAUSE.search(sentence, found[0].end(), free[-1].start()):
        free = found[:1]
    if emphasised := [m for m in free if sentence[: m.start()].rstrip(" $").endswith("**")]:
        free = emphasised
    if money := [match for match in free if match["money"]]:
        free = money
    values = {_canonical(match) for match in free}
    if not values or (len(values) > 1 and not concludes):
        return None
    chosen = free[-1]
    return None if _is_one_of_two(sentence, found, chosen) else _canonical(chosen)


def _is_one_of_two(sentence: str, found: list[re.Match[str]], chosen: re.Match[str]) -> bool:
    """As in "18 or 20", "between 3 and 5", "3 to 5"."""
    at = found.index(chosen)
    start = max(0, found[at - 1].start() - 10)
    return at > 0 and _ALTERNATIVES.search(sentence, start, chosen.end()) is not None


def _qualifies(sentence: str, match: re.Match[str]) -> bool:
    before = sentence[max(0, match.start() - 40) : match.start()]
    return bool(_QUALIFIED.search(before) or _COMPARES.match(sentence, match.end()))


def _canonical(match: re.Match[str]) -> str | None:
    value = value_of(match)
    return None if value is None else canonical(value)
