"""A benchmark's own questions as a workload, and the score of the very replies that were timed.

Scoring waits until a point is over: it must not take the load generator's time.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluator.benchmarks import benchmark as find
from evaluator.data import samples, select, source
from evaluator.engine.form import Form
from evaluator.errors import UsageError
from evaluator.options.parts import usual_data_dir
from evaluator.perf.load import Trip
from evaluator.perf.options import Options
from evaluator.perf.workload import Rows
from evaluator.statistics.intervals import figure
from evaluator.types import Asked, Benchmark, Response, Sample


@dataclass(frozen=True, slots=True)
class Questions:
    """The samples of a benchmark: a sample's first request is timed, and scored where it is all."""

    benchmark: Benchmark
    samples: Mapping[str, Sample]
    label: str  # where the rows come from

    def workload(self, options: Options) -> Rows:
        """Its prompts with its own sampling; --output-tokens and --param go before that."""
        limit = {"max_tokens": options.output_tokens.high} if options.output_tokens else {}
        forced = {"ignore_eos": True} if options.ignore_eos else {}
        rows = asyncio.run(self._asked({**limit, **forced, **options.sampling}))
        return Rows("benchmark", self.benchmark.name, rows, options.seed, not options.with_accuracy)

    async def _asked(self, given: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        rows = []
        for sample in self.samples.values():
            question = Question()
            try:
                await self.benchmark.solve(sample, question)
            except Heard:
                rows.append((sample.id, {**self.benchmark.params, **question.body, **given}))
        return rows

    async def score(self, trips: Sequence[Trip]) -> dict[str, Any]:
        """The mean over the samples that were answered, with its interval."""
        values = []
        for trip in trips:
            if trip.response:
                sample = self.samples[trip.sample_id]
                values.append((await self.benchmark.solve(sample, Recorded(trip.response))).value)
        return {
            "benchmark": self.benchmark.name,
            "metric": self.benchmark.metric,
            **figure([values], scale=self.benchmark.scale),
        }


def questions(options: Options, name: str) -> Questions:
    """The samples asked for.  Raises UsageError where one request is not enough for the score."""
    chosen = find(name)
    if options.with_accuracy and set(chosen.roles) != {"model"}:
        roles = ", ".join(dict.fromkeys(chosen.roles))
        raise UsageError(
            f"--with-accuracy: {name} asks {roles}, and only a benchmark of one request is scored "
            f"here; --benchmark {name} times its first request"
        )
    origin = source(options.data_dir or usual_data_dir(), options.data)
    rows = select(samples(chosen, origin, chosen.shots), options.requests)
    return Questions(chosen, {sample.id: sample for sample in rows}, origin.label)


class Heard(Exception):
    """Ends `solve` at its first request."""


class Question:
    """An `ask` that notes the request and answers nothing."""

    def __init__(self) -> None:
        self.body: dict[str, Any] = {}

    async def __call__(
        self,
        messages: Asked,
        role: str = "model",
        optional: Mapping[str, Any] | None = None,
        **params: Any,
    ) -> Response:
        self.body = {"messages": Form().messages(messages), **(optional or {}), **params}
        raise Heard


class Recorded:
    """An `ask` that gives the one reply there is."""

    def __init__(self, response: Response) -> None:
        self._left = [response]

    async def __call__(
        self,
        messages: Asked,
        role: str = "model",
        **params: Any,
    ) -> Response:
        if not self._left:
            raise UsageError("the benchmark asks more than once a sample: it cannot be timed")
        return self._left.pop()
