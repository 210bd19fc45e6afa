"""The benchmark of an lm-eval task, group or tag, by its name."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from lm_eval.api.task import ConfigurableTask

from evaluator.lm_eval_tasks.asking import Answer, answers, greedy_to_limit
from evaluator.lm_eval_tasks.building import DataReading, Named, build, only_config
from evaluator.lm_eval_tasks.code_eval import in_sandbox, run_programs_by
from evaluator.lm_eval_tasks.documents import samples_of
from evaluator.lm_eval_tasks.scoring import Headline, headline, score, totals
from evaluator.sandbox import CodeSolve, Run
from evaluator.types import Ask, Benchmark, Outcomes, Params, Rows, Sample, Score, Totals

PREFIX = "lm-eval:"


@dataclass(slots=True)
class Harness:
    """What the functions of one benchmark share: its tasks, without data, and their samples."""

    name: str
    include: Path | None
    named: Named  # without data
    _source: object = None
    _samples: list[Sample] = field(default_factory=list)

    def load(self, rows: Rows, shots: int) -> Iterator[Sample]:
        """The documents of all tasks. They are kept: a task builds a prompt in a millisecond."""
        wanted = None if shots == usual_shots(self.named) else shots
        source = (getattr(rows, "__self__", rows), wanted)
        if self._source == source:
            yield from self._samples
            return
        tasks = build(self.name, DataReading(rows, wanted), self.include).tasks
        made = []
        for name, task in tasks.items():
            for sample in samples_of(task, name if len(tasks) > 1 else ""):
                made.append(sample)
                yield sample
        self._source, self._samples = source, made

    async def solve(self, sample: Sample, ask: Ask) -> Score:
        """Asks what lm-eval would, and scores as it does."""
        return score(*await self._answered(sample, ask))

    async def solve_with_code(self, sample: Sample, ask: Ask, run: Run) -> Score:
        """The same of a task that runs code; lm-eval waits for its programs in a thread."""
        answered = await self._answered(sample, ask)
        run_programs_by(run)
        return await asyncio.to_thread(score, *answered)

    async def _answered(
        self, sample: Sample, ask: Ask
    ) -> tuple[ConfigurableTask, Sample, Sequence[Sequence[Answer]]]:
        task = self.named.tasks[sample.fields["task"]]
        generates = task.OUTPUT_TYPE == "generate_until"
        found = await answers(sample, task.config.repeats if generates else 1, ask)
        # What a task with data learns of its first document.
        task.features = list(sample.fields["document"])
        task.multiple_input, task.multiple_target = sample.fields["several"]
        return task, sample, found

    def summarize(self, outcomes: Outcomes) -> Totals:
        """Metrics of the whole corpus, and those of groups."""
        return totals(self.named, outcomes)


@lru_cache(maxsize=64)
def lm_eval_benchmark(name: str, include: Path | None = None) -> Benchmark:
    """The benchmark of `name`, which stands after "lm-eval:".  Raises UsageError for none."""
    harness = Harness(name, include, build(name, include=include))
    first = next(iter(harness.named.tasks.values()))
    value = common_headline(harness.named)
    code = any(map(in_sandbox, harness.named.tasks.values()))
    return Benchmark(
        name=f"{PREFIX}{name}",
        title=f"{name} (lm-eval)",
        dataset=data_set(first, len(harness.named.tasks)),
        load=harness.load,
        solve=CodeSolve(harness.solve_with_code) if code else harness.solve,
        params=sampling(first),
        shots=usual_shots(harness.named),
        examples=True,
        metric=value.name,
        scale=value.scale,
        summarize=harness.summarize,
        kind="code" if code else "text" if first.OUTPUT_TYPE == "generate_until" else "choice",
    )


def common_headline(named: Named) -> Headline:
    """The metric of the first task stands for all: a group is of tasks of one kind."""
    return headline(next(iter(named.tasks.values())))


def usual_shots(named: Named) -> int:
    """The most worked examples that a task of these has."""
    return max(task.config.num_fewshot or 0 for task in named.tasks.values())


def data_set(task: ConfigurableTask, tasks: int) -> str:
    """The data set in words. The split is in brackets: it is not all of what is known by it."""
    config = task.config
    split = config.test_split or config.validation_split
    if tasks > 1:
        return f"{config.dataset_path} and others, {tasks} tasks ({split})"
    part = config.dataset_name or only_config(config.dataset_path)
    return f"{config.dataset_path} {part} ({split})"


def sampling(task: ConfigurableTask) -> Params:
    """Of what is sent, what is the same for every sample."""
    if task.OUTPUT_TYPE != "generate_until":
        return {"temperature": 0.0}
    return greedy_to_limit(task.config.generation_kwargs or {})
