"""What runs would send, for a person to read before anything is sent."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

import orjson

from evaluator.engine.dry import Call, first_calls
from evaluator.engine.form import Form, optional_fields
from evaluator.engine.task import Task
from evaluator.judging.judges import judges
from evaluator.options.settings import Settings
from evaluator.runs.description import models_by_role
from evaluator.runs.estimate import LOOKED_AT, in_words
from evaluator.runs.plan import plan
from evaluator.types import Body


def preview(chosen: Sequence[Settings]) -> str:
    """How many requests go to whom, and the first one of each benchmark.

    The runs differ in their model alone.
    """
    tasks = plan(chosen[0])
    several = [some_requests(task, chosen[0].model) for task in tasks]
    bodies = [first for first, *_ in several]
    by_role = [roles(task, len(first)) for task, first in zip(tasks, bodies, strict=True)]
    lines = [*counts(sum(by_role, Counter()), chosen)]
    lines += estimates(chosen, tasks, by_role, several)
    for task, first, sent in zip(tasks, bodies, by_role, strict=True):
        requests = f"{sent.total()} requests, {task.data}, {task.shots} shots"
        lines += ["", f"== {task.benchmark.name}: {requests}", *described(first[0])]
    return "\n".join(lines)


def some_requests(task: Task, model: str) -> list[list[Body]]:
    """The bodies of the requests that each of the task's first samples begins with."""

    async def calls() -> list[list[Call]]:
        first = islice(task.samples, LOOKED_AT)
        return [await first_calls(task.solve, sample) for sample in first]

    return [[request(task, model, call) for call in each] for each in asyncio.run(calls())]


def estimates(
    chosen: Sequence[Settings],
    tasks: Sequence[Task],
    by_role: Sequence[Counter[str]],
    several: Sequence[list[list[Body]]],
) -> Iterator[str]:
    """What each of the runs would take."""
    sent = list(zip(tasks, by_role, strict=True))
    bodies = {
        task.benchmark.name: [body for each in of for body in each]
        for task, of in zip(tasks, several, strict=True)
    }
    for settings in chosen:
        prices = settings.role_prices(models_by_role(settings, tasks))
        head = f"{settings.model}: " if len(chosen) > 1 else ""
        yield from (f"{head}{line}" for line in in_words(settings, sent, bodies, prices))


def request(task: Task, model: str, call: Call) -> Body:
    """The body of one request, with the fields that are sent where they are taken."""
    sampling = task.sampling(call.role, call.params)
    if call.role != "model":
        return Form().body(model, call.prompt, sampling)
    body = task.form.body(model, call.prompt, sampling)
    return {**optional_fields(call.prompt, call.optional, sampling), **body}


def roles(task: Task, at_first: int) -> Counter[str]:
    """The requests of a benchmark by role, of which a sample sends the model some `at_first`."""
    times = task.total * task.repeats
    return Counter({role: times * (at_first if role == "model" else 1) for role in task.roles})


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


def described(body: Body) -> Iterator[str]:
    """A request in words: its sampling and what it says."""
    fields = {k: v for k, v in body.items() if k not in ("messages", "prompt")}
    yield f"-- sampling: {orjson.dumps(fields).decode()}"
    for message in body.get("messages") or [{"role": "prompt", "content": body.get("prompt", "")}]:
        yield f"-- {message['role']}:\n{message['content']}"
