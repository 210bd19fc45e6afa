"""What stands before a question of the user's own: a system prompt, and earlier turns of a chat."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from evaluator.types import Ask, Asked, DataRow, Message, Prompt, Response, Sample, Score, Solve
from evaluator.wording import Turns, as_prompt

_TEXTS = (str, int, float)
ROLES = {"human": "user", "gpt": "assistant", "model": "assistant", "bot": "assistant"}


@dataclass(frozen=True, slots=True)
class OwnTurns:
    """A conversation that ends in a question; `reply` is the answer to it, where it has one."""

    before: Sequence[Message]
    question: str
    reply: str = ""


def own_turns(row: DataRow) -> OwnTurns:
    """The turns of a row, whose question is a text or a list of messages.  Raises ValueError."""
    given = row["question"]
    turns = [_turn(each) for each in given] if isinstance(given, list) else [_user(text(given))]
    reply = turns.pop()["content"] if len(turns) > 1 and turns[-1]["role"] == "assistant" else ""
    *before, last = turns
    if last["role"] != "user":
        raise ValueError(f"the last message must be the user's, got that of {last['role']!r}")
    if "system" in row:
        if before and before[0]["role"] == "system":
            raise ValueError("two system prompts: the field 'system' and the first message")
        before.insert(0, {"role": "system", "content": text(row["system"])})
    return OwnTurns(before, last["content"], reply)


def text(value: Any) -> str:
    """A cell as text; numbers are what they look like.  Raises ValueError for anything else."""
    said = str(value).strip() if type(value) in _TEXTS else ""
    if not said:
        raise ValueError(f"expected text, got {value!r:.80}")
    return said


def _turn(given: Any) -> Message:
    """A message as OpenAI has it; ShareGPT's have `from` and `value`."""
    if not isinstance(given, dict):
        raise ValueError(f"a message must be an object with role and content, got {given!r:.80}")
    role = str(given.get("role", given.get("from", "")))
    content = given.get("content", given.get("value"))
    if isinstance(content, list):
        parts = [part.get("text") if isinstance(part, dict) else part for part in content]
        content = "".join(part for part in parts if isinstance(part, str))
        if None in parts:
            raise ValueError(f"a message must be text alone, got {given!r:.80}")
    if not role:
        raise ValueError(f"a message without a role: {given!r:.80}")
    return {"role": ROLES.get(role, role), "content": text(content)}


def _user(content: str) -> Message:
    return {"role": "user", "content": content}


@dataclass(frozen=True, slots=True)
class AfterTurns(Prompt):
    """A prompt that goes on with a conversation."""

    has_examples: ClassVar[bool] = True

    before: Sequence[Message]
    asked: Prompt

    def __str__(self) -> str:
        return str(Turns(self.messages()))

    @property
    def scored(self) -> int | None:
        """As of what is asked."""
        return self.asked.scored

    @property
    def cue(self) -> str:
        """As of what is asked."""
        return self.asked.cue

    @property
    def stop(self) -> Sequence[str]:
        """As of what is asked."""
        return self.asked.stop

    @property
    def question(self) -> list[Message]:
        """The whole conversation."""
        return self.messages()

    def messages(self) -> list[Message]:
        """The turns before, then those of what is asked."""
        return [*self.before, *self.asked.messages()]

    def turns(self) -> list[Message]:
        """The same with worked examples as turns."""
        return [*self.before, *self.asked.turns()]

    def plain(self) -> str:
        """The conversation written out, the system prompt without a name."""
        system = [each["content"] for each in self.before if each["role"] == "system"]
        said = [each for each in self.before if each["role"] != "system"]
        return "\n\n".join([*system, *([str(Turns(said))] if said else []), self.asked.plain()])


def after_turns(solve: Solve) -> Solve:
    """`solve` with the sample's own turns before whatever it asks the model."""

    async def solved(sample: Sample, ask: Ask) -> Score:
        before = sample.fields["before"]
        return await solve(sample, partial(_ask_after, before, ask) if before else ask)

    return solved


async def _ask_after(
    before: Sequence[Message], ask: Ask, asked: Asked, role: str = "model", **more: Any
) -> Response:
    return await ask(AfterTurns(before, as_prompt(asked)), role, **more)
