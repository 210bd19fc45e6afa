"""A mean with its interval, and a distribution: the parts that several files share."""

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar

from evaluator.results.names import Scale

Interval = tuple[float, float]  # its ends, lower first
LEFT_OUT = "left out where None"
LEAVE_OUT = MappingProxyType({LEFT_OUT: True})  # marks a field that no file has where it is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """The mean of a quantity over samples."""

    value: float | None
    """In the quantity's own unit; None where no sample was measured."""

    ci95: Interval | None
    """Ends of the 95 % interval; None where nothing can be said of it."""

    samples: int
    """How many samples the mean is over."""

    scale: Scale | None = field(default=None, metadata=LEAVE_OUT)
    """The least and the most that it can be; left out where it is on the benchmark's own scale."""

    expected: Interval | None = field(default=None, metadata=LEAVE_OUT)
    """The range of a judge that can be trusted; left out where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension(Figure):
    """A further figure of the same samples. The counts are there where samples were repeated."""

    replies: int | None = field(default=None, metadata=LEAVE_OUT)
    """How many replies have the dimension."""

    replies_asked: int | None = field(default=None, metadata=LEAVE_OUT)
    """How many replies were asked for, of the samples that have the dimension."""

    sum: float | None = field(default=None, metadata=LEAVE_OUT)
    """Sum of the dimension over the replies that have it."""


NOTHING = Figure(value=None, ci95=None, samples=0)  # of no samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Mean and percentiles of a quantity, in its own unit; times are in seconds."""

    mean: float
    """The arithmetic mean."""

    p50: float
    """The median."""

    p90: float
    """The 90th percentile."""

    p95: float
    """The 95th percentile."""

    p99: float
    """The 99th percentile."""


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """Stands where a `Spread` would if anything had been measured: `{}` in the files."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}  # nothing else is an empty distribution
    mean: ClassVar[None] = None
    p50: ClassVar[None] = None
    p90: ClassVar[None] = None
    p95: ClassVar[None] = None
    p99: ClassVar[None] = None


Distribution = Spread | Unmeasured
