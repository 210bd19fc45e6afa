"""Calls written as Python, `[f(a=1), g()]`, as the official code of BFCL and ACEBench reads them,
and compares their strings.

Stricter than the protocols: what is not Python is no call. Nothing is ever evaluated; of the
arithmetic that the official code lets Python do, sums, differences, products and quotients of
numbers are done here.
"""

import ast
import operator
import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from evaluator.agents.calls import ToolCall

LONGEST = 100_000  # characters that are read: no reply of calls is longer
LARGEST = 2**63  # of the numbers that are calculated with
_IGNORED = re.compile(r"[ ,./\-_*^]")
_REFUSED = (SyntaxError, ValueError, TypeError, ArithmeticError, RecursionError, MemoryError)
_ARITHMETIC: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def python_calls(text: str) -> list[ToolCall] | None:
    """The calls of a list, of a tuple, or of a single call; None where the text is none of them."""
    if len(text) > LONGEST:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an escape that Python does not know
            body = ast.parse(text, mode="eval").body
        found = body.elts if isinstance(body, ast.List | ast.Tuple | ast.Set) else [body]
        return [_call(node) for node in found]
    except _REFUSED:
        return None


def standardized(value: Any) -> Any:
    """A string without the signs that do not count; any other value as it is."""
    if not isinstance(value, str):
        return value
    return _IGNORED.sub("", value).lower().replace("'", '"')


def _call(node: ast.expr) -> ToolCall:
    """The call that a node is.  Raises ValueError where it is none."""
    if not isinstance(node, ast.Call):
        raise ValueError(f"no call: {type(node).__name__}")
    arguments = {str(each.arg): _value(each.value) for each in node.keywords}
    return ToolCall(_name(node.func), arguments)


def _name(node: ast.expr) -> str:
    """The dotted name of what is called; the empty text where it is not called by a name."""
    if isinstance(node, ast.Attribute):
        return f"{_name(node.value)}.{node.attr}".lstrip(".")
    return node.id if isinstance(node, ast.Name) else ""


def _value(node: ast.expr) -> Any:
    """A literal's value; a name stands for itself, and a call without arguments for its source."""
    match node:
        case ast.List(elts=parts):
            return [_value(part) for part in parts]
        case ast.Tuple(elts=parts):
            return tuple(_value(part) for part in parts)
        case ast.Dict(keys=keys, values=values):
            pairs = zip(keys, values, strict=True)
            return {_key(key): _value(value) for key, value in pairs}
        case ast.Call(keywords=[]) | ast.Subscript():
            return ast.unparse(node)
        case ast.Call():
            inner = _call(node)
            return {inner.name: inner.arguments}
    return _scalar(node)


def _scalar(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=None | bool() | int() | float() | str() as value):
            if isinstance(value, int):
                str(value)  # raises ValueError for one in hexadecimal, too long to write
            return value
        case ast.Name(id=name):
            return name
        case ast.UnaryOp(operand=ast.Constant(value=int() | float() as number)):
            return -number
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _ARITHMETIC:
            return _ARITHMETIC[type(sign)](_number(left), _number(right))
    raise ValueError(f"no value: {type(node).__name__}")


def _key(node: ast.expr | None) -> Any:
    if node is None:
        raise ValueError("a dictionary is unpacked into another")
    return _value(node)


def _number(node: ast.expr) -> int | float:
    value = _value(node)
    if not isinstance(value, int | float) or abs(value) > LARGEST:
        raise ValueError(f"no number that is calculated with: {ast.dump(node):.80}")
    return value
