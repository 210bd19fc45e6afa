"""What a throughput run and its client processes say to each other.

Of each part a client is told what to send, when to begin, and to hand over what came of it. The
last waits until all have ended: to pack and read it takes time that would be in the others' times.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluator.errors import EvaluatorError
from evaluator.perf.load.generator import TimedRequest, TrafficCounts
from evaluator.perf.load.schedule import Stride
from evaluator.perf.load.sending import Part, SentPart
from evaluator.perf.load.servers import KnownServer
from evaluator.perf.load.workload import Workload
from evaluator.perf.options import SweepOptions
from evaluator.processes.frames import pack_fast
from evaluator.types import Response


@dataclass(frozen=True, slots=True)
class Assignment:
    """To a client, first of all: what holds for the whole run."""

    options: SweepOptions
    servers: Sequence[KnownServer]
    workload: Workload


@dataclass(frozen=True, slots=True)
class Order:
    """To a client: its stride of a part for the server of that name."""

    server: str
    part: Part
    stride: Stride


@dataclass(frozen=True, slots=True)
class Ready:
    """From a client: its requests are made."""


@dataclass(frozen=True, slots=True)
class Go:
    """To a client: when to begin, by perf_counter, which all processes of a machine share."""

    at: float


@dataclass(frozen=True, slots=True)
class Told:
    """From a client, now and then: what it has done, and whether it is the bottleneck."""

    counts: TrafficCounts
    bound: bool


@dataclass(frozen=True, slots=True)
class PartEnded:
    """From a client: all its requests have ended."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """To a client: now it may say what came of its requests, in a SentPart."""


@dataclass(frozen=True, slots=True)
class Failed:
    """From a client, at its end: the error by which it could not go on."""

    error: EvaluatorError


ToClient = Assignment | Order | Go | HandOver
FromClient = Ready | Told | PartEnded | SentPart | Failed
pack_fast(TimedRequest, Response)
