"""From settings to work: which samples, how many, and with which sampling. Nothing is sent here."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson

from evaluator.benchmarks import benchmark
from evaluator.data import Source, samples, select, source
from evaluator.engine import Work
from evaluator.judges import judging
from evaluator.settings import Settings
from evaluator.types import Benchmark, DataError, Message, Response, Sample


@dataclass(frozen=True, slots=True)
class Stream:
    """A benchmark's samples, read from the data anew each time, so that they need not be held."""

    benchmark: Benchmark
    source: Source
    shots: int

    def __iter__(self) -> Iterator[Sample]:
        return samples(self.benchmark, self.source, self.shots)


def plan(settings: Settings) -> list[Work]:
    """The work of a run.  Reads all data once, so that a bad row is found before any request.

    Raises UsageError or DataError.
    """
    chosen = [benchmark(name) for name in dict.fromkeys(settings.benchmarks)]
    origin = source(settings.data_dir, settings.data)
    return [work(judged(each, origin, settings), origin, settings) for each in chosen]


def judged(benchmark: Benchmark, origin: Source, settings: Settings) -> Benchmark:
    """The benchmark as the run's judges see it, where it needs any.  Raises UsageError."""
    if benchmark.judged is None:
        return benchmark
    return benchmark.judged(judging(settings, benchmark), origin.rows)


def work(benchmark: Benchmark, origin: Source, settings: Settings) -> Work:
    """The work of one benchmark."""
    shots = benchmark.shots if settings.shots is None else settings.shots
    stream = Stream(benchmark, origin, shots)
    if settings.limit is None:
        chosen: Iterable[Sample] = stream
        total = sum(1 for _ in stream)
    else:
        chosen = limited = list(select(stream, settings.limit))
        total = len(limited)
    if not total:
        raise DataError(f"{benchmark.name}: no samples in {benchmark.dataset} via {origin.label}")
    own_file = ":" in benchmark.name
    data = benchmark.dataset if own_file else f"{benchmark.dataset} via {origin.label}"
    params = {**benchmark.params, **settings.param}
    return Work(benchmark, chosen, total, shots, params, data, settings.repeats)


def first_request(work: Work, model: str) -> dict[str, Any]:
    """The body of the first request that the work would send."""
    asked: dict[str, Any] = {}

    async def ask(
        messages: str | list[Message],
        role: str = "model",
        schema: Mapping[str, Any] | None = None,
        **params: Any,
    ) -> Response:
        content = [{"role": "user", "content": messages}] if isinstance(messages, str) else messages
        sampling = {**params, **work.params} if role == "model" else params
        asked.update({"model": model, "messages": content, **sampling})
        raise _Asked

    async def first() -> None:
        await work.benchmark.solve(next(iter(work.samples)), ask)

    with suppress(_Asked):
        asyncio.run(first())
    return asked


def preview(settings: Settings) -> str:
    """What a run would send: how many requests, and the first one of each benchmark."""
    works = plan(settings)
    requests = [work.total * work.repeats * len(work.benchmark.roles) for work in works]
    lines = [f"{sum(requests)} requests to {settings.model!r}; nothing is sent in a dry run"]
    for work, count in zip(works, requests, strict=True):
        body = first_request(work, settings.model)
        messages = body.pop("messages")
        lines.append(
            f"\n== {work.benchmark.name}: {count} requests, {work.data}, {work.shots} shots"
        )
        lines.append(f"-- sampling: {orjson.dumps(body).decode()}")
        lines += [f"-- {message['role']}:\n{message['content']}" for message in messages]
    return "\n".join(lines)


class _Asked(Exception):
    """Ends `solve` at its first request."""
