"""The value of a formula, in the notation of `notation.spelled`.

Two formulas are equal when they have the same value wherever they are tried. That takes well under
a millisecond, knows no tolerance that a wrong answer could fall into, and needs no algebra.
"""

from functools import lru_cache

from evaluator.extract.arithmetic import Incalculable, Value, same
from evaluator.extract.formula_parser import FormulaParser

POINTS = (1, 2, 3)  # where variables are tried


def equal(one: str, other: str) -> bool:
    """Whether two formulas have the same value at every point tried."""
    try:
        return all(same(value(one, point), value(other, point)) for point in POINTS)
    except (ArithmeticError, ValueError, TypeError):
        return False


def readable(text: str) -> bool:
    """Whether this is a formula that has a value."""
    try:
        value(text, POINTS[0])
    except (ArithmeticError, ValueError, TypeError):
        return False
    return True


def ascending(one: str, other: str) -> bool:
    """Whether two formulas can be the ends of an interval, in this order."""
    try:
        return "∞" in one + other or bool(value(one, 1) < value(other, 1))
    except (ArithmeticError, ValueError, TypeError):
        return True


@lru_cache(maxsize=4_096)
def value(text: str, point: int) -> Value:
    """The value at a point.  Raises ValueError for what is no formula, or ArithmeticError."""
    parser = FormulaParser(text, point)
    found = parser.sum()
    if parser.at < len(text):
        raise Incalculable(text)
    return found
