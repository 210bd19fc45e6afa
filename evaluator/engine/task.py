"""What a run has to do: a benchmark bound to its samples, its `solve` and the way it is asked."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from evaluator.data import Origin
from evaluator.engine.form import Form
from evaluator.results.names import ProtocolName
from evaluator.types import Benchmark, ModeName, Params, Sample, Solve

FIRST = 5  # samples of each benchmark that go before all others: what is wrong with it shows there


@dataclass(frozen=True, slots=True)
class Task:
    """One benchmark of a run: its samples, and how they are asked and scored.

    `solve` is the benchmark's own, or another one over the same samples: of a mode, with the run's
    judges, or over recorded verdicts. `params` is the sampling of every request to the model;
    `given` is what the user asked for, by role, and goes before it.
    """

    benchmark: Benchmark
    solve: Solve
    samples: Iterable[Sample]
    total: int
    shots: int = 0
    params: Params = field(default_factory=dict)
    data: str = ""  # what the samples are, as a report says it
    origin: Origin | None = None  # where they come from
    deviations: Sequence[str] = ()  # how they differ from the data set as it is known
    repeats: int = 1  # how often each sample is asked
    mode: ModeName = "generate"
    protocol: ProtocolName | None = None  # how the model calls tools, where there are any
    form: Form = field(default_factory=Form)
    given: Mapping[str, Params] = field(default_factory=dict)
    roles: Sequence[str] = ("model",)  # an entry for each request that a sample takes
    notes: Sequence[str] = ()  # what a report must say of how it was judged

    def sampling(self, role: str, call: Params) -> Params:
        """The fields of one request: the benchmark's default, then the call's, then the user's.

        A field that is None is not sent.
        """
        default = self.params if role == "model" else {}
        return {**default, **call, **self.given.get(role, {})}


class SampleStream(Protocol):
    """Where workers take their samples."""

    async def take(self) -> tuple[Task, Sample] | None:
        """The next; None where there is none left."""
        ...

    def close(self) -> None:
        """From now on there is none left."""
        ...


class InOrder:
    """The samples of tasks, as `ordered` puts them."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        self._samples = ordered(tasks)
        self.close = self._samples.close

    async def take(self) -> tuple[Task, Sample] | None:
        """The next; None where there is none left."""
        return next(self._samples, None)


def ordered(tasks: Iterable[Task]) -> Generator[tuple[Task, Sample], None, None]:
    """One stream of all samples, longest first, so that the run ends with short ones.

    Samples that another role answers too, such as a judge, come first; then long replies. The
    first few of every task go before all of them.
    """

    def length(task: Task) -> tuple[bool, int]:
        return set(task.roles) != {"model"}, task.params.get("max_tokens") or 0

    longest_first = sorted(tasks, key=length, reverse=True)
    left = [(task, iter(task.samples)) for task in longest_first]
    for most in (FIRST, None):
        for task, samples in left:
            for sample in islice(samples, most):
                yield task, sample
