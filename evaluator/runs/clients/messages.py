"""What a run and its clients say to each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from evaluator.engine.form import Form
from evaluator.engine.precision import SamplesUntilPrecise
from evaluator.engine.task import Task
from evaluator.errors import EvaluatorError
from evaluator.options.settings import Settings
from evaluator.processes.frames import pack_fast
from evaluator.results.outcomes import OutcomeLines
from evaluator.results.spending import RolePrice
from evaluator.runs.clients.figures import PoolFigures, stopped
from evaluator.types import (
    ModeName,
    Outcome,
    Params,
    Request,
    Response,
    Sample,
    Score,
)


@dataclass(frozen=True, slots=True)
class Setup:
    """A task without its functions and its samples: a client finds the first by the name."""

    name: str
    total: int
    params: Params
    repeats: int
    mode: ModeName
    form: Form
    given: Mapping[str, Params]
    roles: Sequence[str]
    precise: bool  # whether it may stop early


def setup(task: Task) -> Setup:
    """What a client needs to know of a task."""
    return Setup(
        task.benchmark.name,
        task.total,
        task.params,
        task.repeats,
        task.mode,
        task.form,
        task.given,
        task.roles,
        isinstance(task.samples, SamplesUntilPrecise),
    )


@dataclass(frozen=True, slots=True)
class Share:
    """A client's part of what is allowed: slots by pool, and one of so many parts of the rest."""

    slots: Sequence[int]
    number: int  # which part
    of: int


def part(total: int, number: int, of: int) -> int:
    """A part of the slots at an endpoint, the first being number 1: at least one."""
    return max(1, total // of + (number <= total % of))


@dataclass(frozen=True, slots=True)
class Start:
    """To a client, first of all. `journal` is the run's, to which its own `shard` will be added.

    One without a shard is on another machine, and has its parent record its replies; the
    `variables` are those of its parent's environment that it needs.
    """

    settings: Settings
    tasks: Sequence[Setup]
    journal: Path
    shard: Path | None
    share: Share
    prices: Mapping[str, RolePrice]
    ledger: Path | None  # where all write what they spend; None where nothing is counted
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Handed:
    """To a client: samples to ask.  `last`: there are none after these."""

    samples: Sequence["HandedSample"]
    last: bool


class HandedSample(NamedTuple):
    """A sample, and the name of its benchmark.

    `whole`: the parent wants all that was asked and said, and not just what came of it. `known` are
    its lines of the journal, for a client that is elsewhere.
    """

    benchmark: str
    sample: Sample
    whole: bool
    known: list[bytes]


@dataclass(frozen=True, slots=True)
class Stopped:
    """To a client: a benchmark is precise enough."""

    benchmark: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """From a client: it could begin so many samples more."""

    samples: int


@dataclass(frozen=True, slots=True)
class Replied:
    """From a client elsewhere: a line of the journal, for a sample."""

    benchmark: str
    sample_id: str
    line: bytes


@dataclass(frozen=True, slots=True)
class SampleEnded:
    """From a client: a sample ended. `verdicts` are its lines in a file of verdicts."""

    outcome: Outcome
    verdicts: bytes


@dataclass(frozen=True, slots=True)
class Figures:
    """From a client: what it has done so far, and its load. `cpu` is a share of a core."""

    pools: Sequence[PoolFigures]
    sent: int = 0
    replayed: int = 0
    cpu: float = 0.0
    lag: float = 0.0

    @property
    def at_rest(self) -> "Figures":
        """The same, of a client that does nothing any more."""
        return replace(self, pools=[stopped(each) for each in self.pools])


@dataclass(frozen=True, slots=True)
class Done:
    """From a client, at its end: by the error, where it could not go on."""

    error: EvaluatorError | None = None


ToClient = Start | Share | Handed | Stopped
FromClient = Wanted | Replied | SampleEnded | Figures | Done


pack_fast(
    Replied, SampleEnded, OutcomeLines, Outcome, Score, HandedSample, Sample, Request, Response
)
