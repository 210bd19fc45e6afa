"""Who the model talks with: nobody who answers, or a user whom the run's judge plays."""

from dataclasses import dataclass, field
from typing import Protocol

from evaluator.agents.budget import MOST_SAID
from evaluator.errors import Unjudged
from evaluator.extract.cleaning import strip_thinking
from evaluator.prompts import render
from evaluator.types import Ask, Message

FINISHED = "finish conversation"  # what both sides say at the end
MOST_REMINDERS = 3  # to a model that talks where nobody answers
REMINDER = {
    "zh": "请不要提问，用已知的信息调用工具；全部完成后只说 finish conversation。",
    "en": "Ask nothing: call the tools with what you know. When all is done, say only "
    "finish conversation.",
}
GREETING = {
    "zh": "今天有什么需要帮忙的吗？",
    "en": "Is there anything you need help with today?",
}


class User(Protocol):
    """The other side of a dialogue."""

    async def opening(self) -> str:
        """What the user wants."""

    async def reply(self, said: str) -> str:
        """What the user says to words of the model; empty where there is nothing left to say."""


@dataclass(slots=True)
class AbsentUser:
    """Tells all in one request, and answers nothing."""

    request: str
    language: str
    reminded: int = 0

    async def opening(self) -> str:
        """The request."""
        return self.request

    async def reply(self, said: str) -> str:
        """Reminds the model of its tools, a few times."""
        self.reminded += 1
        return REMINDER[self.language] if self.reminded <= MOST_REMINDERS else ""


@dataclass(slots=True)
class PlayedUser:
    """A user whom the judge plays by an instruction, which the model does not see.

    What the model says is a turn of a conversation to the judge and nothing else. All that can come
    back is a line of words: the judge has no part in the state or in the score.
    """

    ask: Ask
    instruction: str
    language: str
    travels: bool
    turns: list[Message] = field(default_factory=list)

    async def opening(self) -> str:
        """What the user says first.  Raises Unjudged where that is nothing."""
        rules = render(
            f"acebench/played_user_{self.language}",
            instruction=self.instruction,
            travels=self.travels,
        )
        self.turns = [{"role": "system", "content": rules}]
        if not (said := await self.reply(GREETING[self.language])):
            raise Unjudged("the judge that plays the user said nothing to begin with")
        return said

    async def reply(self, said: str) -> str:
        """What the judge makes of the model's words."""
        self.turns.append({"role": "user", "content": said or "..."})
        response = await self.ask(self.turns, "judge", temperature=0.0, max_tokens=512)
        heard = strip_thinking(response.text).strip()[:MOST_SAID]
        self.turns.append({"role": "assistant", "content": heard or "..."})
        return "" if FINISHED in heard.lower() else heard
