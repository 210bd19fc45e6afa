"""From settings to work: which samples, how many, and with which sampling. Nothing is sent here."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import orjson

from evaluator.benchmarks import benchmark
from evaluator.data import Source, samples, select, source
from evaluator.engine import Work
from evaluator.form import NEUTRAL, Form
from evaluator.judges import judging
from evaluator.precision import Precise, shuffled
from evaluator.settings import DatasetArgs, Settings
from evaluator.types import Asked, Benchmark, DataError, NoExamples, Response, Sample, UsageError


@dataclass(frozen=True, slots=True)
class Stream:
    """A benchmark's samples, read from the data anew each time, so that they need not be held.

    Only those of the `groups` named, where any are.
    """

    benchmark: Benchmark
    source: Source
    shots: int
    groups: Sequence[str] = ()

    def __iter__(self) -> Iterator[Sample]:
        wanted = frozenset(self.groups)
        for sample in samples(self.benchmark, self.source, self.shots):
            if not wanted or sample.group in wanted:
                yield sample


def plan(settings: Settings, hold: bool = False) -> list[Work]:
    """The work of a run.  Reads all data once, so that a bad row is found before any request.

    It is read again as the run goes on, so that it need not be held, unless `hold` says so.

    Raises UsageError or DataError.
    """
    chosen = [benchmark(name) for name in dict.fromkeys(settings.benchmarks)]
    check(chosen, settings)
    origin = source(settings.data_dir, settings.data)
    works, without = [], []
    for each in chosen:
        try:
            ready = in_mode(judged(each, origin, settings), settings)
            works.append(work(ready, origin, settings, hold))
        except NoExamples:
            without.append(each.name)
    if without:
        raise UsageError(
            f"no worked examples to show in {', '.join(without)}; run them without --shots, or "
            'give them to the others: --dataset-args \'{"NAME": {"few_shot_num": N}}\''
        )
    return works


def check(chosen: Sequence[Benchmark], settings: Settings) -> None:
    """Raises UsageError for options that do not fit the benchmarks chosen."""
    names = [each.name for each in chosen]
    if settings.mode != "generate":
        unfit = [each.name for each in chosen if settings.mode not in each.modes]
        if unfit:
            raise UsageError(
                f"--mode {settings.mode} is for multiple choice, and not for {', '.join(unfit)}; "
                "run them apart, without --mode"
            )
    unused = {"--chat-template": settings.template, "--shots-as-turns": settings.shots_as_turns}
    for option, given in unused.items():
        if given and form(settings, DatasetArgs()).api == "completions":
            raise UsageError(
                f"{option} is for the chat API, and not for --api completions or --mode likelihood"
            )
    for name in settings.dataset_args:
        if name not in names:
            raise UsageError(
                f"--dataset-args is about {name!r}, which is not run; there are {', '.join(names)}"
            )


def in_mode(benchmark: Benchmark, settings: Settings) -> Benchmark:
    """The benchmark as it is measured in the mode asked for."""
    if settings.mode == "generate":
        return benchmark
    mode = benchmark.modes[settings.mode]
    return replace(benchmark, solve=mode.solve, params=mode.params)


def judged(benchmark: Benchmark, origin: Source, settings: Settings) -> Benchmark:
    """The benchmark as the run's judges see it, where it needs any.  Raises UsageError."""
    if benchmark.judged is None:
        return benchmark
    return benchmark.judged(judging(settings, benchmark), origin.rows)


def work(benchmark: Benchmark, origin: Source, settings: Settings, hold: bool = False) -> Work:
    """The work of one benchmark."""
    own = settings.dataset_args.get(benchmark.name, DatasetArgs())
    shots, limit = own.few_shot_num, own.limit if own.limit is not None else settings.limit
    if shots is None:
        shots = benchmark.shots if settings.shots is None else settings.shots
    stream = Stream(benchmark, origin, shots, own.subset_list)
    if limit is None and settings.precision is None and not hold:
        chosen: Iterable[Sample] = stream
        total = sum(1 for _ in stream)
    else:
        chosen = held = list(select(stream, limit))
        total = len(held)
    if not total:
        subset = f" in {', '.join(own.subset_list)}" if own.subset_list else ""
        raise DataError(
            f"{benchmark.name}: no samples{subset} in {benchmark.dataset} via {origin.label}"
        )
    own_file = ":" in benchmark.name
    data = benchmark.dataset if own_file else f"{benchmark.dataset} via {origin.label}"
    if settings.precision:
        least, most = benchmark.scale
        wanted = settings.precision * (most - least)
        chosen = Precise(shuffled(chosen), wanted, benchmark.scale)
    params = {**benchmark.params, **settings.param}
    manner = form(settings, own)
    asked = settings.repeats, settings.mode, manner
    return Work(benchmark, chosen, total, shots, params, data, *asked)


def form(settings: Settings, own: DatasetArgs) -> Form:
    """How the model is asked."""
    system = settings.system if own.system_prompt is None else own.system_prompt
    api = "completions" if settings.mode == "likelihood" else settings.api
    return Form(api, system, settings.shots_as_turns, settings.template)


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
        if role == "model":
            body = work.form.body(model, messages, {**params, **work.params})
        else:
            body = Form().body(model, messages, params)
        asked.append({**body, "optional": optional or {}})
        raise _Asked

    async def first() -> None:
        await work.benchmark.solve(next(iter(work.samples)), ask)

    with suppress(_Asked):
        asyncio.run(first())
    return asked


def preview(settings: Settings) -> str:
    """What a run would send: how many requests, and the first one of each benchmark."""
    total, lines = 0, []
    for work in plan(settings):
        bodies = first_requests(work, settings.model)
        count = work.total * work.repeats * max(len(work.benchmark.roles), len(bodies))
        total += count
        body = bodies[0]
        messages = body.pop("messages", [{"role": "prompt", "content": body.pop("prompt", "")}])
        optional = body.pop("optional")
        lines.append(
            f"\n== {work.benchmark.name}: {count} requests, {work.data}, {work.shots} shots"
        )
        lines.append(f"-- sampling: {orjson.dumps(body).decode()}")
        if work.mode != "likelihood":
            lines.append(f"-- where taken: {orjson.dumps({**NEUTRAL, **optional}).decode()}")
        lines += [f"-- {message['role']}:\n{message['content']}" for message in messages]
    head = f"{total} requests to {settings.model!r}; nothing is sent in a dry run"
    return "\n".join([head, *lines])


class _Asked(Exception):
    """Ends `solve` at its first request."""
