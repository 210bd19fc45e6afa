"""Our own reading of a reply: whether it says the right thing, in whatever form it was written.

Calls are right when
- each expected call is made once, in any order, and no other;
- each has exactly the arguments of the ground truth, those too that the schema does not require;
- numbers are equal as numbers (3 and 3.0), booleans as booleans. A number in quotes is a number
  only where the schema asks for a string, or where the ground truth has it in quotes too;
- strings are equal, not just contained, without spaces and punctuation, in lower case and half
  width. `2024-07-05`, `2024/7/5` and `2024年7月5日` are the same day;
- lists are equal in order, objects key by key.

Of the special categories a reply is right when it calls nothing and, without any dictated sentence,
incomplete: names every missing parameter; error_param: names every wrong value; irrelevant: says
that it cannot be done.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from evaluator.agents.calls import Tool, ToolCall
from evaluator.agents.values import same_parts
from evaluator.types import Schema

_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?(?!\d)")
_IGNORED = re.compile(r"(?![+<>=%$€£¥#@&])(?!(?<=\d)[.:]\d)[\W_]")  # 1.5 is not 15
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_CANNOT = re.compile(
    r"cannot|can ?not|can['’]t|could not|couldn['’]t|unable|not able|impossible|limitation"
    r"|not (?:support|available|possible)|no (?:suitable|relevant|available|matching|such)"
    r"|none of the|do(?:es)? not (?:have|support|provide)|don['’]t have|doesn['’]t"
    r"|无法|不能|没法|没有|不支持|不具备|超出|做不到|暂不|未提供|不提供|限制",
    re.IGNORECASE,
)


def calls_right(
    tools: Sequence[Tool], calls: Sequence[ToolCall], expected: Sequence[ToolCall]
) -> bool:
    """Whether the calls are the expected ones, in any order, and no others."""
    if len(calls) != len(expected):
        return False
    schemas, left = {tool.name: tool.parameters for tool in tools}, list(calls)
    for truth in expected:
        found = next((call for call in left if call_right(schemas[truth.name], call, truth)), None)
        if found is None:
            return False
        left.remove(found)
    return True


def call_right(schema: Schema, call: ToolCall, truth: ToolCall) -> bool:
    """Whether the call is the expected one; `schema` is that of the tool's arguments."""
    return call.name == truth.name and same(call.arguments, truth.arguments, schema)


def same(value: Any, truth: Any, schema: Schema) -> bool:
    """Whether a value says the same as the truth; the schema tells what it should be."""
    if isinstance(truth, Mapping | list | tuple):
        return same_parts(value, truth, schema, same)
    return _same_scalar(value, truth, schema.get("type"))


def plain(text: str) -> str:
    """A text without spaces and punctuation, in lower case and half width, dates as 2024-07-05."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    dated = _DATE.sub(lambda d: f"{d[1]}d{int(d[2]):02}d{int(d[3]):02}", folded)
    return _IGNORED.sub("", dated) or folded.strip()


def says_cannot(text: str) -> bool:
    """Whether a reply says that the request cannot be met."""
    return bool(_CANNOT.search(text))


def names_all(text: str, named: Iterable[Any]) -> bool:
    """Whether a reply names each of the parameters or values."""
    folded = plain(text)
    return all(plain(str(each)) in folded for each in named)


def _same_scalar(value: Any, truth: Any, named: str | None) -> bool:
    if isinstance(value, str) and isinstance(truth, str):
        return _same_text(value, truth)
    if isinstance(value, bool) or isinstance(truth, bool):
        return type(value) is type(truth) and value == truth
    if isinstance(value, int | float) and isinstance(truth, int | float):
        return value == truth
    if isinstance(value, str) is not isinstance(truth, str):  # the truth itself may be mistyped
        fits = isinstance(value, str) is (named == "string")
        return fits and named is not None and _same_text(str(value), str(truth))
    return bool(value == truth)


def _same_text(value: str, truth: str) -> bool:
    """Numbers in quotes are numbers: 3.50 is 3.5, and not 350."""
    if _NUMBER.fullmatch(value.strip()) and _NUMBER.fullmatch(truth.strip()):
        return float(value) == float(truth)
    return plain(value) == plain(truth)
