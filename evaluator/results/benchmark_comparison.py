"""One benchmark in compare.json: its tested rows, further figures and changed questions.

Values are on the scale of the benchmark, differences are other minus base, intervals are 95 %.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from evaluator.results.figures import LEAVE_OUT, Interval
from evaluator.results.names import End, Scale, Status

Level = Literal["benchmark", "category", "subject"]
RowVerdict = Literal["gained", "forgot", "no evidence", "underpowered"]
Cause = Literal[
    "knowledge",
    "format",
    "truncation",
    "refusal",
    "language",
    "no answer",  # as the next three: where tools are called
    "tool",
    "arguments",
    "needless calls",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonRow:
    """One tested difference, of a benchmark, a category or a subject."""

    level: Level
    """What the row covers.  The rows of one level, over all models, are one family of tests."""

    benchmark: str
    """The benchmark."""

    name: str
    """Name of the benchmark, category or subject."""

    n: int
    """Number of pairs: samples measured in both runs."""

    scale: Scale
    """The least and the most that a value can be."""

    base: float
    """Mean value of the base over the pairs."""

    other: float
    """Mean value of the other model over the pairs."""

    difference: float
    """`other` minus `base`."""

    ci95: Interval
    """Paired bootstrap interval of the difference, of this row alone (Bonett and Price 2012)."""

    up: int
    """Pairs in which the other model did better."""

    down: int
    """Pairs in which the other model did worse."""

    p: float
    """Two-sided p: exact McNemar for values of 0 and 1, otherwise a sign-flip test."""

    adjusted: float
    """p corrected for all rows of the level (Holm 1979)."""

    verdict: RowVerdict
    """What `adjusted` shows.  "no evidence": these pairs would have shown a difference of
    `margin`; "underpowered": they would not."""

    detectable: float | None
    """Smallest difference that so many pairs show with a chance of `power`; None: none at all."""

    parts: Mapping[Cause, float]
    """The difference split by cause; the parts add up to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionComparison:
    """A dimension of a benchmark in both runs, over the pairs that have it on both sides."""

    samples: int
    """Number of these pairs."""

    base: float | None
    """Mean of the base; None where no pair has the dimension."""

    other: float | None
    """Mean of the other model; None where no pair has the dimension."""

    difference: float | None
    """`other` minus `base`."""

    ci95: Interval | None
    """Paired bootstrap interval of the difference; not corrected for multiple tests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TotalComparison:
    """A benchmark's own total in both runs, over the pairs alone; not tested."""

    base: float | None
    """Of the base; None where it cannot be computed."""

    other: float | None
    """Of the other model; None where it cannot be computed."""

    scale: Scale
    """The least and the most that the total can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkComparison:
    """What was paired of one benchmark, and its figures beside the value."""

    metric: str
    """What the value measures."""

    scale: Scale
    """The least and the most that a value can be."""

    data: str
    """The data of the base run, as its report describes it."""

    shots: int
    """Worked examples in each prompt of the base run."""

    pairs: int
    """Number of samples measured in both runs."""

    left_out: Mapping[str, int]
    """Number of samples that make no pair, by reason."""

    mismatches: Sequence[str]
    """Settings in which the runs differ; only `--force` pairs such runs."""

    prompts_proven: bool
    """Whether both runs recorded their prompts, so that equal prompts are certain."""

    dimensions: Mapping[str, DimensionComparison]
    """By dimension, such as `strict` or `in_format`."""

    totals: Mapping[str, TotalComparison]
    """By name of the benchmark's own total."""

    totals_unknown: bool = False
    """Whether the benchmark has totals that cannot be computed, because it is not known here."""

    base_ends: Mapping[End, int] | None = field(default=None, metadata=LEAVE_OUT)
    """What became of the paired samples in the base run, each counted once; left out where an
    earlier version wrote the file."""

    other_ends: Mapping[End, int] | None = field(default=None, metadata=LEAVE_OUT)
    """The same of the other run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemReply:
    """One model's reply to a question, and what was read in it."""

    value: float
    """What the reply is worth, on the benchmark's scale."""

    answer: str | None
    """The answer that was read; None where nothing could be read."""

    status: Status
    """How the sample ended."""

    reply: str
    """The reply, without its middle where it is long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemChange:
    """One question that the other model answered worse, or better, than the base."""

    benchmark: str
    """The benchmark."""

    id: str
    """The sample's id."""

    group: str
    """The sample's group, such as its subject."""

    question: str = ""
    """The question, without what other prompts begin with too; empty where it was not recorded."""

    target: str
    """The ground truth."""

    change: float
    """Change of the value as a share of the scale, from -1 to 1."""

    cause: Cause
    """Why the values differ."""

    base: ItemReply
    """The base's reply."""

    other: ItemReply
    """The other model's reply."""
