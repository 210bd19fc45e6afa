"""What a run has to do: the samples of each benchmark, and in which order they are asked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from evaluator.data import Origin
from evaluator.engine.form import Form
from evaluator.types import Benchmark, ModeName, Sample


@dataclass(frozen=True, slots=True)
class Work:
    """The samples of one benchmark, and how they are asked.

    `params` is the sampling of every request to the model that names none of its own; `given` is
    what the user asked for, by role, and goes before both.
    """

    benchmark: Benchmark
    samples: Iterable[Sample]
    total: int
    shots: int
    params: Mapping[str, Any]
    data: str = ""  # what the samples are, as a report says it
    origin: Origin | None = None  # where they come from
    deviations: Sequence[str] = ()  # how they differ from the data set as it is known
    repeats: int = 1  # how often each sample is asked
    mode: ModeName = "generate"
    form: Form = field(default_factory=Form)
    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def sampling(self, role: str, call: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of one request: the benchmark's default, then the call's, then the user's.

        A field that is None is not sent.
        """
        default = self.params if role == "model" else {}
        return {**default, **call, **self.given.get(role, {})}


def ordered(work: Iterable[Work]) -> Iterator[tuple[Work, Sample]]:
    """One stream of all work, longest first, so that the tail is short samples.

    What is asked of another role too, as of a judge, is longest of all; then go long replies.
    """

    def length(work: Work) -> tuple[bool, int]:
        return set(work.benchmark.roles) != {"model"}, work.params.get("max_tokens") or 0

    longest_first = sorted(work, key=length, reverse=True)
    return ((work, sample) for work in longest_first for sample in work.samples)
