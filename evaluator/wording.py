"""What a model is asked, in the wordings that the APIs need: a chat, or a text to go on with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

Message = dict[str, Any]  # a turn of a chat: role and content
# What is done with a text that is longer than the model's context: it fails, is cut on the left,
# or is asked for in windows.
Overlong = Literal["", "cut", "windows"]


class Prompt:
    """A question that is put into words once it is known how the model is asked.

    `str(prompt)` is one user turn, worked examples and all. What has no other wording keeps the
    defaults here.
    """

    __slots__ = ()

    likeliest = False  # of an echo, whether the likeliest token at each place is wanted, too
    overlong: Overlong = ""
    # whether `turns` are other words than `messages`, and `in_template` is any
    has_examples: ClassVar[bool] = False

    @property
    def scored(self) -> int | None:
        """Characters at the end of `plain` whose logprobs are wanted; None: a reply is wanted."""
        return None

    @property
    def cue(self) -> str:
        """The end of `plain` that a reply continues; it is read as the reply's beginning."""
        return ""

    @property
    def stop(self) -> Sequence[str]:
        """Where a reply to `plain` ends."""
        return ()

    @property
    def chat_stop(self) -> Sequence[str]:
        """Where a reply to `messages` ends."""
        return ()

    @property
    def question(self) -> "str | list[Message] | None":
        """The question itself, for readers of a request that words it otherwise."""
        return str(self)

    def in_template(self, template: str) -> "Prompt":
        """The same in the words of a template; a prompt that takes none stays as it is."""
        return self

    def messages(self) -> list[Message]:
        """The turns of a chat."""
        return [{"role": "user", "content": str(self)}]

    def turns(self) -> list[Message]:
        """The same with the worked examples as turns of their own."""
        return self.messages()

    def plain(self) -> str:
        """A text for a base model to go on with."""
        return str(self)


Asked = str | list[Message] | Prompt


@dataclass(frozen=True, slots=True)
class Text(Prompt):
    """A question that is one text."""

    text: str

    def __str__(self) -> str:
        return self.text

    def plain(self) -> str:
        """A blank line tells a base model that the question has ended."""
        return f"{self.text}\n\n"


@dataclass(frozen=True, slots=True)
class Turns(Prompt):
    """The turns of a chat, the last of which is to be answered."""

    given: list[Message]

    def __str__(self) -> str:
        return "\n\n".join(f"{turn['role'].capitalize()}: {turn['content']}" for turn in self.given)

    @property
    def stop(self) -> Sequence[str]:
        """The user's next turn."""
        return ("\n\nUser:",)

    @property
    def question(self) -> list[Message]:
        """The turns themselves."""
        return self.given

    def messages(self) -> list[Message]:
        """The turns as they are."""
        return self.given

    def plain(self) -> str:
        """The conversation written out, up to the name of who speaks next."""
        return f"{self}\n\nAssistant:"


def as_prompt(asked: Asked) -> Prompt:
    """What is asked, in the type that knows its wordings."""
    if isinstance(asked, Prompt):
        return asked
    return Text(asked) if isinstance(asked, str) else Turns(asked)
