"""`solve` without a model: what it would ask, and what it makes of replies that are there."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from evaluator.errors import Unjudged
from evaluator.types import Asked, Params, Prompt, Response, Sample, Schema, Score, Solve
from evaluator.wording import as_prompt


@dataclass(frozen=True, slots=True)
class Call:
    """One call of `ask`."""

    prompt: Prompt
    role: str
    optional: Params
    params: Params


Reply = Callable[[Call], Response | None]


class Unanswered(Exception):
    """Ends `solve`: there is no reply to what it asked."""


@dataclass(slots=True)
class DryAsk:
    """An `ask` that keeps its calls and sends nothing; without a reply to one, `solve` ends."""

    reply: Reply
    calls: list[Call] = field(default_factory=list)

    async def __call__(
        self,
        messages: Asked,
        role: str = "model",
        *,
        schema: Schema | None = None,
        optional: Params | None = None,
        **params: Any,
    ) -> Response:
        call = Call(as_prompt(messages), role, optional or {}, params)
        self.calls.append(call)
        if (response := self.reply(call)) is None:
            raise Unanswered
        return response


async def first_calls(solve: Solve, sample: Sample) -> list[Call]:
    """The calls that `solve` makes before it needs a reply."""
    ask = DryAsk(lambda call: None)
    await score_of(solve, sample, ask)
    return ask.calls


async def replayed(solve: Solve, sample: Sample, replies: Iterable[Response]) -> Score | None:
    """The score that `solve` gives for these replies; None where it asks for more of them."""
    left = iter(replies)
    return await score_of(solve, sample, DryAsk(lambda call: next(left, None)))


async def score_of(solve: Solve, sample: Sample, ask: DryAsk) -> Score | None:
    """The score from replies that are there; None where `solve` asks what has no reply.

    None too where a reply is code, which nothing runs here.
    """
    try:
        return await solve(sample, ask)
    except (Unanswered, Unjudged):
        return None
