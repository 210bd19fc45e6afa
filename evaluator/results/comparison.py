"""compare.json: what models gained and forgot against a base model, sample by sample."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluator.results.benchmark_comparison import (
    BenchmarkComparison,
    ComparisonRow,
    ItemChange,
)
from evaluator.results.figures import Interval

NAME = "compare.json"
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkNoise:
    """How the samples of one benchmark changed when the same model was asked twice."""

    samples: int
    """How many samples were asked twice and measured both times."""

    changed: int
    """How many of them got another value the second time."""

    ci95: Interval
    """Wilson interval of the share that changed, from 0 to 1."""

    other_answer: int
    """How many of them had another answer read in the reply, right or wrong."""

    mean_change: float
    """Mean absolute change of the value, on the benchmark's scale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseFloor:
    """What changes in a run by itself; empty where no sample was asked twice."""

    in_flight: Sequence[int | None]
    """Concurrent requests per endpoint the first and the second time; None where not recorded."""

    benchmarks: Mapping[str, BenchmarkNoise]
    """By benchmark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseRun:
    """The run that the others are compared with."""

    run: str
    """Name of its folder."""

    model: str
    """Name of its model."""

    noise: NoiseFloor
    """Its noise floor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelComparison:
    """One model beside the base."""

    run: str
    """Name of its run's folder."""

    model: str
    """Name of the model."""

    noise: NoiseFloor
    """Its noise floor."""

    benchmarks: Mapping[str, BenchmarkComparison]
    """What was paired, by benchmark."""

    unpaired: Mapping[str, str]
    """Benchmarks without any pair, and why."""

    rows: Sequence[ComparisonRow]
    """All tested differences: each benchmark, followed by its categories and subjects."""

    forgotten: Sequence[ItemChange]
    """Questions answered worse; of ratings, those that lost a fifth of the scale or more."""

    learned: Sequence[ItemChange]
    """Questions answered better, by the same rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingComparison:
    """What serving one run took, over all replies of its model."""

    run: str
    """Name of the run's folder."""

    model: str
    """Name of its model."""

    requests_per_s: float
    """Replies per second with at least one request in flight."""

    output_tokens_per_s: float | None
    """Output tokens per second with at least one request in flight; None where the server did not
    count those of every reply."""

    mean_output_tokens: float | None
    """Mean length of a reply in tokens; None without replies, or without the server's counts."""

    seconds: float
    """Time with at least one request in flight."""

    gpus: int | None
    """Number of GPUs that served the model; None where not known."""

    points_per_gpu_minute: float | None
    """Mean of the benchmarks' scores, in per cent of their scale, over GPUs times minutes in
    flight.  Compares runs of the same samples.  None where the number of GPUs is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All of compare.json."""

    schema_version: int = SCHEMA_VERSION
    """Version of this file's shape."""

    base: BaseRun
    """The run that the others are compared with."""

    alpha: float
    """Chance of any false alarm among the rows of a level."""

    power: float
    """Chance to find the smallest difference that is called detectable."""

    margin: float
    """Share of the scale: a smaller difference is taken not to matter."""

    comparisons: Sequence[ModelComparison]
    """One for each other run, in the order given."""

    serving: Sequence[ServingComparison]
    """One for each run, the base first."""
