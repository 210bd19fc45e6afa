"""When calls are right: the AST rules of BFCL, as pure functions.

A call is right when
- its name is the tool's, every required argument is there, and none that the tool or the ground
  truth does not know;
- an argument that the ground truth does not let be left out is there;
- each argument has the type of the schema. An int passes for a float, a tuple for a list where a
  tuple is asked for. A value of the accepted values' own type passes too: it stands for a variable;
- each value is among the accepted ones. Strings are compared without spaces and `,./-_*^`, in
  lower case, with `'` as `"`; lists in order; dictionaries key by key. A value that stands for a
  variable is compared as it is.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from evaluator.agents.calls import Arguments, Tool, ToolCall
from evaluator.agents.python_calls import standardized
from evaluator.types import Schema

Accepted = list[Any]  # values of one argument; "" among them: it may be left out
Truth = Mapping[str, Mapping[str, Accepted]]  # one call: the accepted values by name and argument
TYPES: Mapping[str, type] = {
    "string": str,
    "integer": int,
    "float": float,
    "boolean": bool,
    "array": list,
    "tuple": list,
    "dict": dict,
    "any": str,
}
_LEFT_OUT = ""


def calls_match(tools: Sequence[Tool], calls: Sequence[ToolCall], truths: Sequence[Truth]) -> bool:
    """Whether the calls are the expected ones, in any order, and no others."""
    if len(calls) != len(truths):
        return False
    left, by_name = list(calls), {tool.name: tool for tool in tools}
    for truth in truths:
        ((name, accepted),) = truth.items()
        found = next((call for call in left if call_matches(by_name[name], call, accepted)), None)
        if found is None:
            return False
        left.remove(found)
    return True


def call_matches(tool: Tool, call: ToolCall, accepted: Mapping[str, Accepted]) -> bool:
    """Whether the call is the expected one of this tool."""
    schema, given = tool.parameters, call.arguments
    properties = schema["properties"]
    may_be_missing = {name for name, values in accepted.items() if _LEFT_OUT in values}
    return (
        call.name == tool.name
        and given.keys() >= set(schema.get("required", ()))
        and given.keys() <= properties.keys() & accepted.keys()
        and given.keys() >= accepted.keys() - may_be_missing
        and all(
            value_matches(value, accepted[name], properties[name]) for name, value in given.items()
        )
    )


def can_be_met(tool: Tool, accepted: Mapping[str, Accepted]) -> bool:
    """Whether the tool itself allows the call: it has what must be given, and asks for no more."""
    schema = tool.parameters
    must = {name for name, values in accepted.items() if _LEFT_OUT not in values}
    return must <= schema["properties"].keys() and accepted.keys() >= set(
        schema.get("required", ())
    )


def value_matches(value: Any, accepted: Accepted, schema: Schema) -> bool:
    """Whether an argument's value has its schema's type and is among the accepted ones."""
    expected = TYPES[schema["type"]]
    nested = TYPES[schema["items"]["type"]] if schema["type"] in ("array", "tuple") else None
    if schema["type"] == "tuple" and isinstance(value, tuple):
        value = list(value)
    if expected is float and type(value) is int and abs(value) < 2**63:
        value = float(value)
    if not has_type(value, accepted, expected, nested):
        return False
    if type(value) is not expected or accepted_type(accepted) not in (None, expected):
        return value in accepted  # a variable
    return _compared(value, accepted, expected, nested)


def has_type(value: Any, accepted: Accepted, expected: type, nested: type | None = None) -> bool:
    """Whether the value is of the expected type, or of that of the accepted values.

    `nested` is the type of the parts of a list.
    """
    if type(value) is not expected:
        return type(value) is accepted_type(accepted)
    return nested is None or any(
        not isinstance(each, list) or _have_type(value, each, nested) for each in accepted
    )


def accepted_type(accepted: Accepted) -> type | None:
    """The type of the accepted values; None where there is but the right to leave it out."""
    return next((type(each) for each in accepted if each != _LEFT_OUT), None)


def first_accepted(tools: Sequence[Tool], truths: Sequence[Truth]) -> list[ToolCall]:
    """Calls that are right: with few arguments, and the first accepted value of each."""
    by_name = {tool.name: tool.parameters for tool in tools}
    return [
        ToolCall(name, _few_arguments(by_name[name], accepted))
        for truth in truths
        for name, accepted in truth.items()
    ]


def _compared(value: Any, accepted: Accepted, expected: type, nested: type | None) -> bool:
    if expected is dict:
        return any(each != _LEFT_OUT and _dict_matches(value, each) for each in accepted)
    if expected is list and nested is dict:
        return any(_dicts_match(value, each) for each in accepted)
    if expected is list:
        return _parts(value) in [_parts(each) for each in accepted]
    if expected is str:
        return standardized(value) in _parts([each for each in accepted if isinstance(each, str)])
    return value in accepted


def _parts(values: Any) -> list[Any]:
    return [standardized(each) for each in values]


def _dict_matches(value: Any, accepted: Mapping[str, Accepted]) -> bool:
    """Whether the dictionary has each key's accepted value; a key may be left out as above."""
    if not isinstance(value, dict) or not value.keys() <= accepted.keys():
        return False
    missing = accepted.keys() - value.keys()
    return all(_LEFT_OUT in accepted[key] for key in missing) and all(
        standardized(part) in _parts(accepted[key]) for key, part in value.items()
    )


def _dicts_match(values: Sequence[Any], accepted: Sequence[Any]) -> bool:
    return len(values) == len(accepted) and all(map(_dict_matches, values, accepted))


def _few_arguments(schema: Schema, accepted: Mapping[str, Accepted]) -> Arguments:
    """The arguments that are required, or whose first accepted value says that they are given."""
    required, known = schema.get("required", ()), schema["properties"]
    return {
        name: chosen(next((each for each in values if each != _LEFT_OUT), _LEFT_OUT))
        for name, values in accepted.items()
        if name in required or (name in known and values[0] != _LEFT_OUT)
    }


def chosen(value: Any) -> Any:
    """An accepted value, of which dictionaries hold lists of accepted values in turn."""
    if isinstance(value, list):
        return [chosen(each) if isinstance(each, dict) else each for each in value]
    if not isinstance(value, dict):
        return value
    lists = {key: each if isinstance(each, list) else [each] for key, each in value.items()}
    return {key: chosen(each[0]) for key, each in lists.items() if each and each[0] != _LEFT_OUT}


def _have_type(parts: Any, accepted: Accepted, expected: type) -> bool:
    return all(has_type(part, accepted, expected) for part in parts)
