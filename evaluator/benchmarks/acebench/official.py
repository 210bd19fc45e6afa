"""ACEBench's official check of calls, as pure functions: in some ways strict, in others lenient.

Strict: a reply is a Python list of calls and nothing else. Lenient, and kept so that scores compare
with published ones:
- an argument of the ground truth may be missing where the schema does not require it;
- a string is right when it contains the truth, both without spaces and `,./-_*^`, in lower case;
- numbers and booleans need the right type, and are compared nowhere but within objects;
- within an object, a value is right when its text contains that of the truth;
- a value of another type than the schema's passes unchecked if the truth has that type too.

Two differences, without which eight rows could not be answered rightly: arguments equal to the
truth are right, and a tool's own name may end in `_2`, which the official code takes for a counter.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from evaluator.agents.calls import Arguments, Tool, ToolCall
from evaluator.agents.python_calls import standardized
from evaluator.types import Json, Schema

Expected = Sequence[ToolCall]
TYPES: Mapping[str, type | None] = {  # None: nothing is of that type
    **{"string": str, "any": str, "boolean": bool, "float": float, "enum": None},
    **dict.fromkeys(("integer", "int", "number"), int),
    **dict.fromkeys(("array", "tuple", "list", "objectArray", "list(string)", "list(enum)"), list),
    **dict.fromkeys(("object", "dict"), dict),
}
NESTED = "array", "tuple", "list(string)", "list(enum)", "object", "objectArray"
_TRUTHS = {"true": True, "false": False}


def calls_match(tools: Sequence[Tool], calls: Sequence[ToolCall], expected: Expected) -> bool:
    """Whether there are as many calls of each tool as expected, and one that fits each expected."""
    by_name = {tool.name: tool for tool in tools}
    return Counter(call.name for call in calls) == Counter(call.name for call in expected) and all(
        any(
            call.arguments == truth.arguments
            or arguments_match(by_name[truth.name].parameters, call.arguments, truth.arguments)
            for call in calls
            if call.name == truth.name
        )
        for truth in expected
    )


def arguments_match(schema: Schema, given: Arguments, truth: Arguments) -> bool:
    """Whether the arguments of a call are right."""
    if not given or not schema:
        return not given and not schema
    properties = schema["properties"]
    if truth == properties:
        return True
    return (
        bool(truth)
        and given.keys() >= set(schema["required"])
        and given.keys() <= properties.keys() & truth.keys()
        and all(value_matches(given[name], truth[name], properties[name]) for name in given)
    )


def value_matches(value: Any, truth: Any, schema: Schema) -> bool:
    """Whether one argument has the right type and, if it is no number or boolean, value."""
    named = schema["type"]
    expected, nested = TYPES[named], _nested(named, schema) if named in NESTED else None
    if named == "tuple" and isinstance(value, tuple):
        value = list(value)
    if named == "float" and type(value) is int and abs(value) < 2**63:
        value = float(value)
    typed = _TRUTHS.get(value, value) if isinstance(value, str) else value
    if type(typed) is not expected:
        return truth != "" and (type(typed) is type(truth) or typed == truth)
    if nested and not has_parts_of(nested, typed, truth):
        return False
    if truth != "" and type(truth) is not expected:
        return True
    return _compared(value, truth, expected, nested)


def has_parts_of(nested: type | None, value: Any, truth: Any) -> bool:
    """Whether a part of the truth is no list, or is one whose types the value's parts have."""
    return any(
        not isinstance(each, list) or all(_has_type(part, each, nested) for part in value)
        for each in truth
    )


def _has_type(value: Any, truth: Any, expected: type | None) -> bool:
    typed = _TRUTHS.get(value, value) if isinstance(value, str) else value
    return type(typed) is expected or type(typed) is type(truth) or typed == truth


def _nested(named: str, schema: Schema) -> type | None:
    items = schema.get("items")
    if isinstance(items, dict) and "type" in items:
        return TYPES[items["type"]]
    return str if "string" in named else None if "enum" in named else dict


def _compared(value: Any, truth: Any, expected: type | None, nested: type | None) -> bool:
    if expected is dict:
        return object_matches(value, truth)
    if expected is list and nested is dict:
        return len(value) == len(truth) and all(map(object_matches, value, truth))
    if expected is str:
        return standardized(truth) in standardized(value)
    if expected is list:
        return list(map(standardized, value)) == list(map(standardized, truth))
    return True


def object_matches(value: Any, truth: Json) -> bool:
    """Whether the object has exactly the keys of the truth, and texts that contain its values'."""
    if not isinstance(value, dict) or value.keys() != truth.keys():
        return False
    return all(_part_matches(value[key], truth[key]) for key in truth)


def _part_matches(value: Any, truth: Any) -> bool:
    if isinstance(value, str):
        value = _TRUTHS.get(value, value)
    if isinstance(truth, dict):
        return object_matches(value, truth)
    return str(standardized(truth)) in str(standardized(value))
