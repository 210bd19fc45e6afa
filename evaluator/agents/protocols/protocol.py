"""What a protocol is: how tools and observations are put to a model, and how its calls are read."""

from collections.abc import Sequence
from typing import Protocol

from evaluator.agents.calls import CallReading, Tool, ToolCall
from evaluator.results.names import ProtocolName
from evaluator.types import Message, Params, Response


class ToolProtocol(Protocol):
    """One way to let a model call tools."""

    @property
    def name(self) -> ProtocolName:
        """Its value of `--protocol`."""

    def messages(
        self, tools: Sequence[Tool], turns: Sequence[Message], language: str
    ) -> list[Message]:
        """The turns of a conversation with the tools in them; `language` is zh or en."""

    def params(self, tools: Sequence[Tool]) -> Params:
        """The fields of a request that go with them."""

    def said(self, response: Response, reading: CallReading) -> Message:
        """The model's turn, as the conversation goes on with it."""

    def observed(self, calls: Sequence[ToolCall], observations: Sequence[str]) -> list[Message]:
        """What the tools gave back, a text for each of the calls."""

    def read(self, response: Response) -> CallReading:
        """What a reply calls and says.

        A reply in another protocol is read too, and that is one of its faults. Never raises.
        """
