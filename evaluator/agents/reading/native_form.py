"""Calls as the API gives them: the field `tool_calls` of a reply."""

from collections.abc import Mapping

from evaluator.agents.calls import Arguments, ToolCall
from evaluator.agents.reading.json_form import NO_OBJECT
from evaluator.agents.reading.literals import BROKEN, Faults, UnreadableValue, value
from evaluator.types import Json, Response


def calls_of(response: Response, faults: Faults) -> list[ToolCall]:
    """The calls of a reply; what a server may send of another shape is a fault."""
    return [call for each in response.tool_calls if (call := _call(each, faults))]


def _call(given: Json, faults: Faults) -> ToolCall | None:
    function = given.get("function")
    name = function.get("name") if isinstance(function, Mapping) else None
    if not isinstance(function, Mapping) or not isinstance(name, str) or not name.strip():
        faults.add(BROKEN)
        return None
    id = given.get("id")
    found = _arguments(function.get("arguments"), faults)
    return ToolCall(name.strip(), found, id if isinstance(id, str) else "")


def _arguments(given: object, faults: Faults) -> Arguments:
    """The arguments, which are JSON in a text; some servers send the object itself."""
    if isinstance(given, str) and given.strip():
        try:
            given = value(given, faults)
        except UnreadableValue as error:
            faults.add(str(error) or BROKEN)
            return {}
    if isinstance(given, Mapping):
        return {str(key): each for key, each in given.items()}
    if given not in (None, "") and not (isinstance(given, str) and not given.strip()):
        faults.add(NO_OBJECT)
    return {}
