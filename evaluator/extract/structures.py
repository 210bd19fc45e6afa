"""The structure of a mathematical answer: a list, a point, an interval, a matrix, an equation.

Made of the notation of `notation.spelled`; nothing here says what is equal.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evaluator.extract.notation import ROW

DEEPEST = 6  # structures within structures
MOST_PARTS = 40

_MATRIX = re.compile(
    r"[(\[]?\\begin\{(?P<kind>[pb]?matrix|array)\}(?:\{[clr|]+\})?(?P<rows>.*)"
    r"\\end\{(?P=kind)\}[)\]]?",
    re.DOTALL,
)
_COMMA, _CUP = re.compile("[,;]"), re.compile("∪")
_RELATION = re.compile(r"<=|>=|!=|[<>=∈≈]")
_INEQUALITY = re.compile("[<>]=?")
NAME = re.compile(r"(?!i$)[A-Za-z](?:_\{?\w{1,4}\}?)?'*(?:\([a-z]\))?|\\(?!pi$)[a-z]+")
_UNSOLVED = re.compile(r"-?\d*\*?[A-Za-z](?:[+-]\d+)?")  # in 3x = 15 it is x that was asked for
_DEPTHS = dict.fromkeys("([{〈", 1) | dict.fromkeys(")]}〉", -1)
MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Formula:
    """A number or a term."""

    text: str


@dataclass(frozen=True, slots=True)
class Several:
    """A list or a set: the order says nothing."""

    parts: tuple["Structure", ...]
    braces: bool = False


@dataclass(frozen=True, slots=True)
class Bracketed:
    """A point, a vector or an interval."""

    opens: str
    parts: tuple["Structure", ...]
    closes: str


@dataclass(frozen=True, slots=True)
class SetUnion:
    """A union of intervals or sets."""

    parts: tuple["Structure", ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows of formulas."""

    rows: tuple[tuple["Structure", ...], ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """An equation, an inequality or a membership; `sides` are as many as were written."""

    sides: tuple[str, ...]
    signs: tuple[str, ...]


Structure = Formula | Several | Bracketed | SetUnion | Matrix | Relation


def structure(text: str, depth: int = 0) -> Structure:
    """The structure of a formula in the notation of `spelled`."""
    if depth > DEEPEST or len(parts := _split(text, _COMMA)) > 2 * MOST_PARTS:
        return Formula(text)
    if len(parts) > 1:
        return _listed(parts[::2], depth + 1)
    if matrix := _MATRIX.fullmatch(text):
        rows = matrix["rows"].strip(ROW).split(ROW)
        return Matrix(tuple(tuple(structure(c, depth + 1) for c in row.split("&")) for row in rows))
    if len(sides := _split(text, _RELATION)) > 1:
        return _related(sides[::2], sides[1::2], depth + 1)
    if len(parts := _split(text, _CUP)) > 1:
        return SetUnion(tuple(structure(part, depth + 1) for part in parts[::2]))
    if _enclosed(text):
        return _within(text, depth + 1)
    if text.count("±") + text.count("∓") == 1:
        plus, minus = (re.sub("[±∓]", sign, text) for sign in "+-")
        return Several((Formula(plus), Formula(minus)))
    return Formula(text)


def _split(text: str, separator: re.Pattern[str]) -> list[str]:
    """The pieces between separators that stand in no bracket, and between them the separators."""
    pieces, start, depth, seen = list[str](), 0, 0, 0
    for found in separator.finditer(text):
        depth += sum(_DEPTHS.get(sign, 0) for sign in text[seen : found.start()])
        seen = found.start()
        if depth == 0:
            pieces += [text[start : found.start()], found[0]]
            start = found.end()
    return [*pieces, text[start:]]


def _enclosed(text: str) -> bool:
    """Whether the bracket that begins the text is closed by its last sign."""
    text = text.removeprefix("\\")
    if _DEPTHS.get(text[:1]) != 1:
        return False
    depth = 0
    for at, sign in enumerate(text, 1):
        depth += _DEPTHS.get(sign, 0)
        if depth == 0:
            return at == len(text)
    return False


def _within(text: str, depth: int) -> Structure:
    braces = text.startswith(("{", "\\{"))
    inside = text.removeprefix("\\")[1:-1].removesuffix("\\")
    parts = _split(inside, _COMMA)[::2]
    if braces:
        content = structure(inside, depth)
        return Several(content.parts if isinstance(content, Several) else (content,), braces=True)
    if len(parts) == 1:
        return structure(inside, depth)
    opens, closes = text[0].replace("〈", "("), text[-1].replace("〉", ")")
    return Bracketed(opens, tuple(structure(part, depth) for part in parts), closes)


def _listed(texts: Sequence[str], depth: int) -> Structure:
    """A list; of names with their values a point, of inequalities a union."""
    parts = [structure(text, depth) for text in texts]
    if all(len(_split(text, _INEQUALITY)) > 1 for text in texts):
        return SetUnion(tuple(parts))
    named = {part.sides[0]: part for part in parts if isinstance(part, Relation)}
    if len(named) == len(parts) and all(map(NAME.fullmatch, named)):
        values = [next(iter(results(named[name])), Formula("")) for name in sorted(named)]
        return Bracketed("(", tuple(values), ")")
    flat: list[Structure] = []
    for part in parts:
        if isinstance(part, Relation):
            part = next(iter(results(part)), part)
        flat += part.parts if isinstance(part, Several) else (part,)
    return Several(tuple(flat))


def _related(sides: Sequence[str], signs: Sequence[str], depth: int) -> Structure:
    if [*signs] == ["∈"]:
        return structure(sides[1], depth)
    interval = _interval([*sides], [*signs]) if all(sign in MIRRORED for sign in signs) else None
    return interval or Relation(tuple(sides), tuple(signs))


def _interval(sides: list[str], signs: list[str]) -> Structure | None:
    """The interval that `-2 <= x < 7` or `x > 3` describes."""
    if signs[0][0] == ">":
        sides, signs = sides[::-1], [MIRRORED[sign] for sign in signs[::-1]]
    if len(sides) == 2 and NAME.fullmatch(sides[0]) and not NAME.fullmatch(sides[1]):
        sides, signs = ["-∞", *sides], ["<", *signs]
    elif len(sides) == 2 and NAME.fullmatch(sides[1]) and not NAME.fullmatch(sides[0]):
        sides, signs = [*sides, "∞"], [*signs, "<"]
    if len(sides) != 3 or signs[1][0] == ">" or not NAME.fullmatch(sides[1]):
        return None
    opens, closes = ("(" if signs[0] == "<" else "["), (")" if signs[1] == "<" else "]")
    return Bracketed(opens, (Formula(sides[0]), Formula(sides[2])), closes)


def results(relation: Relation) -> Iterator[Structure]:
    """What an equation says that its left side is: exactly, and rounded where it says so."""
    sides, signs = relation.sides, relation.signs
    if not set(signs) <= {"=", "≈"}:
        return
    if NAME.fullmatch(sides[-1]) and not NAME.fullmatch(sides[0]):
        yield structure(sides[0])
        return
    unsolved = sides[-1] == "0" or _UNSOLVED.fullmatch(sides[0])
    if unsolved and len(sides) == 2 and not NAME.fullmatch(sides[0]):
        return
    exact = signs.index("≈") if "≈" in signs else len(signs)
    yield structure(sides[exact])
    if exact < len(signs):
        yield structure(sides[-1])
