"""What the judges of a sample were asked, and what each of them had to say in the end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluator.extract import fenced
from evaluator.extract.ratings import known
from evaluator.types import Exchange, Message


@dataclass(slots=True)
class Hearing:
    """One judge heard on one prompt; `said` is its last word, that of a repair if there was one."""

    role: str
    asked: list[str]
    said: str

    @property
    def prompt(self) -> str:
        return self.asked[-1]


def hearings(exchanges: Sequence[Exchange]) -> list[Hearing]:
    """In their order; a prompt that goes on after a verdict is that verdict's repair."""
    made: list[Hearing] = []
    for exchange in exchanges:
        if exchange.role == "model":
            continue
        asked = contents(exchange.messages)
        earlier = (h for h in made if (h.role, h.asked) == (exchange.role, asked[:-2]))
        if repaired := next(earlier, None):
            repaired.said = exchange.response.text
        else:
            made.append(Hearing(exchange.role, asked, exchange.response.text))
    return made


def by_judge(heard: Sequence[Hearing]) -> dict[str, str]:
    """What each judge said to the first of the prompts; the first time, if it was asked again."""
    said: dict[str, str] = {}
    for hearing in heard:
        if hearing.asked == heard[0].asked:
            said.setdefault(hearing.role, hearing.said)
    return said


def contents(messages: str | list[Message]) -> list[str]:
    return [messages] if isinstance(messages, str) else [each["content"] for each in messages]


def said_in(line: Mapping[str, Any]) -> list[str]:
    """The verdicts of a recorded line, of one judge or more; none where nobody was asked."""
    given = line.get("judgments") or {"": line.get("judgment")}
    return [text for text in given.values() if text is not None]


def quotable(line: Mapping[str, Any], prompt: str, names: Sequence[str]) -> str | None:
    """The answer of a recorded line, where it is known what a judge can quote from it.

    Where the prompt shows the answer fenced, its ratings cannot be quoted as they are.
    """
    answer = line.get("answer")
    if answer is None:
        return None
    shown_fenced = fenced(answer, names) in (line.get(prompt) or "")
    return known(answer, names) if shown_fenced else str(answer)
