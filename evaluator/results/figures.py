"""A mean with its interval, and a distribution: the parts that several files share."""

from dataclasses import dataclass

Interval = tuple[float, float]  # its ends, lower first


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """The mean of a quantity over samples."""

    value: float | None
    """In the quantity's own unit; None where no sample was measured."""

    ci95: Interval | None
    """Ends of the 95 % interval; None where nothing can be said of it."""

    samples: int
    """How many samples the mean is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Mean and percentiles of a quantity, in its own unit; times are in seconds."""

    mean: float
    p50: float
    p90: float
    p95: float
    p99: float


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """Stands where a `Spread` would if anything had been measured: `{}` in the files."""


Distribution = Spread | Unmeasured
