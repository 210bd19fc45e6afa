"""Values as models write them: JSON, and what is nearly JSON. Nothing is ever evaluated.

What is mended is told as a fault: full-width punctuation, Python's True and None in JSON, single
quotes, a comma at the end.
"""

import ast
import json
import re
import unicodedata
import warnings
from dataclasses import dataclass, field
from typing import Any

LONGEST = 20_000  # characters of a call that are read: no tool takes more
FULL_WIDTH, PYTHON_FORM, TOO_LONG = "full-width punctuation", "not JSON", "too long to be read"
BROKEN, LAST_COMMA = "cannot be read", "a comma at the end"
JSON_WORDS = "true, false or null in a Python call"
CONSTANTS = {"true": True, "false": False, "null": None}
_WIDE = str.maketrans("【】〔〕、", "[][],")
_STRING = (
    r'"(?:[^"\\]|\\.)*+"|\'(?:[^\'\\]|\\.)*+\''  # possessive: an unclosed one costs one look
    r"|“[^”]*+”|‘[^’]*+’|＂[^＂]*+＂|＇[^＇]*+＇"
)
_BARE_QUOTE = re.compile(r'(?<!\\)"')
_QUOTED = re.compile(_STRING, re.DOTALL)
_LAST_COMMA = re.compile(r",\s*[)\]}]")
_QUOTED_OR_BRACKET = re.compile(
    rf"{_STRING}|(?P<bracket>[\[\](){{}}（）［］｛｝【】〔〕])", re.DOTALL
)
_REFUSED = (SyntaxError, ValueError, TypeError, RecursionError, MemoryError)


class UnreadableValue(ValueError):
    """A text that is no value, however kindly it is read."""


@dataclass(slots=True)
class Faults:
    """The faults found so far, each once and in order."""

    found: dict[str, None] = field(default_factory=dict)

    def add(self, fault: str) -> None:
        """Notes a fault."""
        self.found[fault] = None


def value(text: str, faults: Faults) -> Any:
    """The JSON value that a text holds.  Raises UnreadableValue."""
    if len(text) > LONGEST:
        faults.add(TOO_LONG)
        raise UnreadableValue(TOO_LONG)
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    plain = half_width(text)
    if plain != text:
        faults.add(FULL_WIDTH)
    try:
        return json.loads(plain, strict=False)  # a line break within a string is one
    except (ValueError, RecursionError):
        faults.add(LAST_COMMA if ends_with_comma(plain) else PYTHON_FORM)
    return literal(expression(plain), faults)


def expression(text: str) -> ast.expr:
    """The syntax tree of a Python expression.  Raises UnreadableValue."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an escape that Python does not know
            return ast.parse(text.strip(), mode="eval").body
    except _REFUSED as error:
        raise UnreadableValue(BROKEN) from error


def literal(node: ast.expr, faults: Faults) -> Any:
    """The value of a tree of literals; anything else stands for its own source text."""
    try:
        return _literal(node, faults)
    except _REFUSED as error:
        raise UnreadableValue(BROKEN) from error


def _literal(node: ast.expr, faults: Faults) -> Any:
    match node:
        case ast.Constant(value=None | bool() | int() | float() | str() as found):
            if isinstance(found, int):
                str(found)  # raises ValueError for one in hexadecimal, too long to write
            return found
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as found)):
            return -found
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [_literal(part, faults) for part in parts]
        case ast.Dict(keys=keys, values=values):
            named = (_literal(key, faults) if key else "**" for key in keys)
            parts = [_literal(part, faults) for part in values]
            return {str(key): part for key, part in zip(named, parts, strict=True)}
        case ast.Name(id=name) if name in CONSTANTS:
            if not {PYTHON_FORM, LAST_COMMA} & faults.found.keys():
                faults.add(JSON_WORDS)
            return CONSTANTS[name]
    faults.add("a value without quotes" if isinstance(node, ast.Name) else "no plain value")
    return ast.unparse(node)


def half_width(text: str) -> str:
    """The text with its punctuation and quotes in ASCII; what stands in quotes is kept."""
    made, start = list[str](), 0
    for quoted in _QUOTED.finditer(text):
        made += [_ascii(text[start : quoted.start()]), _requoted(quoted[0])]
        start = quoted.end()
    return "".join([*made, _ascii(text[start:])])


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKC", text.translate(_WIDE))


def _requoted(quoted: str) -> str:
    """A string in ASCII quotes; its own escapes are kept."""
    if quoted[0] in "\"'":
        return quoted
    inside = _BARE_QUOTE.sub(r"\"", quoted[1:-1])
    return f'"{inside}"'


def ends_with_comma(text: str) -> bool:
    """Whether a comma stands before a closing bracket, outside of quotes."""
    return bool(_LAST_COMMA.search(_QUOTED.sub('""', text)))


def balanced(text: str, start: int) -> int | None:
    """The place behind the bracket that closes the one at `start`; None where none does.

    Brackets in quotes do not count, and full-width ones are brackets.
    """
    depth = 0
    for sign in _QUOTED_OR_BRACKET.finditer(text, start, start + LONGEST):
        if sign["bracket"]:
            depth += 1 if _ascii(sign[0]) in "([{" else -1
        if depth <= 0:
            return sign.end()
    return None
