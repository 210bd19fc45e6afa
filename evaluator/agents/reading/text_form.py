"""Calls as text: `[Name(key='value'), Name2()]`. Read as a syntax tree, never evaluated."""

import ast
import re
from collections.abc import Iterator

from evaluator.agents.calls import ToolCall
from evaluator.agents.reading.literals import (
    BROKEN,
    FULL_WIDTH,
    LAST_COMMA,
    Faults,
    UnreadableValue,
    ends_with_comma,
    expression,
    half_width,
    literal,
)
from evaluator.agents.reading.marks import bracketed

NO_LIST, UNNAMED = "calls outside of a list", "arguments without names"
_NAME = r"[^\W\d][\w.\-]*"
_LIST = re.compile(rf"[\[［【]\s*{_NAME}\s*[(（]")
_CALL = re.compile(rf"(?:^|\n)[ \t]*{_NAME}[(（]")  # alone on its line
_HYPHEN = re.compile(r"(?<=\w)-(?=\w[\w-]*\()")  # of a name: Python would subtract
_INNER = "hyphen_"  # stands for it within a tree


def calls_in(text: str, faults: Faults) -> tuple[list[ToolCall], str]:
    """The calls in a text, and the words beside them."""
    calls, beside, start = list[ToolCall](), list[str](), 0
    for begin, end in [*bracketed(text, _LIST)] or _alone(text):
        try:
            calls += tree_of(text[begin:end], faults)
        except UnreadableValue as error:
            faults.add(str(error) or BROKEN)
            continue
        beside.append(text[start:begin])
        start = end
    if not calls and _LIST.search(text):
        faults.add(BROKEN)
    rest = " ".join(part for each in [*beside, text[start:]] if (part := each.strip(" \n,;")))
    return calls, rest


def _alone(text: str) -> list[tuple[int, int]]:
    """Calls without a list around them, where there is nothing else: code has such lines too."""
    places, end = [*bracketed(text, _CALL)], 0
    for begin, closed in places:
        if text[end:begin].strip(" ,;\t\n"):
            return []
        end = closed
    return [] if text[end:].strip(" ,;\t\n") else places


def tree_of(text: str, faults: Faults) -> Iterator[ToolCall]:
    """The calls of a list, or a single one.  Raises UnreadableValue."""
    plain = half_width(text)
    if plain != text:
        faults.add(FULL_WIDTH)
    if ends_with_comma(plain):
        faults.add(LAST_COMMA)
    tree = expression(_HYPHEN.sub(_INNER, plain))
    if not isinstance(tree, ast.List):
        faults.add(NO_LIST)
    for each in tree.elts if isinstance(tree, ast.List | ast.Tuple) else [tree]:
        if not isinstance(each, ast.Call):
            raise UnreadableValue(BROKEN)
        yield call_of(each, faults)


def call_of(node: ast.Call, faults: Faults) -> ToolCall:
    """The call of a tree; what has no name is a fault, and left out."""
    if node.args or any(keyword.arg is None for keyword in node.keywords):
        faults.add(UNNAMED)
    given = {each.arg: literal(each.value, faults) for each in node.keywords if each.arg}
    return ToolCall(ast.unparse(node.func).replace(_INNER, "-"), given)
