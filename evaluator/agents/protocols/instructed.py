"""Protocols that a prompt explains: the calls are text, and so are the observations."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evaluator.agents.calls import CallReading, Tool, ToolCall, in_json
from evaluator.agents.reading.any_form import read_as
from evaluator.prompts import render
from evaluator.results.names import ProtocolName
from evaluator.types import Message, Params, Response


@dataclass(frozen=True, slots=True)
class Instructed:
    """The instructions are prompts/agents/NAME_zh.txt and NAME_en.txt.

    `write` gives calls as they should be written; at one of `stop` the model's turn ends.
    """

    name: ProtocolName
    write: Callable[[Sequence[ToolCall]], str]
    stop: Sequence[str] = ()

    def messages(
        self, tools: Sequence[Tool], turns: Sequence[Message], language: str
    ) -> list[Message]:
        """The instructions stand before the user's first words: not every model has a system."""
        names = ", ".join(tool.name for tool in tools)
        told = render(f"agents/{self.name}_{language}", tools=in_lines(tools), names=names)
        first = next(i for i, turn in enumerate(turns) if turn["role"] == "user")
        before, asked = turns[:first], turns[first]
        return [*before, {**asked, "content": f"{told}\n\n{asked['content']}"}, *turns[first + 1 :]]

    def params(self, tools: Sequence[Tool]) -> Params:
        """All is in the messages, but for where the model's turn ends."""
        return {"stop": list(self.stop)} if self.stop else {}

    def said(self, response: Response, reading: CallReading) -> Message:
        """What was read, as it should have been written: a fault is not taught on."""
        calls = self.write(reading.calls) if reading.calls else ""
        return {"role": "assistant", "content": calls or reading.text}

    def observed(self, calls: Sequence[ToolCall], observations: Sequence[str]) -> list[Message]:
        """One turn of the user's with what each call gave back."""
        several = len(calls) > 1
        lines = [
            f"Observation{f' ({call.name})' if several else ''}: {seen}"
            for call, seen in zip(calls, observations, strict=True)
        ]
        return [{"role": "user", "content": "\n".join(lines)}]

    def read(self, response: Response) -> CallReading:
        """The calls of a reply, in whichever form."""
        return read_as(self.name, response)


def in_lines(tools: Sequence[Tool]) -> str:
    """The tools, each a line of JSON."""
    shown = (
        {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
        for tool in tools
    )
    return "\n".join(map(in_json, shown))


def as_react(calls: Sequence[ToolCall]) -> str:
    """An action and its input for each call."""
    return "\n".join(
        f"Action: {call.name}\nAction Input: {in_json(call.arguments)}" for call in calls
    )


def as_json(calls: Sequence[ToolCall]) -> str:
    """A list of objects."""
    return in_json([{"name": call.name, "arguments": call.arguments} for call in calls])


def as_text(calls: Sequence[ToolCall]) -> str:
    """A list of calls, as Python writes them."""
    return f"[{', '.join(map(_as_python, calls))}]"


def _as_python(call: ToolCall) -> str:
    given = ", ".join(f"{name}={value!r}" for name, value in call.arguments.items())
    return f"{call.name}({given})"
