"""Arithmetic that is exact as long as its numbers are rational, else to 60 digits."""

from fractions import Fraction
from functools import cache
from math import comb, factorial
from typing import Any

Value = Any  # a Fraction, or a real or complex number of mpmath's

MOST_BITS = 20_000  # of an exact power
LARGEST_EXPONENT = 100_000
LARGEST_BASE = 10**1_000
LARGEST_FACTORIAL = 1_000


class Incalculable(ValueError):
    """Beyond what is calculated here."""


@cache
def reals() -> Any:
    """mpmath's numbers to 60 digits, loaded when a value is first not rational."""
    from mpmath import MPContext  # type: ignore[import-untyped]  # ships no py.typed

    made = MPContext()
    made.dps = 60
    return made


@cache
def _power_of_ten(exponent: int) -> Value:
    return reals().mpf(10) ** exponent


def same(one: Value, other: Value) -> bool:
    """Whether two values are equal, as far as 45 digits can tell where they are not exact."""
    if isinstance(one, Fraction) and isinstance(other, Fraction):
        return one == other
    one, other = inexact(one), inexact(other)
    scale = max(abs(one), abs(other))
    if not reals().isfinite(scale):
        return False
    if one == 0 or other == 0:
        return bool(scale <= _power_of_ten(-50))
    return bool(abs(one - other) <= _power_of_ten(-45) * scale)


def inexact(value: Value) -> Value:
    if isinstance(value, Fraction):
        return reals().mpf(value.numerator) / value.denominator
    return value


def added(one: Value, other: Value) -> Value:
    if isinstance(one, Fraction) and isinstance(other, Fraction):
        return one + other
    return inexact(one) + inexact(other)


def multiplied(one: Value, other: Value) -> Value:
    if isinstance(one, Fraction) and isinstance(other, Fraction):
        return one * other
    return inexact(one) * inexact(other)


def divided(one: Value, other: Value) -> Value:
    if isinstance(one, Fraction) and isinstance(other, Fraction):
        return one / other
    return inexact(one) / inexact(other)


def raised(base: Value, exponent: Value) -> Value:
    """The power.  Raises Incalculable for one that would fill the memory."""
    if abs(exponent) > LARGEST_EXPONENT or abs(base) > LARGEST_BASE:
        raise Incalculable("a power that large")
    if isinstance(base, Fraction) and isinstance(exponent, Fraction) and exponent.denominator == 1:
        bits = max(abs(base.numerator), base.denominator).bit_length()
        if bits * abs(exponent) <= MOST_BITS:
            return base ** int(exponent)
    return reals().power(inexact(base), inexact(exponent))


def root(value: Value, index: Value) -> Value:
    """The root; an odd one of a negative number is negative."""
    odd = isinstance(index, Fraction) and index.denominator == 1 and index.numerator % 2 == 1
    if odd and isinstance(value, Fraction) and value < 0:
        return -raised(-value, 1 / index)
    return raised(value, divided(Fraction(1), index))


def rounded(value: Value, up: bool) -> Fraction:
    if isinstance(value, Fraction):
        return Fraction(value.__ceil__() if up else value.__floor__())
    return Fraction(int((reals().ceil if up else reals().floor)(value)))


def factorial_of(value: Value) -> Fraction:
    return Fraction(factorial(_count(value)))


def chosen(above: Value, below: Value) -> Fraction:
    """The binomial coefficient."""
    return Fraction(comb(_count(above), _count(below)))


def in_radians(value: Value) -> Value:
    return inexact(value) * reals().pi / 180


def _count(value: Value) -> int:
    if isinstance(value, Fraction) and value.denominator == 1 and 0 <= value <= LARGEST_FACTORIAL:
        return int(value)
    raise Incalculable("a factorial of no small whole number")
