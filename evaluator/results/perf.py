"""perf.json: what `evaluator perf` measured, and what it comes to.

Times are in seconds and rates per second, by the client's clock, unless a field says otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from evaluator.errors import UsageError
from evaluator.locale import N_
from evaluator.results import files
from evaluator.results.figures import LEAVE_OUT, Interval
from evaluator.results.names import Params
from evaluator.results.perf_point import PerfPoint

NAME = "perf.json"
SCHEMA_VERSION: Literal[1] = 1
SLO_FIGURES = ("ttft", "tpot", "latency")  # that a service-level objective may bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One side of a comparison: a server."""

    model: str
    """Name under which the server serves it."""
    base_url: str
    """URL of its API; in the file without user and password."""
    flags: tuple[str, ...] = ()
    """Words that its server was started with, where `launch` started it."""
    replicas: tuple[str, ...] = ()
    """URLs of further servers that share its load, where `launch` started several."""

    @property
    def servers(self) -> int:
        """How many share the load."""
        return 1 + len(self.replicas)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticWorkload:
    """Prompts made of common words.  Points of another fingerprint are never compared."""

    kind: Literal["synthetic"] = "synthetic"
    """Prompts that were made up."""
    prompt_tokens: str
    """Tokens of a prompt, chat template included: "256", or "64-256" for an even draw."""
    output_tokens: str
    """Most tokens of a reply, written in the same way."""
    params: Params
    """Sampling fields of every request."""
    seed: int
    """Of the prompts and of the gaps between requests."""
    requests: int | None
    """Requests of a point, where the user gave a number."""
    seconds: float | None
    """Length of a point, where the user gave one."""
    warmup: int | None
    """Requests before each point, where the user gave a number."""
    warm_cache: bool
    """Whether the prefix cache was left as it was."""
    fingerprint: str
    """16 hex digits over all other fields."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsWorkload:
    """Prompts of a file or of a benchmark.  Points of another fingerprint are never compared."""

    kind: Literal["file", "benchmark"]
    """Where the prompts come from."""
    name: str
    """Of the file or benchmark."""
    rows: int
    """Prompts that there are."""
    left_out: int | None = field(default=None, metadata=LEAVE_OUT)
    """Conversations of the file that ask nothing; left out of the file where there are none."""
    digest: str
    """16 hex digits over all prompts with their sampling."""
    seed: int
    """Of the order of the prompts and of the gaps between requests."""
    requests: int | None
    """Requests of a point, where the user gave a number."""
    seconds: float | None
    """Length of a point, where the user gave one."""
    warmup: int | None
    """Requests before each point, where the user gave a number."""
    warm_cache: bool
    """Whether the prefix cache was left as it was."""
    fingerprint: str
    """16 hex digits over all other fields."""


WorkloadInfo = SyntheticWorkload | RowsWorkload


@dataclass(frozen=True, slots=True, kw_only=True)
class Knee:
    """What --find-knee found: the highest concurrency of an arm that meets the SLO."""

    best: int | None
    """None: not even 1 at once."""
    worse: int | None
    """The least concurrency that was seen to miss it; None: none was."""
    met: int = 1
    """Repeats in which `best` met the SLO."""
    repeats: int = 1
    """Repeats of `best`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure over the repeats."""

    mean: float
    """Mean over the repeats, in the figure's own unit."""
    ci95: Interval | None
    """Student's t, from 0 on; None for one repeat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryRow:
    """One load on one arm, over its repeats."""

    load: str
    """As tables show it."""
    arm: str
    """Name of the server."""
    repeats: int
    """How often it was measured."""
    figures: Mapping[str, Estimate]
    """By the name of the figure, those that were measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PerfComparisonRow:
    """One figure of two arms at one load."""

    load: str
    """As tables show it."""
    figure: str
    """Name of the figure."""
    base: str
    """An arm of this run, or "ARM in RUN" of an earlier one."""
    other: str
    """The other arm."""
    ratio: float | None
    """other / base, the geometric mean; None where a value is 0."""
    ci95: Interval | None
    """Paired by repeat (Student's t of the logarithms); with an earlier run unpaired (Welch)."""
    verdict: str
    """Better, worse, no difference shown, or why that cannot be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParetoPoint:
    """Score and rate of one arm at one load, over its repeats."""

    arm: str
    """Name of the server."""
    load: str
    """As tables show it."""
    benchmark: str
    """Name of the benchmark."""
    accuracy: float
    """Mean score, on the benchmark's scale."""
    ci95: Interval
    """Wilson's, of the questions of one repeat."""
    samples: int
    """Questions, not replies."""
    output_tokens_per_s: float | None
    """Tokens of replies per second."""
    front: bool
    """Whether no other is at least as good in both and better in one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PerfReport:
    """The whole file, written again after every point."""

    schema_version: Literal[1]
    """Version of this file's shape."""
    run: str
    """Name of its folder."""
    started_at: str
    """ISO 8601, UTC."""
    evaluator: str
    """Version that began the run."""
    workload: WorkloadInfo
    """What was asked, and for how long."""
    slo: Mapping[str, float]
    """Bounds in seconds, by ttft, tpot or latency."""
    arms: Mapping[str, Arm]
    """The servers, by name."""
    points: tuple[PerfPoint, ...]
    """In the order in which they were measured."""
    knees: Mapping[str, Knee]
    """By arm."""
    summary: tuple[SummaryRow, ...] = ()
    """Each load on each arm, over its repeats."""
    comparison: tuple[PerfComparisonRow, ...] = ()
    """Every arm against the first, then against the earlier run of --against."""
    pareto: tuple[ParetoPoint, ...] = ()
    """Accuracy against throughput, where accuracy was measured."""
    against: str | None = field(default=None, metadata=LEAVE_OUT)
    """Name of the earlier run."""
    unmatched: tuple[str, ...] | None = field(default=None, metadata=LEAVE_OUT)
    """Loads on arms that have no counterpart in the earlier run."""


def read(folder: Path) -> PerfReport:
    """The perf.json of a run.  Raises UsageError where there is none, DataError for another's."""
    try:
        return files.read(folder / NAME, PerfReport)
    except OSError as error:
        raise UsageError(
            N_("no throughput run in {folder!r}: it has no {name}", folder=str(folder), name=NAME)
        ) from error
