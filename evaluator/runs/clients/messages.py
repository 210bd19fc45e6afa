"""What a run and its clients say to each other, over the standard input and output of a client.

A frame is its length in four bytes and a pickled list of messages. Both ends are this program, by
the same user.
"""

import copyreg
import pickle
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO, RawIOBase
from pathlib import Path
from typing import NamedTuple

from evaluator.engine.form import Form
from evaluator.engine.precision import SamplesUntilPrecise
from evaluator.engine.task import Task
from evaluator.errors import EvaluatorError
from evaluator.options.settings import Settings
from evaluator.results.spending import RolePrice
from evaluator.runs.clients.figures import PoolFigures, stopped
from evaluator.types import ModeName, Outcome, Params, Request, Response, Sample, Score

LENGTH = struct.Struct(">I")


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
    """To a client, first of all. `journal` is the run's, to which its own `shard` will be added."""

    settings: Settings
    tasks: Sequence[Setup]
    journal: Path
    shard: Path
    share: Share
    prices: Mapping[str, RolePrice]
    ledger: Path | None  # where all write what they spend; None where nothing is counted


@dataclass(frozen=True, slots=True)
class Handed:
    """To a client: samples to ask.  `last`: there are none after these."""

    samples: Sequence["HandedSample"]
    last: bool


class HandedSample(NamedTuple):
    """A sample, and the name of its benchmark.

    `whole`: the parent wants all that was asked and said, and not just what came of it.
    """

    benchmark: str
    sample: Sample
    whole: bool


@dataclass(frozen=True, slots=True)
class Stopped:
    """To a client: a benchmark is precise enough."""

    benchmark: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """From a client: it could begin so many samples more."""

    samples: int


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
FromClient = Wanted | SampleEnded | Figures | Done


def reduced(each: object) -> tuple[Callable[..., object], tuple[object, ...]]:
    """How a dataclass with slots is pickled in a third of the time that its own way takes."""
    names = type(each).__slots__  # type: ignore[attr-defined]  # which those in FREQUENT have
    return rebuilt, (type(each), *[getattr(each, name) for name in names])


def rebuilt(of: type, *values: object) -> object:
    """The same again, without a call of its __init__."""
    made: object = object.__new__(of)
    for name, value in zip(of.__slots__, values, strict=True):  # type: ignore[attr-defined]
        object.__setattr__(made, name, value)
    return made


FREQUENT = (SampleEnded, Outcome, Score, Sample, Request, Response)


class Packer(pickle.Pickler):
    """Packs what comes often fast."""

    dispatch_table = copyreg.dispatch_table | dict.fromkeys(FREQUENT, reduced)


def frame(messages: Sequence[ToClient | FromClient]) -> bytes:
    """The messages as bytes."""
    packed = BytesIO()
    Packer(packed, pickle.HIGHEST_PROTOCOL).dump(messages)
    return LENGTH.pack(packed.tell()) + packed.getvalue()


def received(file: RawIOBase) -> Iterator[ToClient]:
    """The messages that come, until the other end is closed."""
    while head := whole(file, LENGTH.size):
        if not (packed := whole(file, *LENGTH.unpack(head))):
            return
        yield from pickle.loads(packed)


def whole(file: RawIOBase, size: int) -> bytes:
    """So many bytes; none where the other end was closed before they came."""
    parts = []
    while size:
        if not (part := file.read(size)):
            return b""
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
