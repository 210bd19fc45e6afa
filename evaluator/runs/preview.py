"""What runs would send, for a person to read before anything is sent."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import orjson

from evaluator.engine.form import Form, going_along
from evaluator.engine.work import Work
from evaluator.judging.judges import judges
from evaluator.options.settings import Settings
from evaluator.runs.plan import plan
from evaluator.types import Asked, Response


def preview(chosen: Sequence[Settings]) -> str:
    """How many requests go to whom, and the first one of each benchmark.

    The runs differ in their model alone.
    """
    works = plan(chosen[0])
    bodies = [first_requests(work, chosen[0].model) for work in works]
    by_role = [roles(work, len(first)) for work, first in zip(works, bodies, strict=True)]
    lines = [*counts(sum(by_role, Counter()), chosen)]
    for work, first, sent in zip(works, bodies, by_role, strict=True):
        requests = f"{sent.total()} requests, {work.data}, {work.shots} shots"
        lines += ["", f"== {work.benchmark.name}: {requests}", *described(first[0])]
    return "\n".join(lines)


def first_requests(work: Work, model: str) -> list[dict[str, Any]]:
    """The bodies of the requests that the work's first sample begins with."""
    asked: list[dict[str, Any]] = []

    async def ask(
        messages: Asked,
        role: str = "model",
        schema: Mapping[str, Any] | None = None,
        optional: Mapping[str, Any] | None = None,
        **params: Any,
    ) -> Response:
        sampling = work.sampling(role, params)
        if role != "model":
            asked.append(Form().body(model, messages, sampling))
        else:
            body = work.form.body(model, messages, sampling)
            asked.append({**going_along(messages, optional, sampling), **body})
        raise _Asked

    async def first() -> None:
        await work.benchmark.solve(next(iter(work.samples)), ask)

    with suppress(_Asked):
        asyncio.run(first())
    return asked


def roles(work: Work, at_first: int) -> Counter[str]:
    """The requests of a benchmark by role, of which a sample sends the model some `at_first`."""
    times = work.total * work.repeats
    return Counter(
        {role: times * (at_first if role == "model" else 1) for role in work.benchmark.roles}
    )


def counts(by_role: Counter[str], chosen: Sequence[Settings]) -> Iterator[str]:
    """The requests of all runs by whom they go to; with several models, each model's folder."""
    requests = by_role.total() * len(chosen)
    if len(chosen) == 1:
        yield f"{requests} requests to {chosen[0].model!r}; nothing is sent in a dry run"
    else:
        yield f"{requests} requests in all; nothing is sent in a dry run"
        yield from (f"{by_role.total()} requests of {each.model!r}, {each.out}/" for each in chosen)
    for judge in judges(chosen[0]):
        if count := by_role[judge.role]:
            name = "the model itself" if judge.model == chosen[0].model else repr(judge.model)
            yield f"{count * len(chosen)} of them to the {judge.role}, {name}"


def described(body: dict[str, Any]) -> Iterator[str]:
    """A request in words: its sampling and what it says."""
    fields = {k: v for k, v in body.items() if k not in ("messages", "prompt")}
    yield f"-- sampling: {orjson.dumps(fields).decode()}"
    for message in body.get("messages") or [{"role": "prompt", "content": body.get("prompt", "")}]:
        yield f"-- {message['role']}:\n{message['content']}"


class _Asked(Exception):
    """Ends `solve` at its first request."""
