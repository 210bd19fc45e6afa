"""A benchmark's own questions as a workload, and the score of the very replies that were timed.

Scoring waits until a point is over: it must not take the load generator's time.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluator.agents.tool_solve import ToolSolve, tool_solve
from evaluator.benchmarks import benchmark as find
from evaluator.data import samples, select, source
from evaluator.engine.dry import first_calls, replayed
from evaluator.engine.form import Form
from evaluator.errors import UsageError
from evaluator.locale import N_
from evaluator.options.parts import usual_data_dir
from evaluator.perf.load.generator import TimedRequest
from evaluator.perf.load.workload import PromptRows
from evaluator.perf.options import SweepOptions
from evaluator.results.perf_point import Accuracy
from evaluator.statistics.intervals import figure
from evaluator.types import Benchmark, Body, Params, Sample


@dataclass(frozen=True, slots=True)
class BenchmarkPrompts:
    """The samples of a benchmark: a sample's first request is timed, and scored where it is all."""

    benchmark: Benchmark
    samples: Mapping[str, Sample]

    def workload(self, options: SweepOptions) -> PromptRows:
        """Its prompts with its own sampling; --output-tokens and --param go before that."""
        limit = {"max_tokens": options.output_tokens.high} if options.output_tokens else {}
        forced = {"ignore_eos": True} if options.ignore_eos else {}
        rows = asyncio.run(self._first_requests({**limit, **forced, **options.sampling}))
        return PromptRows(
            "benchmark", self.benchmark.name, rows, options.seed, not options.with_accuracy
        )

    async def _first_requests(self, given: Params) -> list[tuple[str, Body]]:
        rows = []
        for sample in self.samples.values():
            for call in (await first_calls(self.benchmark.solve, sample))[:1]:
                asked = {"messages": Form().messages(call.prompt), **call.optional, **call.params}
                rows.append((sample.id, {**self.benchmark.params, **asked, **given}))
        return rows

    async def score(self, timed: Sequence[TimedRequest]) -> Accuracy:
        """The mean over the samples that were answered, with its interval."""
        values = []
        for each in timed:
            if each.response:
                sample = self.samples[each.sample_id]
                score = await replayed(self.benchmark.solve, sample, [each.response])
                if score is None:
                    raise UsageError(
                        N_("the benchmark asks more than once a sample: it cannot be timed")
                    )
                values.append(score.value)
        mean = figure([values], scale=self.benchmark.scale)
        return Accuracy(
            benchmark=self.benchmark.name,
            metric=self.benchmark.metric,
            value=mean.value,
            ci95=mean.ci95,
            samples=mean.samples,
        )


def benchmark_prompts(options: SweepOptions, name: str) -> BenchmarkPrompts:
    """The samples asked for.  Raises UsageError where one request is not enough for the score."""
    chosen = find(name)
    if options.with_accuracy and set(chosen.roles) != {"model"}:
        roles = ", ".join(dict.fromkeys(chosen.roles))
        raise UsageError(
            N_(
                "--with-accuracy: {name} asks {roles}, and only a benchmark of one request is "
                "scored here; --benchmark {name} times its first request",
                name=name,
                roles=roles,
            )
        )
    origin = source(options.data_dir or usual_data_dir(), options.data)
    every = samples(chosen, origin, chosen.shots)
    if tools := tool_solve(chosen):
        every = (each for each in every if timed(each, tools, bool(options.with_accuracy)))
    rows = {sample.id: sample for sample in select(every, options.requests)}
    if not rows:
        raise UsageError(
            N_(
                "--with-accuracy: {name} asks more than once a sample, and only replies to a "
                "single request are scored here; --benchmark {name} times its first request",
                name=name,
            )
        )
    return BenchmarkPrompts(chosen, rows)


def timed(sample: Sample, tools: ToolSolve, scored: bool) -> bool:
    """Whether the first request is the model's and, where it is `scored`, also the last one."""
    if sample.group in tools.played:
        return False
    return not scored or tools.replies(sample.group) == 1
