"""A formula, in the notation of `notation.spelled`, parsed by recursive descent.

Each part gives its value at once; there is no syntax tree.
"""

import re
from fractions import Fraction
from hashlib import blake2b

from evaluator.extract.arithmetic import (
    Incalculable,
    Value,
    added,
    chosen,
    divided,
    factorial_of,
    in_radians,
    inexact,
    multiplied,
    raised,
    reals,
    root,
    rounded,
)

DEEPEST = 40  # parts within parts

_NUMBER = re.compile(r"(\d*)(?:\.(\d*)(?:\\overline\{?(\d+)\}?)?)?(?:e([+-]?\d{1,3})(?![\da-z]))?")
_MIXED = re.compile(r"\\frac(?:\{(\d+)\}|(\d))(?:\{(\d+)\}|(\d))")
_SIMPLE = re.compile(r"-?\d+(?:\.\d+)?")
_QUOTIENT = re.compile(r"[+-]?\d+/\d+")
_ALIKE = ("sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "exp", "ln")
_FUNCTIONS = {  # and what mpmath calls them
    **dict(zip(_ALIKE, _ALIKE, strict=True)),
    **{"arcsin": "asin", "arccos": "acos", "arctan": "atan", "log": "log10"},
}
_PLAIN_WORD = re.compile("|".join(sorted([*_FUNCTIONS, "sqrt", "pi"], key=len, reverse=True)))
_COMMAND = re.compile(r"\\[A-Za-z]+ ?")
_SUBSCRIPT = re.compile(r"(?:_(?:\{[\w,]{1,12}\}|\w))?'*")
_CLOSED_BY = {"(": ")", "[": "]", "{": "}"}


class FormulaParser:
    """A formula read from left to right, each part giving its value at once."""

    def __init__(self, text: str, point: int) -> None:
        self.text, self.point = text, point
        self.at = self.depth = self.bars = 0

    def sum(self) -> Value:
        total = self.product()
        while self.next() in ("+", "-"):
            minus = self.take() == "-"
            total = added(total, multiplied(self.product(), Fraction(-1 if minus else 1)))
        return total

    def product(self) -> Value:
        start, divisors = self.at, 0
        product = self.factor()
        while True:
            if self.next() == "*":
                self.at += 1
                product = multiplied(product, self.factor())
            elif self.next() == "/":
                self.at += 1
                product = divided(product, self.factor())
                divisors += 1
            elif self.begins_factor():
                if divisors and not _QUOTIENT.fullmatch(self.text, start, self.at):
                    raise Incalculable(self.text)  # 1/πx may mean 1/(πx)
                product = multiplied(product, self.power())
            else:
                return product

    def factor(self) -> Value:
        sign = 1
        while self.next() in ("+", "-"):
            sign = -sign if self.take() == "-" else sign
        return multiplied(self.power(), Fraction(sign))

    def power(self) -> Value:
        base = self.atom()
        while self.next() in ("!", "°"):
            base = factorial_of(base) if self.take() == "!" else in_radians(base)
        if self.next() != "^":
            return base
        self.at += 1
        self.depth += 1
        power = raised(base, self.exponent())
        self.depth -= 1
        return power

    def exponent(self) -> Value:
        """A group, or a number without braces: x^10 is meant so, whatever LaTeX makes of it."""
        if simple := _SIMPLE.match(self.text, self.at):
            self.at = simple.end()
            return Fraction(simple[0])
        return self.group() if self.next() in ("{", "(") else self.factor()

    def atom(self) -> Value:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Incalculable(self.text)
        value = self._atom()
        self.depth -= 1
        return value

    def _atom(self) -> Value:
        sign = self.next()
        if sign.isdecimal() or sign == ".":
            return self.number()
        if sign in ("(", "[", "{"):
            return self.group()
        if sign == "|":
            return self.absolute()
        if named := _COMMAND.match(self.text, self.at) or _PLAIN_WORD.match(self.text, self.at):
            self.at = named.end()
            return self.named(named[0].strip("\\ "))
        if sign == "∞" or (sign.isalpha() and sign.isascii()):
            return self.variable(self.take())
        raise Incalculable(self.text)

    def number(self) -> Value:
        found = _NUMBER.match(self.text, self.at)
        if not found or not any(found.groups()[:3]):
            raise Incalculable(self.text)
        self.at = found.end()
        whole, decimals, repeated, exponent = found.groups(default="")
        number = Fraction(int(whole + decimals or "0"), 10 ** len(decimals))
        if repeated:
            number += Fraction(int(repeated), 10 ** len(decimals) * (10 ** len(repeated) - 1))
        if whole == found[0] and (mixed := _MIXED.match(self.text, self.at)):
            above, below = int(mixed[1] or mixed[2]), int(mixed[3] or mixed[4])
            if above < below:
                self.at = mixed.end()
                number += Fraction(above, below)
        return number * Fraction(10) ** int(exponent or 0)

    def group(self) -> Value:
        close = _CLOSED_BY[self.take()]
        bars, self.bars = self.bars, 0
        inside = self.sum()
        self.bars = bars
        self.expect(close)
        return inside

    def absolute(self) -> Value:
        self.at += 1
        self.bars += 1
        inside = self.sum()
        self.bars -= 1
        self.expect("|")
        return abs(inside)

    def argument(self) -> Value:
        r"""What a command applies to: a group, or the next sign alone, as in \frac43."""
        return Fraction(int(self.take())) if self.next().isdecimal() else self.atom()

    def named(self, name: str) -> Value:
        if name in _FUNCTIONS:
            return self.function(name)
        if name in ("frac", "binom"):
            above, below = self.argument(), self.argument()
            return divided(above, below) if name == "frac" else chosen(above, below)
        if name == "sqrt":
            index = self.group() if self.next() == "[" else Fraction(2)
            return root(self.argument(), index)
        if name in ("lfloor", "lceil"):
            inside = self.sum()
            self.expect(f"\\r{name[1:]}")
            return rounded(inside, name == "lceil")
        return self.variable(name)

    def function(self, name: str) -> Value:
        base = power = None
        if name == "log" and self.next() == "_":
            self.at += 1
            base = self.argument()
            self.at += self.next() == " "
        if self.next() == "^":
            self.at += 1
            power = self.exponent()
            if power == -1:
                raise Incalculable(self.text)  # an inverse, or a reciprocal
        argument = inexact(self.group() if self.next() in ("(", "{") else self.bare_argument())
        result = getattr(reals(), _FUNCTIONS[name])(argument)
        if base is not None:
            result = divided(reals().ln(argument), reals().ln(inexact(base)))
        return result if power is None else raised(result, power)

    def bare_argument(self) -> Value:
        r"""As in \sin 2x: factors without a sign between them, up to a bracket or a command."""
        argument = self.power()
        while self.begins_factor() and self.next() not in ("\\", "("):
            argument = multiplied(argument, self.power())
        return argument

    def variable(self, name: str) -> Value:
        if len(name) > 1 and self.next() == "{":
            raise Incalculable(self.text)  # a command that is not known here
        subscript = _SUBSCRIPT.match(self.text, self.at)
        if subscript and subscript[0]:
            self.at = subscript.end()
            return _tried(name + re.sub(r"[{}]", "", subscript[0]), self.point)
        if name in ("pi", "e"):
            return +getattr(reals(), name)
        return reals().mpc(0, 1) if name == "i" else _tried(name, self.point)

    def begins_factor(self) -> bool:
        sign = self.next()
        if sign == "\\":
            return not self.text.startswith(("\\rfloor", "\\rceil"), self.at)
        if sign.isdecimal() or sign == ".":  # a number would have gone on
            return not self.text[self.at - 1].isdecimal()
        if sign == "|":
            return not self.bars
        return sign in _CLOSED_BY or sign == "∞" or (sign.isalpha() and sign.isascii())

    def next(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self) -> str:
        self.at += 1
        return self.text[self.at - 1]

    def expect(self, close: str) -> None:
        if not self.text.startswith(close, self.at):
            raise Incalculable(self.text)
        self.at += len(close)


def _tried(name: str, point: int) -> Fraction:
    """The value of a variable at a point: always the same, and like no other's."""
    digest = int.from_bytes(blake2b(f"{name} {point}".encode(), digest_size=4).digest(), "big")
    return Fraction((-1) ** (digest >> 16) * (1 + digest % 9_973), 1_009)
