"""How a run's replies came over time, and how their times and lengths spread."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BarCounts:
    """Counts of a quantity between edges; the last bin holds its upper edge too."""

    edges: Sequence[float]
    """Edges of the bins, in the quantity's own unit: one more than there are counts."""

    counts: Sequence[int]
    """Replies in each bin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The model's replies over the seconds in which one at least was in flight.

    Time in which nothing was asked, as between two sessions, is left out.
    """

    step: float
    """Seconds of one bin."""

    replies_per_s: Sequence[float]
    """Replies that ended, per second, by bin."""

    output_tokens_per_s: Sequence[float]
    """Their tokens, per second."""

    in_flight: Sequence[float]
    """Mean number of requests in flight."""

    latency: BarCounts
    """Seconds from sending a request to its whole reply."""

    output_tokens: BarCounts | None
    """Tokens of a reply; None where the server does not count them."""

    ttft: BarCounts | None
    """Seconds to the first token; None where nothing was streamed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KvCacheUse:
    """How much of the KV cache was in use over the seconds of a session."""

    step: float
    """Seconds of one bin."""

    shares: Sequence[float]
    """Highest share in use in each bin, 0 to 1: of the fullest engine."""
