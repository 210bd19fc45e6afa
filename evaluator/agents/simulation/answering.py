"""What the simulated tools answer to a model's calls, wrong ones too."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from evaluator.agents.calls import Arguments, Tool, ToolCall, in_json
from evaluator.agents.simulation.scenario import Scenario, typed
from evaluator.agents.simulation.services import SERVICES, ToolFailure, World

OUT_OF_ORDER = "the service is not available at the moment"
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


@dataclass(frozen=True, slots=True)
class MadeCall:
    """A call that a model made, and what it saw. `turn` counts its replies from 0.

    `fault` is what was wrong with the call; `down`: the service was out of order.
    """

    call: ToolCall
    turn: int
    observation: str
    fault: str = ""
    down: bool = False


@dataclass(slots=True)
class Toolbox:
    """The tools of one dialogue."""

    scenario: Scenario
    world: World
    used: Counter[str] = field(default_factory=Counter)

    def answer(self, call: ToolCall, turn: int) -> MadeCall:
        """What the tool says.  Never raises, whatever the call holds."""
        tool = self.scenario.tool(call.name)
        faults = list(problems(tool, call.arguments)) if tool else [f"no tool {call.name[:80]!r}"]
        if faults:
            told = "; ".join(faults)
            return MadeCall(call, turn, in_json({"error": told}), fault=told)
        self.used[call.name] += 1
        broken = (self.scenario.fails or {}).get(call.name, 0)
        if self.used[call.name] <= broken:
            return MadeCall(call, turn, in_json({"error": OUT_OF_ORDER}), down=True)
        try:
            found = SERVICES[call.name](self.world, call.arguments)
        except (ToolFailure, ArithmeticError) as error:
            return MadeCall(call, turn, in_json({"error": str(error)}), fault=str(error))
        return MadeCall(call, turn, in_json(found))


def problems(tool: Tool, given: Arguments) -> Iterator[str]:
    """What is wrong with the arguments by the tool's schema."""
    schema = tool.parameters
    for name in schema["required"]:
        if name not in given:
            yield f"missing argument {name!r}"
    for name, value in given.items():
        if name not in schema["properties"]:
            yield f"unknown argument {name[:80]!r}"
        elif wrong := misfit(value, typed(schema, name)):
            yield f"{name!r} must be {wrong}"


def misfit(value: Any, schema: Any) -> str:
    """What a value should have been; empty where it is that."""
    kind = schema["type"]
    if not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        return f"of type {kind}"
    if (words := schema.get("enum")) and value not in words:
        return f"one of {', '.join(words)}"
    return ""
