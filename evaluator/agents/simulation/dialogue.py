"""A model, its tools and a scripted user, until the model answers or its budget is spent."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from evaluator.agents.budget import DialogueBudget, kept, spent_tokens
from evaluator.agents.calls import CallReading
from evaluator.agents.protocols.protocol import ToolProtocol
from evaluator.agents.simulation.answering import MadeCall, Toolbox
from evaluator.agents.simulation.scenario import Scenario
from evaluator.agents.simulation.services import World
from evaluator.types import Ask, Message

BUDGET = DialogueBudget(replies=8, tokens=8_192)
QUESTION = (
    "?",
    "？",
    "请问",
    "请提供",
    "请告",
    "哪",
    "什么",
    "please",
    "could you",
    "which",
    "what",
)


@dataclass(slots=True)
class ToolDialogue:
    """What was said and called. `spent` names the budget that ended it early."""

    readings: list[CallReading] = field(default_factory=list)
    calls: list[MadeCall] = field(default_factory=list)
    asked_in: int | None = None  # the turn in which the model asked for what is missing
    answer: str = ""
    spent: str = ""

    @property
    def faults(self) -> Sequence[str]:
        """The faults of form, each once."""
        return [*dict.fromkeys(fault for each in self.readings for fault in each.faults)]


async def held(scenario: Scenario, ask: Ask, protocol: ToolProtocol) -> ToolDialogue:
    """The whole dialogue.  The scripted user has one thing to say, and takes no orders."""
    dialogue, toolbox = ToolDialogue(), Toolbox(scenario, World(scenario.language))
    turns: list[Message] = [
        {"role": "system", "content": scenario.system},
        {"role": "user", "content": scenario.user},
    ]
    tokens, params = 0, protocol.params(scenario.tools)
    while not (dialogue.spent or dialogue.answer):
        response = await ask(protocol.messages(scenario.tools, turns, scenario.language), **params)
        reading = kept(protocol.read(response))
        turn = [protocol.said(response, reading), *heard(dialogue, reading, toolbox, protocol)]
        tokens += spent_tokens(response)
        if len(turn) == 1:
            dialogue.answer = reading.text
            break
        turns += turn
        dialogue.spent = BUDGET.overspent(len(dialogue.readings), tokens)
    return dialogue


def heard(
    dialogue: ToolDialogue, reading: CallReading, toolbox: Toolbox, protocol: ToolProtocol
) -> list[Message]:
    """What the tools or the user say to a reply; nothing where it was the last."""
    number = len(dialogue.readings)
    dialogue.readings.append(reading)
    if reading.calls:
        made = [toolbox.answer(call, number) for call in reading.calls]
        dialogue.calls += made
        return protocol.observed(reading.calls, [each.observation for each in made])
    reply = toolbox.scenario.reply
    if reply and dialogue.asked_in is None and asks(reading.text):
        dialogue.asked_in = number
        return [{"role": "user", "content": reply}]
    return []


def asks(text: str) -> bool:
    """Whether the model asks for something."""
    lowered = text.lower()
    return any(sign in lowered for sign in QUESTION)
