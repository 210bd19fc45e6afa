"""What rows of tool benchmarks share: functions as tools, and a ground truth in a file of its own.

The types of the data sets are Python's in part. APIs take JSON Schema, and `[A-Za-z0-9_-]` in a
name, so that `math.hypot` is sent as `math_hypot`, and read back as itself.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from evaluator.agents.calls import Tool, ToolCall
from evaluator.errors import MissingData
from evaluator.types import DataRow, Fields, Rows, Schema

JSON_TYPES: Mapping[str, str] = {
    "dict": "object",
    "float": "number",
    "tuple": "array",
    "list": "array",
    "any": "string",  # as the data set's own code has it: the rules expect a string, too
}
EMPTY = {"type": "object", "properties": {}}
_FORBIDDEN = re.compile(r"[^A-Za-z0-9_-]")


def official_answers(rows: Rows, dataset: str, config: str) -> Mapping[str, DataRow]:
    """The rows with the ground truth, by question, where they are a split `answer` of their own."""
    try:
        given = list(rows(dataset, config, "answer"))
    except MissingData:
        return {}
    return {row["id"]: row for row in given if "ground_truth" in row}


def tools_of(functions: Sequence[DataRow]) -> list[Tool]:
    """The functions under their own names and with their own types, as the rules need them.

    One that takes nothing may have no parameters at all.
    """
    return [Tool(f["name"], f["description"], f.get("parameters") or {}) for f in functions]


def for_api(tools: Sequence[Tool]) -> list[Tool]:
    """The tools as an API takes them."""
    return [
        replace(tool, name=api_name(tool.name), parameters=json_schema(tool.parameters or EMPTY))
        for tool in tools
    ]


def api_name(name: str) -> str:
    """The name with `_` for every sign that APIs refuse."""
    return _FORBIDDEN.sub("_", name)


def under_own_names(calls: Sequence[ToolCall], tools: Sequence[Tool]) -> list[ToolCall]:
    """The calls of an API's tools by the names that the tools have in the data set."""
    names = {api_name(tool.name): tool.name for tool in tools}
    return [replace(call, name=names.get(call.name, call.name)) for call in calls]


def json_schema(schema: Schema) -> Fields:
    """The schema in the types of JSON Schema, whatever stands within it."""
    made = dict(schema)
    if (named := schema.get("type")) is not None:
        made["type"] = JSON_TYPES.get(named, named)
    if "properties" in schema:
        made["properties"] = {name: json_schema(p) for name, p in schema["properties"].items()}
    if "items" in schema:
        made["items"] = json_schema(schema["items"])
    return made
