"""Replies made from the ground truth of built-in rows, right or damaged in one of ten ways."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from statistics import mean
from typing import Any

from evaluator.agents.calls import ToolCall
from evaluator.agents.protocols.instructed import as_text
from evaluator.benchmarks import benchmark
from evaluator.data import Builtin, samples
from evaluator.types import Ask, Asked, Benchmark, Response, Sample, Score

Calls = Sequence[ToolCall]
ANOTHER: Mapping[type, Any] = {str: "something else", list: [], dict: {}}


def replying(text: str, calls: Sequence[Mapping[str, Any]] = (), sent: Any = None) -> Ask:
    """An `ask` that gives this reply, and keeps in the list `sent` what it was asked.

    A judge that plays a user wants something, and has nothing more to say.
    """

    async def ask(messages: Asked, role: str = "model", **params: Any) -> Response:
        if role == "judge":
            return Response("key", "Please!" if len(messages) < 3 else "finish conversation")
        if sent is not None:
            sent.append((messages, params))
        return Response("key", text, tool_calls=calls)

    return ask


def scored(of: Benchmark, sample: Sample, text: str) -> Score:
    async def solve() -> Score:
        return await of.solve(sample, replying(text))

    return asyncio.run(solve())


def builtin(name: str) -> list[Sample]:
    return list(samples(benchmark(name), Builtin(), 0))


def mean_scores(name: str, replies: Mapping[str, str]) -> dict[str, float]:
    """The means of the value and of each dimension over the samples that have a reply."""
    rows = [sample for sample in builtin(name) if sample.id in replies]
    scores = [scored(benchmark(name), sample, replies[sample.id]) for sample in rows]
    means = {key: mean(s.dimensions[key] for s in scores) for key in scores[0].dimensions}
    return {"value": mean(score.value for score in scores)} | means


def wrong_name(first: ToolCall) -> ToolCall:
    return ToolCall(f"{first.name}_other", first.arguments)


def missing_argument(first: ToolCall) -> ToolCall:
    return ToolCall(first.name, dict([*first.arguments.items()][1:]))


def extra_argument(first: ToolCall) -> ToolCall:
    return ToolCall(first.name, {**first.arguments, "made_up": 1})


def wrong_value(first: ToolCall) -> ToolCall:
    name, value = next(iter(first.arguments.items()))
    return ToolCall(first.name, {**first.arguments, name: ANOTHER.get(type(value), 1_000_003)})


def number_as_text(first: ToolCall) -> ToolCall:
    written = {k: str(v) if type(v) in (int, float) else v for k, v in first.arguments.items()}
    return ToolCall(first.name, written)


OF_THE_FIRST: Mapping[str, Callable[[ToolCall], ToolCall]] = {
    "wrong name": wrong_name,
    "missing argument": missing_argument,
    "extra argument": extra_argument,
    "wrong value": wrong_value,
    "number as text": number_as_text,
}


COSTS = [  # kind of damage; value, content and form that are left, each in the official form
    *(("wrong name", 0, 0, 1), ("missing argument", 0, 0, 1), ("extra argument", 0, 0, 1)),
    *(("wrong value", 0, 0, 1), ("number as text", 0, 0, 1), ("other order", 1, 1, 1)),
    *(("one call too many", 0, 0, 1), ("prose only", 0, 0, 0), ("fenced", 0, 1, 0)),
    ("full-width", 0, 1, 0),
]


def full_width(calls: Calls) -> str:
    shown = (
        f"{call.name}（{'，'.join(f'{k}＝{v!r}' for k, v in call.arguments.items())}）"
        for call in calls
    )
    return f"［{'，'.join(shown)}］"


def damaged(kind: str, calls: Calls) -> str | None:
    """A reply of these calls with that damage; None where they cannot have it."""
    match kind:
        case "other order":
            return as_text(calls[::-1]) if len(calls) > 1 else None
        case "one call too many":
            return as_text([*calls, calls[0]])
        case "prose only":
            return "I will gladly look into this for you."
        case "fenced":
            return f"```python\n{as_text(calls)}\n```"
        case "full-width":
            return full_width(calls)
    made = OF_THE_FIRST[kind](calls[0])
    return None if made == calls[0] else as_text([made, *calls[1:]])
