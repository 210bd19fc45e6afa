"""What runs would send, for a person to read before anything is sent."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import orjson

from evaluator.agents.tool_solve import ToolSolve, tool_solve
from evaluator.engine.dry import Call, first_calls
from evaluator.engine.form import Form, optional_fields
from evaluator.engine.task import Task
from evaluator.judging.judges import judges
from evaluator.locale import N_, joined
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
    planned = [requests_of(task, len(first)) for task, first in zip(tasks, bodies, strict=True)]
    lines = [*counts(sum(planned, Requests()), chosen)]
    if len(tasks) > 1:
        lines.append(samples_of(tasks))
    lines += estimates(chosen, tasks, [each.most for each in planned], several)
    for task, first, sent in zip(tasks, bodies, planned, strict=True):
        head = N_(
            "== {name}: {requests} {requests:request|requests}, {data}, {shots} {shots:shot|shots}",
            name=task.benchmark.name,
            requests=sent.total(),
            data=task.data,
            shots=task.shots,
        )
        lines += ["", head]
        lines += [N_("-- {note}", note=note) for note in task.notes if tool_solve(task.benchmark)]
        lines += described(first[0])
    return joined("\n", lines)


def samples_of(tasks: Sequence[Task]) -> str:
    """How many samples each benchmark has, and all of them."""
    each = ", ".join(f"{task.benchmark.name} {task.total:,}" for task in tasks)
    return N_("{n:,} {n:sample|samples}: {each}", n=sum(task.total for task in tasks), each=each)


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests by role: the fewest and, where dialogues may go on, the most that there can be."""

    fewest: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: "Requests") -> "Requests":
        return Requests(self.fewest + other.fewest, self.most + other.most)

    def total(self, times: int = 1) -> str:
        """Those to all roles, such as `40`, or `40 to 320`."""
        return spread(self.fewest.total() * times, self.most.total() * times)


def spread(fewest: int, most: int) -> str:
    """A number, or from one to another."""
    if fewest == most:
        return str(fewest)
    return N_("{fewest} to {most}", fewest=fewest, most=most)


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
        for line in in_words(settings, sent, bodies, prices):
            yield N_("{name}: {line}", name=settings.model, line=line) if len(chosen) > 1 else line


def request(task: Task, model: str, call: Call) -> Body:
    """The body of one request, with the fields that are sent where they are taken."""
    sampling = task.sampling(call.role, call.params)
    if call.role != "model":
        return Form().body(model, call.prompt, sampling)
    body = task.form.body(model, call.prompt, sampling)
    return {**optional_fields(call.prompt, call.optional, sampling), **body}


def requests_of(task: Task, at_first: int) -> Requests:
    """The requests of a benchmark, of which a sample sends the model some `at_first`."""
    if tools := tool_solve(task.benchmark):
        return of_dialogues(task, tools, at_first)
    times = task.total * task.repeats
    sent = Counter({role: times * (at_first if role == "model" else 1) for role in task.roles})
    return Requests(sent, sent)


def of_dialogues(task: Task, tools: ToolSolve, at_first: int) -> Requests:
    """The requests of samples that may be dialogues; a judge who plays a user begins them."""
    fewest, most = Counter[str](), Counter[str]()
    for group, samples in Counter(sample.group for sample in task.samples).items():
        replies, times = tools.replies(group), samples * task.repeats
        alone = at_first if replies == 1 else 1
        fewest["model"] += times * alone
        most["model"] += times * max(alone, replies)
        if group in tools.played:
            fewest["judge"] += times
            most["judge"] += times * (1 + replies)
    return Requests(fewest, most)


def counts(sent: Requests, chosen: Sequence[Settings]) -> Iterator[str]:
    """The requests of all runs by whom they go to; with several models, each model's folder."""
    runs = len(chosen)
    if runs == 1:
        yield N_(
            "{requests} {requests:request|requests} to {model!r}; nothing is sent in a dry run",
            requests=sent.total(),
            model=chosen[0].model,
        )
    else:
        yield N_(
            "{requests} {requests:request|requests} in all; nothing is sent in a dry run",
            requests=sent.total(runs),
        )
        for each in chosen:
            yield N_(
                "{requests} {requests:request|requests} of {model!r}, {out}/",
                requests=sent.total(),
                model=each.model,
                out=str(each.out),
            )
    for judge in judges(chosen[0]):
        if most := sent.most[judge.role]:
            own = judge.model == chosen[0].model
            number = spread(sent.fewest[judge.role] * runs, most * runs)
            yield N_(
                "{number} of them to the {role}, {name}",
                number=number,
                role=N_(judge.role),
                name=N_("the model itself") if own else repr(judge.model),
            )


def described(body: Body) -> Iterator[str]:
    """A request in words: its sampling and what it says."""
    fields = {k: v for k, v in body.items() if k not in ("messages", "prompt")}
    yield N_("-- sampling: {fields}", fields=orjson.dumps(fields).decode())
    for message in body.get("messages") or [{"role": "prompt", "content": body.get("prompt", "")}]:
        yield f"-- {message['role']}:\n{message['content']}"
