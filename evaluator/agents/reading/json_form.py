"""Calls as JSON: a list of objects with name and arguments, or one such object."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from evaluator.agents.calls import Arguments, ToolCall
from evaluator.agents.reading.literals import BROKEN, Faults, UnreadableValue, value
from evaluator.agents.reading.marks import bracketed
from evaluator.types import Json

NAMES = ("name", "tool", "tool_name", "action", "api", "function_name")
ARGUMENTS = ("arguments", "parameters", "args", "input", "action_input", "param", "params")
AS_TEXT, ALONE, OTHER_KEYS = "arguments as a text", "calls outside of a list", "other keys"
NO_OBJECT = "arguments that are no object"
_OPENING = re.compile(r"[\[{【｛［]")


def calls_in(text: str, faults: Faults) -> tuple[list[ToolCall], str]:
    """The calls in a text of JSON, and the words beside them."""
    found, beside, start = list[list[ToolCall]](), list[str](), 0
    readable = False
    for begin, end in bracketed(text, _OPENING):
        own = Faults()
        try:
            calls = list(_calls(value(text[begin:end], own), own))
        except UnreadableValue:
            continue
        readable = readable or names_a_call(text[begin:end])
        if calls:
            faults.found |= own.found
            found.append(calls)
            beside.append(text[start:begin])
            start = end
    if len(found) > 1:
        faults.add(ALONE)
    if not readable and names_a_call(text):
        faults.add(BROKEN)
    rest = " ".join(part for each in [*beside, text[start:]] if (part := each.strip(" \n,;")))
    return [call for calls in found for call in calls], rest


def names_a_call(text: str) -> bool:
    """Whether broken JSON was to be a call."""
    return any(f'"{key}"' in text for key in NAMES) and any(f'"{key}"' in text for key in ARGUMENTS)


def _calls(found: Any, faults: Faults) -> Iterator[ToolCall]:
    if isinstance(found, list):
        for each in found:
            yield from _calls(each, faults)
    elif isinstance(found, dict):
        if isinstance(several := found.get("tool_calls"), list):
            faults.add(OTHER_KEYS)
            yield from _calls(several, faults)
        elif call := call_of(found, faults):
            yield call


def call_of(found: Json, faults: Faults) -> ToolCall | None:
    """The call that an object stands for; None where it stands for none."""
    if isinstance(function := found.get("function"), dict):
        found = function
        faults.add(OTHER_KEYS)
    name = next((key for key in NAMES if isinstance(found.get(key), str)), None)
    given = next((key for key in ARGUMENTS if key in found), None)
    if name is None or given is None or is_schema(found[given]):
        return None
    if (name, given) != ("name", "arguments"):
        faults.add(OTHER_KEYS)
    return ToolCall(found[name].strip(), arguments(found[given], faults))


def is_schema(given: Any) -> bool:
    """Whether these are no arguments: weak models say a tool's description back."""
    return isinstance(given, Mapping) and isinstance(given.get("properties"), Mapping)


def arguments(given: Any, faults: Faults) -> Arguments:
    """The arguments of a call, which may be written as a text that holds JSON."""
    if isinstance(given, str):
        faults.add(AS_TEXT)
        try:
            given = value(given, faults) if given.strip() else {}
        except UnreadableValue:
            faults.add(BROKEN)
            return {}
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        faults.add(NO_OBJECT)
        return {}
    return {str(key): each for key, each in given.items()}
