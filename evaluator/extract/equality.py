"""Whether two mathematical answers are equal: by their structure, then part by part.

Lists and sets agree in any order, points and matrices place by place, intervals with their
brackets; the parts are compared by their exact values. An answer that has another structure than
the reference, or cannot be read, is not equal.
"""

import re
from collections.abc import Sequence

from evaluator.extract import formulas
from evaluator.extract.notation import spelled, without_text, words
from evaluator.extract.structures import (
    MIRRORED,
    NAME,
    Bracketed,
    Formula,
    Matrix,
    Relation,
    SetUnion,
    Several,
    Structure,
    results,
    structure,
)

LONGEST = 400  # characters of an expression; a longer one is no answer

_WORDS = re.compile(r"[(\[]?[A-Za-z]{2,}(?:[\s,]+[A-Za-z\d]+)*[)\]]?|[(\[]?[A-Z][)\]]?")
_CLOCK = re.compile(r"\d+:\d+(?::\d+)?")
_BASE = re.compile(r"\(?([0-9A-Z]+)\)?_\{?\(?(?:\\text\{)?\s*(\w+)\s*\}?\)?\}?")
_IN_WORDS = re.compile(r"(.*?)\s*\\?(?:text\{)?\s*\(?\s*(?:in )?base[ -]?\}?\s*(\w+)\)?\s*\}?")
_BASES = {"two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7"}
_BASES |= {"eight": "8", "nine": "9", "twelve": "12", "sixteen": "16"}
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d.,])")


def equal(given: str, gold: str) -> bool:
    """Whether an answer, as it was written, is the reference one."""
    if len(given) > LONGEST:
        return False
    if _WORDS.fullmatch(text := without_text(gold)):
        return words(given) == words(text)
    reference = spelled(gold)
    if base := _BASE.fullmatch(reference.formula):
        return _in_base(given, *base.groups())
    answer = spelled(given)
    if answer == reference or (_CLOCK.fullmatch(reference.formula)):
        return answer == reference
    if not _units_agree(answer.unit, reference.unit):
        return False
    target = structure(_whole(reference.formula))
    readings = {answer.formula, _THOUSANDS.sub(_ungrouped, answer.formula)}
    if answer.unit == "%" != reference.unit:
        readings |= {f"({reading})/100" for reading in readings}
    return any(_same(structure(reading), target) for reading in readings)


def _in_base(given: str, digits: str, base: str) -> bool:
    """The question names the base, so the digits alone will do."""
    named = _IN_WORDS.fullmatch(given.strip(" $."))
    text = spelled(named[1] if named else given).formula
    theirs = named[2] if named else ""
    if found := _BASE.fullmatch(text):
        text, theirs = found[1], found[2]
    return text == digits and _BASES.get(theirs, theirs) in ("", base)


def _units_agree(given: str, gold: str) -> bool:
    """Whether one of the two is not named, or both are the same; % is part of the number."""
    return not given or not gold or given == gold or given == "%"


def _ungrouped(found: re.Match[str]) -> str:
    return found[0].replace(",", "")


def _whole(text: str) -> str:
    """A reference that is one number with thousands separators, without these."""
    return _ungrouped(found) if (found := _THOUSANDS.fullmatch(text)) else text


def _same(given: Structure, gold: Structure) -> bool:
    if isinstance(gold, Relation):
        return _same_relation(given, gold)
    if isinstance(given, Relation):
        return any(_same(result, gold) for result in results(given))
    if isinstance(gold, Several):
        return _in_any_order(given.parts if isinstance(given, Several) else (given,), gold.parts)
    if isinstance(gold, SetUnion):
        return isinstance(given, SetUnion) and _in_any_order(given.parts, gold.parts)
    if isinstance(gold, Bracketed | Matrix):
        return _same_places(given, gold)
    if isinstance(given, Several):
        spellings = {*given.parts}  # a number written in two ways is one answer, 1, 1 is none
        if len(spellings) == len(given.parts) and not (given.braces and len(spellings) > 1):
            return all(_same(part, gold) for part in spellings)
        return False
    return isinstance(given, Formula) and (given == gold or formulas.equal(given.text, gold.text))


def _in_any_order(given: Sequence[Structure], gold: Sequence[Structure]) -> bool:
    """Whether every part has its like, each only once."""
    left = [*gold]
    for part in given:
        like = next((each for each in left if _same(part, each)), None)
        if like is None:
            return False
        left.remove(like)
    return not left


def _same_places(given: Structure, gold: Bracketed | Matrix) -> bool:
    """Points, vectors, intervals and matrices; a vector may be written as any of these."""
    if isinstance(given, Matrix) and isinstance(gold, Matrix):
        return [*map(len, given.rows)] == [*map(len, gold.rows)] and all(
            map(_same, sum(given.rows, ()), sum(gold.rows, ()))
        )
    answer, target = _vector(given), _vector(gold)
    if not isinstance(target, Bracketed):
        return False
    if isinstance(answer, Several) and not answer.braces and not _may_be_interval(target):
        answer = Bracketed("(", answer.parts, ")")
    return (
        isinstance(answer, Bracketed)
        and (answer.opens, answer.closes) == (target.opens, target.closes)
        and len(answer.parts) == len(target.parts)
        and all(map(_same, answer.parts, target.parts))
    )


def _vector(shape: Structure) -> Structure:
    if isinstance(shape, Matrix) and all(len(row) == 1 for row in shape.rows):
        return Bracketed("(", tuple(row[0] for row in shape.rows), ")")
    return shape


def _may_be_interval(shape: Bracketed) -> bool:
    ends = [part.text for part in shape.parts if isinstance(part, Formula)]
    return (shape.opens, shape.closes) != ("(", ")") or (
        len(ends) == len(shape.parts) == 2 and formulas.ascending(*ends)
    )


def _same_relation(given: Structure, gold: Relation) -> bool:
    if isinstance(given, Relation):
        sign, difference = _difference(given)
        gold_sign, gold_difference = _difference(gold)
        return given == gold or (
            sign == gold_sign != ""
            and (
                formulas.equal(difference, gold_difference)
                or (sign in ("=", "!=") and formulas.equal(difference, f"-({gold_difference})"))
            )
        )
    named = {*gold.signs} == {"="} and NAME.fullmatch(gold.sides[0])
    return bool(named) and _same(given, structure(gold.sides[-1]))


def _difference(relation: Relation) -> tuple[str, str]:
    """One side less the other, the greater one first; no sign where several are mixed."""
    if len(signs := {*relation.signs}) > 1 or (len(relation.sides) > 2 and signs != {"="}):
        return "", ""
    sign, left, right = relation.signs[0], relation.sides[0], relation.sides[-1]
    if sign[0] == "<":
        sign, left, right = MIRRORED[sign], right, left
    return sign, f"({left})-({right})"
