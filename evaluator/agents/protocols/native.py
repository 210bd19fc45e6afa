"""The API's own tools: the field `tools`, and turns of the role `tool`."""

from collections.abc import Sequence

from evaluator.agents.calls import CallReading, Tool, ToolCall, in_json
from evaluator.agents.reading.any_form import read_as
from evaluator.results.names import ProtocolName
from evaluator.types import Message, Params, Response


class NativeTools:
    """OpenAI's tool calls, which vLLM, SGLang and most providers have too."""

    name: ProtocolName = "tools"

    def messages(
        self, tools: Sequence[Tool], turns: Sequence[Message], language: str
    ) -> list[Message]:
        """The turns as they are: the server's chat template shows the tools."""
        return [*turns]

    def params(self, tools: Sequence[Tool]) -> Params:
        """The tools, which the model may use or not."""
        if not tools:
            return {}
        return {"tools": [as_function(tool) for tool in tools], "tool_choice": "auto"}

    def said(self, response: Response, reading: CallReading) -> Message:
        """The calls that were read, their arguments as clean JSON: a server reads them again."""
        calls = [
            {
                "id": identifier(call, number),
                "type": "function",
                "function": {"name": call.name, "arguments": in_json(call.arguments)},
            }
            for number, call in enumerate(reading.calls)
        ]
        turn: Message = {"role": "assistant", "content": reading.text}
        return {**turn, "tool_calls": calls} if calls else turn

    def observed(self, calls: Sequence[ToolCall], observations: Sequence[str]) -> list[Message]:
        """A turn of the role `tool` for each call, under the call's id."""
        return [
            {"role": "tool", "tool_call_id": identifier(call, number), "content": seen}
            for number, (call, seen) in enumerate(zip(calls, observations, strict=True))
        ]

    def read(self, response: Response) -> CallReading:
        """The calls of a reply; those that a server left in its text are read too."""
        return read_as(self.name, response)


def as_function(tool: Tool) -> Message:
    """A tool in OpenAI's shape."""
    described = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": described}


def identifier(call: ToolCall, number: int) -> str:
    """The server's id of a call, or one by its place: nine signs, as Mistral's template asks."""
    return call.id or f"call{number:05d}"
