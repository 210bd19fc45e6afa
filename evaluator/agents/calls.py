"""Tools, calls of them, and what was read in a reply."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from evaluator.types import Schema

Arguments = Mapping[str, Any]  # of a call: JSON values by name


@dataclass(frozen=True, slots=True)
class Tool:
    """Something a model may call. `parameters` is the JSON Schema of its arguments, an object."""

    name: str
    description: str
    parameters: Schema


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call. `id` is the server's, where it gave one: the observation is sent back under it."""

    name: str
    arguments: Arguments
    id: str = ""

    def __str__(self) -> str:
        given = ", ".join(f"{name}={in_json(value)}" for name, value in self.arguments.items())
        return f"{self.name}({given})"


@dataclass(frozen=True, slots=True)
class CallReading:
    """What was read in a reply: its calls in order, the words beside them, and faults of form.

    Calls are read tolerantly, so that a fault says nothing about content: a call may be right
    and badly written.
    """

    calls: Sequence[ToolCall] = ()
    text: str = ""
    faults: Sequence[str] = ()


def in_json(value: object) -> str:
    """A value as JSON, on one line; in ASCII where it holds what UTF-8 cannot."""
    try:
        return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # half of a surrogate pair, or an integer of more than 64 bits
        return json.dumps(value, default=str)
