"""A model, APIs with state and a user, until one of them has finished or the budget is spent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from evaluator.agents.budget import DialogueBudget, kept, spent_tokens
from evaluator.agents.calls import CallReading, Tool, ToolCall, in_json
from evaluator.agents.protocols.instructed import as_text
from evaluator.agents.protocols.protocol import ToolProtocol
from evaluator.agents.tool_rows import for_api, tools_of
from evaluator.benchmarks.acebench.agent import phone, travel
from evaluator.benchmarks.acebench.agent.said import SAID
from evaluator.benchmarks.acebench.agent.user import FINISHED, AbsentUser, PlayedUser, User
from evaluator.benchmarks.acebench.agent.world import TRAVEL, AgentWorld, Service, answer, world
from evaluator.prompts import render
from evaluator.types import Ask, Message, Sample

STEPS, TURNS = "agent_multi_step", "agent_multi_turn"
BUDGET = DialogueBudget(replies=20, tokens=16_384)  # the official code: 40 messages of all sides
SERVICES: Mapping[str, Service] = {**phone.SERVICES, **travel.SERVICES}


@dataclass(slots=True)
class AgentDialogue:
    """What was said and called. `written` has each reply that was carried out, as it was written.

    Calls in another form are not carried out, and the model is told so. `tolerated`: it went on in
    a form of its own, and was understood. `spent` is the budget that ended the dialogue early.
    """

    world: AgentWorld
    readings: list[CallReading] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)  # those that were carried out
    written: list[str] = field(default_factory=list)
    tolerated: bool = False
    spent: str = ""

    @property
    def faults(self) -> Sequence[str]:
        """The faults of form, each once."""
        return [*dict.fromkeys(fault for each in self.readings for fault in each.faults)]


async def held(sample: Sample, ask: Ask, protocol: ToolProtocol) -> AgentDialogue:
    """The whole dialogue of a sample."""
    fields, language = sample.fields, sample.fields["language"]
    travels, alone = TRAVEL in fields["classes"], fields["category"] == STEPS
    user: User = (
        AbsentUser(fields["question"], language)
        if alone
        else PlayedUser(ask, fields["question"], language, travels)
    )
    dialogue = AgentDialogue(world(language, fields["beginning"]))
    rules = render(f"acebench/agent_{language}", travels=travels, alone=alone)
    turns: list[Message] = [
        {"role": "system", "content": rules},
        {"role": "user", "content": await user.opening()},
    ]
    tools, tokens, told = api_tools(fields["functions"]), 0, False
    while not dialogue.spent:
        response = await ask(protocol.messages(tools, turns, language), **protocol.params(tools))
        reading = kept(protocol.read(response))
        dialogue.readings.append(reading)
        told = bool(reading.calls and reading.faults) and not (told or dialogue.tolerated)
        if reading.calls:
            raw = response.text.strip() if protocol.name == "text" else as_text(reading.calls)
            seen = refused(language, reading) if told else carried(dialogue, tools, reading, raw)
            heard = protocol.observed(reading.calls, seen)
        elif not (heard := await _heard(reading, user)):
            break
        turns += [protocol.said(response, reading), *heard]
        tokens += spent_tokens(response)
        dialogue.spent = BUDGET.overspent(len(dialogue.readings), tokens)
    return dialogue


def api_tools(functions: Sequence[Mapping[str, object]]) -> list[Tool]:
    """The APIs of a row; what is required is what there is: one row's schema misspells a name."""
    return [_known(tool) for tool in for_api(tools_of(functions))]


def _known(tool: Tool) -> Tool:
    schema = tool.parameters
    required = [name for name in schema.get("required", ()) if name in schema["properties"]]
    return replace(tool, parameters={**schema, "required": required})


def refused(language: str, reading: CallReading) -> list[str]:
    """What is said once to calls in another form."""
    text = SAID["form"][language != "zh"].format(faults=", ".join(reading.faults))
    return [in_json({"status": False, "message": text})] * len(reading.calls)


def carried(
    dialogue: AgentDialogue, tools: Sequence[Tool], reading: CallReading, raw: str
) -> list[str]:
    """What the APIs say to the calls of a reply."""
    dialogue.calls += reading.calls
    dialogue.written.append(raw)
    dialogue.tolerated |= bool(reading.faults)
    return [answer(dialogue.world, tools, call, SERVICES) for call in reading.calls]


async def _heard(reading: CallReading, user: User) -> list[Message]:
    """What the user says to words of the model; nothing where they were the last."""
    if FINISHED in reading.text.lower():
        return []
    said = await user.reply(reading.text)
    return [{"role": "user", "content": said}] if said else []
