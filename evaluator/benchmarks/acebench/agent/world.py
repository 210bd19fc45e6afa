"""The state of ACEBench's simulated classes, and what they answer to a call.

The state is data, and only the functions of this package change it: nothing that a model writes is
executed. How it begins is told in `beginnings`.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from evaluator.agents.calls import Arguments, Tool, ToolCall, in_json
from evaluator.agents.simulation.answering import problems
from evaluator.benchmarks.acebench.agent.said import SAID
from evaluator.types import Fields, Json

PHONE, MESSAGES, REMINDERS, FOOD, TRAVEL = (
    *("BaseApi", "MessageApi", "ReminderApi"),
    *("FoodPlatform", "Travel"),
)
WIFI, LOGGED_IN = "wifi", "logged_in"


class Refused(Exception):
    """Why a call did nothing: a key of `SAID`, and what fills its text."""

    def __init__(self, key: str, **fields: object) -> None:
        super().__init__(key)
        self.key, self.fields = key, fields


@dataclass(slots=True)
class AgentWorld:
    """The state by class and attribute, in the names of the ground truth."""

    language: str
    state: Fields

    def of(self, name: str) -> Fields:
        """The state of a class."""
        found: Fields = self.state[name]
        return found

    def needs(self, switch: str) -> None:
        """Raises Refused where Wi-Fi is off, or nobody is logged in to the device."""
        if not self.of(PHONE)[switch]:
            raise Refused(f"no {switch}")


Service = Callable[[AgentWorld, Arguments], Any]  # raises Refused


def world(language: str, beginning: Json) -> AgentWorld:
    """The state before the first call, for one dialogue to change."""
    return AgentWorld(language, deepcopy(dict(beginning)))


def answer(
    of: AgentWorld, tools: Sequence[Tool], call: ToolCall, services: Mapping[str, Service]
) -> str:
    """What the APIs say to a call, as JSON.  Never raises, whatever the call holds."""
    tool = next((each for each in tools if each.name == call.name), None)
    given = {name: value for name, value in call.arguments.items() if value is not None}
    faults = list(problems(tool, given)) if tool else [f"no tool {call.name[:80]!r}"]
    if faults:
        return in_json({"status": False, "message": "; ".join(faults)})
    try:
        return in_json(services[call.name](of, given))
    except Refused as error:
        text = SAID[error.key][of.language != "zh"].format(**error.fields)
    except (ArithmeticError, ValueError):  # numbers beyond all bounds
        text = SAID["no number"][of.language != "zh"]
    return in_json({"status": False, "message": text})
