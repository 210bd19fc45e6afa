"""Makes a run of what another tool recorded: the same files and report as any other run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import orjson
from rich.console import Console

from evaluator.client.pool import Pool
from evaluator.client.transport import RecordedReplies
from evaluator.digest import content_digest
from evaluator.engine.form import Form
from evaluator.engine.task import Task
from evaluator.errors import DataError, RequestError
from evaluator.imports.matching import QuestionIndex, our_benchmark
from evaluator.imports.recorded import OtherReply, OtherTask
from evaluator.imports.tools import ToolName
from evaluator.locale import N_
from evaluator.options.settings import Settings
from evaluator.results.report import RunReport
from evaluator.runs.plan import plan
from evaluator.runs.run import execute, exit_code
from evaluator.types import SHARE, Ask, Benchmark, Json, Response, Rows, Sample, Scale, Score, Solve

SLOTS = 8  # nothing waits for anything here: few are as quick as many
Told = list[str]  # what a person should know of an import, a line each


class Import(NamedTuple):
    """What became of it: a report, what was left out, and the exit code."""

    report: RunReport
    told: Told
    code: int


@dataclass(slots=True)
class Imported:
    """The replies that become a run, by benchmark and the id of our sample."""

    tool: str
    replies: dict[str, dict[str, OtherReply]] = field(default_factory=dict)
    tasks: list[Task] = field(default_factory=list)
    told: Told = field(default_factory=list)


def imported(
    tool: ToolName, tasks: Sequence[OtherTask], settings: Settings, as_recorded: bool
) -> Import:
    """Scores the replies, writes the run's folder, and says what was left out.

    Raises DataError where our data set cannot be read.
    """
    found = Imported(tool)
    left: list[OtherTask] = []
    by_benchmark: dict[str, list[OtherTask]] = {}
    for each in tasks:
        ours = None if as_recorded else our_benchmark(each)
        if ours:
            by_benchmark.setdefault(ours.name, []).append(each)
        else:
            left.append(each)
    for name, parts in by_benchmark.items():
        left += scored_again(found, name, parts, settings)
    for each in left:
        as_it_was(found, each)
    found.told += [
        N_(
            "{name}: {count} further {count:reply|replies} to questions that were asked several "
            "times {count:is|are} left out: the first of each counts",
            name=each.name,
            count=each.repeated,
        )
        for each in tasks
        if each.repeated
    ]
    pool = Pool(named(found), [RecordedReplies(dict(records(found)))], SLOTS)
    chosen = settings.model_copy(
        update={
            "benchmarks": [each.benchmark.name for each in found.tasks],
            "own": {each.benchmark.name: each.benchmark for each in found.tasks},
        }
    )
    report = execute(chosen, found.tasks, lambda: {"model": pool}, Console(stderr=True))
    return Import(report, found.told, exit_code(report, chosen))


def scored_again(
    found: Imported, name: str, parts: Sequence[OtherTask], settings: Settings
) -> list[OtherTask]:
    """Adds a benchmark of ours; returns the tasks in which none of its questions was asked."""
    try:
        (task,) = plan(settings.model_copy(update={"benchmarks": [name]}), hold=True)
    except DataError as error:
        raise DataError(
            N_(
                "{error}; --as-recorded keeps the scores of {tool}, and needs no data",
                error=error.message,
                tool=found.tool,
            )
        ) from error
    samples = list(task.samples)
    questions, strange = QuestionIndex(samples), []
    replies: dict[str, OtherReply] = {}
    for part in parts:
        matches = questions.matched(part.replies)
        new = {id: reply for id, reply in matches.by_id.items() if id not in replies}
        if not new:
            strange.append(part)
            found.told.append(
                N_(
                    "{part}: no question of {name} in {data}; kept as scored",
                    part=part.name,
                    name=name,
                    data=task.data,
                )
            )
            continue
        if lost := len(part.replies) - len(new):
            found.told.append(
                N_(
                    "{part}: {lost} {lost:reply|replies} to no question of {name} {lost:is|are} "
                    "left out",
                    part=part.name,
                    lost=lost,
                    name=name,
                )
            )
        replies |= new
    if replies:
        chosen = [each for each in samples if each.id in replies]
        solve = as_asked(task.benchmark.solve, replies)
        found.replies[name] = replies
        found.tasks.append(told_of(replace(task, samples=chosen, solve=solve), found.tool, parts))
    return strange


def told_of(task: Task, tool: str, parts: Sequence[OtherTask]) -> Task:
    """The task as the other tool asked it: its sampling, its API, its examples."""
    first = parts[0]
    names = ", ".join(each.name for each in parts)
    return replace(
        task,
        total=len(list(task.samples)),
        shots=first.shots,
        params=first.params,
        given={},
        form=Form(api="chat" if first.chat else "completions"),
        notes=(
            N_(
                "replies that {tool} recorded as {names}, to its own prompts and examples",
                tool=tool,
                names=names,
            ),
        ),
    )


def as_it_was(found: Imported, task: OtherTask) -> None:
    """Adds a task with the scores that were recorded."""
    scores = {reply.id: reply for reply in task.replies}
    samples = [Sample(each.id, {}, each.target, each.group) for each in task.replies]
    values = [each.value for each in task.replies if each.value is not None]
    name = f"{found.tool}/{task.name}"

    async def solve(sample: Sample, ask: Ask) -> Score:
        reply = scores[sample.id]
        await ask(reply.prompt)
        if reply.value is None:
            raise RequestError(f"{found.tool} recorded no score of this sample")
        return Score(reply.value, reply.answer or reply.text)

    def load(rows: Rows, shots: int) -> list[Sample]:
        return samples

    benchmark = Benchmark(
        name=name,
        title=task.name,
        dataset=task.name,
        load=load,
        solve=solve,
        metric=f"{task.metric}, as {found.tool} scored it",
        scale=scale_of(values),
    )
    made = Task(benchmark, solve, samples, len(samples), data=f"recorded by {found.tool}")
    found.replies[name] = scores
    found.tasks.append(told_of(made, found.tool, [task]))


def scale_of(values: Sequence[float]) -> Scale:
    """Shares are from 0 to 1; of other scores nobody says how far they could go."""
    least, most = min(values, default=0.0), max(values, default=1.0)
    return SHARE if least >= 0.0 and most <= 1.0 else (min(least, 0.0), most)


def as_asked(solve: Solve, replies: Mapping[str, OtherReply]) -> Solve:
    """The same scoring, of the prompt that the other tool had sent."""

    async def solved(sample: Sample, ask: Ask) -> Score:
        async def recorded(*_: object, **__: object) -> Response:
            return await ask(replies[sample.id].prompt)

        return await solve(sample, recorded)

    return solved


def records(found: Imported) -> Iterator[tuple[tuple[str, str], Json]]:
    """The replies as the transport takes them."""
    for benchmark, replies in found.replies.items():
        for id, reply in replies.items():
            yield (
                (benchmark, id),
                {
                    "response": reply.text,
                    "finish_reason": reply.finish_reason,
                    "prompt_tokens": reply.prompt_tokens,
                    "output_tokens": reply.output_tokens,
                    "latency": reply.latency,
                },
            )


def named(found: Imported) -> str:
    """A name for the replies: the journal of another import must not answer for them."""
    said = [record["response"] for _, record in records(found)]
    return f"recorded:{content_digest(orjson.dumps(said))}"
