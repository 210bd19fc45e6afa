"""A judge model's verdict: asked for, and once more in the same conversation when unreadable.

What AlignBench, MT-Bench and the arena share. How a verdict reads is each benchmark's own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from evaluator.extract import strip_thinking
from evaluator.prompts import render
from evaluator.types import Ask, Message

T = TypeVar("T")

SAMPLING = {"temperature": 0.0, "max_tokens": 2048}  # of a judge, unless told otherwise
REMEMBERED = 3000  # characters of an unreadable verdict, from its end, that its repair is shown


@dataclass(frozen=True, slots=True)
class Verdict(Generic[T]):
    """What a judge came to; `value` None: it could not be read, also not when asked again.

    `text` is what the judge said last; `repaired`: it was asked twice and then readable.
    """

    value: T | None
    text: str
    repaired: bool = False


async def judge(
    ask: Ask,
    prompt: str | list[Message],
    read: Callable[[str], T | None],
    schema: Mapping[str, Any] | None = None,
    repair: str = "",
    role: str = "judge",
    **params: Any,
) -> Verdict[T]:
    """The verdict on `prompt`.  A parameter given as None is not sent.

    An unreadable one is asked for again with the words of `repair`, held to the JSON `schema`
    where the server can; `read` must take both forms.
    """
    sampling = {k: v for k, v in {**SAMPLING, **params}.items() if v is not None}
    messages = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
    first = await ask(messages, role, **sampling)
    said = strip_thinking(first.text)
    if (value := read(said)) is not None:
        return Verdict(value, first.text)
    again = [
        *messages,
        {"role": "assistant", "content": said[-REMEMBERED:].strip() or "..."},
        {"role": "user", "content": repair or render("judge/repair")},
    ]
    second = await ask(again, role, schema=schema, **sampling)
    value = read(strip_thinking(second.text))
    return Verdict(value, second.text, repaired=value is not None)
