"""The number that a sentence comes to, in its canonical spelling.

The result of the last equation counts, and what follows it. Numbers that qualify others (after
"of", "in", "from", "per", before "more", "times") give way to those that do not; then an amount of
money goes first, then the last. Brackets behind a result and numbers that are denied (", not 46")
say nothing. Numbers joined by "or" are no answer.
"""

import re

from evaluator.extract.numerals import NUMBER, canonical, value_of

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
    r"|[+*/×÷]\s?|每[天人个周月年日次]?|从|用|花|除以|乘以|加上|减去|按|以|经过|其中|前|后)\$?$"
    r"|\bto (?!get|give|make|obtain|be|find)\w+ \$?$"
    r"|\bfor (?:the |all |these |those |her |his ){0,2}$",
    re.I,
)
_LABELLED = re.compile(r"(?:第|\b(?:step|question|problem|chapter|room|option) )$", re.I)
_COMPARES = re.compile(
    r"\s?(?:\w+ )?(?:more|fewer|less|times|th|other)\b|倍|年前|年后|月|号|st |步|岁时", re.I
)
_BECAUSE = re.compile(r"\b(?:because|since)\b|因为", re.I)
_CLAUSE = re.compile(r"[,;]\s|\b(?:so|and|which)\b|, ?|即|所以", re.I)
_CALCULATION = re.compile(r"[^\d=]{0,20}=[^=]*\d\s?[-+*/×÷]\s?[^=]*")  # 72 = 48 + 24
_LEAD = re.compile(
    r"(?:[\s:=>\"'(\[{*<,~]|(?:about|approximately|around|exactly|equal(?:s| to)"
    r"|simply|just|thus|therefore"
    r"|indeed|a total of|total|x|the number|就是|大约|约|是|为|共|一共|等于)(?![a-z]))*",
    re.IGNORECASE,
)
# Behind a result: (0.54 km); not the (22) of a calculation, nor an alternative: (or 20).
_ASIDE = re.compile(
    r"(?:(?<=[^\W\d])|(?<=\d)(?=\s?\([^()]*[^\W\d_]|\s?\([^()]*[-+*/×÷=]))"
    r"\s?\((?!or [\d$.,]+\))[^()]{1,80}\)(?!\s?[-+*/×÷^=])",
    re.I,
)
_DENIED_NUMBER = re.compile(
    r"[,;]?\s?(?:\b(?:and |but )?(?:not|rather than|instead of)|而不是|并不是|不是|而非|并非)"
    r" ?(?:just |only |the )?\$?-?\d[\d,]*(?:\.\d+)?(?![\d.,]*\w*\s(?:but|rather)\b)",
    re.I,
)
_OF_SEVERAL = re.compile(  # 4 dozen (48 eggs), of which either may be the answer
    r"\s?(?:dozens?|pairs?|couples?|打|双|对)\b[^().]{0,20}"
    r"(?:\([^()]*\d|,? ?(?:or|i\.e\.,?|that is,?|which (?:is|makes)|namely|即) ?\d)",
    re.I,
)
_SEVERAL = re.compile(r"[,、]|\b(?:and|or)\b|[和或]", re.I)
_NEEDS = (  # a count at the beginning may only say whose number it is: 5 people need 30 dollars
    r"(?:\b(?:needs?|gives?|makes?|pays?|gets?|costs?|earns?|takes?|spends?|spent|sells?|sold|weighs?"
    r"|contains?|holds?|produces?)\b|卖|看|付|花|需|(?<!每)(?:一共|总共|共|合计))"
)
_IN_ALL = r"(?:\b(?:altogether|in total|in all)\b|一共|总共|合计)"
_DIGIT = re.compile(r"\d")
_A_NUMBER = r"(?:\d|[二三四五六七八九十百两])"
_COUNTED = re.compile(
    rf"[^\n.;,=]{{0,60}}?{_NEEDS}[^\n.;,=]{{0,60}}?{_A_NUMBER}"
    rf"|[^\n.;=]{{0,60}}?{_IN_ALL}[^\n.;=]{{0,60}}?{_A_NUMBER}",
    re.I,
)


def stated(statement: str) -> str | None:
    """The number that follows the words that announce an answer."""
    lead = _LEAD.match(statement)
    found = NUMBER.match(statement, lead.end() if lead else 0)
    if found and _OF_SEVERAL.match(statement, found.end()):
        return None
    statement = main_part(statement)
    found = NUMBER.match(statement, lead.end() if lead else 0)
    rest = statement[found.end() :] if found else ""
    if found and ("=" not in rest or _CALCULATION.fullmatch(rest)) and not _COUNTED.match(rest):
        return None if _PAIRED.match(rest) or _OPERATOR.match(rest) else _canonical(found)
    return result(statement, concludes=True)


def in_box(content: str) -> str | None:
    """The number in a box that holds one quantity, or a calculation with its result."""
    content = main_part(content)
    found = [each for each in NUMBER.finditer(content) if value_of(each) is not None]
    if len(found) > 1 and ("=" not in content or _SEVERAL.search(content)):
        return None
    return stated(content)


def main_part(sentence: str) -> str:
    """The sentence without its reasons, what it sets in brackets, and what it denies."""
    main = _BECAUSE.split(sentence)[0]
    sentence = main if NUMBER.search(main) else sentence
    if "(" in sentence:
        outside = _ASIDE.sub(" ", sentence)
        sentence = outside if _DIGIT.search(outside) else sentence
    return _DENIED_NUMBER.sub("", sentence)


def result(sentence: str, concludes: bool) -> str | None:
    """The number that a sentence comes to; among several, only when it concludes."""
    sentence = main_part(sentence)
    _, equals, after = sentence.rpartition("=")
    if equals:
        concludes, sentence = True, after
    found = _found(sentence)
    operands = found[:1] if equals else found
    if sentence.rstrip().endswith(("+", "-", "/", "×", "÷")) or any(
        _OPERATOR.match(sentence[match.end() :]) for match in operands
    ):
        return None  # a calculation without its result
    free = _free(sentence, found, bool(equals))
    values = {_canonical(match) for match in free}
    if not values or (len(values) > 1 and not concludes):
        return None
    chosen = free[-1]
    return None if _is_one_of_two(sentence, found, chosen) else _canonical(chosen)


def _found(sentence: str) -> list[re.Match[str]]:
    """The numbers of a sentence; those in words only where no others are."""
    found = [
        match
        for match in NUMBER.finditer(sentence)
        if value_of(match) is not None and not _LABELLED.search(sentence, 0, match.start())
    ]
    return [m for m in found if m["digits"] or m["whole"] or m["mixed"]] or found


def _free(sentence: str, found: list[re.Match[str]], equals: bool) -> list[re.Match[str]]:
    """The numbers that may be the result: not those that qualify others, emphasised ones first."""
    free = [match for match in found if not _qualifies(sentence, match)] or found
    if equals and found and not _CLAUSE.search(sentence, found[0].end(), free[-1].start()):
        free = found[:1]
    free = [m for m in free if sentence[: m.start()].rstrip(" $").endswith("**")] or free
    return [match for match in free if match["money"]] or free


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
