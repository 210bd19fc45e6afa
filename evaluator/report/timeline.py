"""A run's replies over time, and the spread of their times and lengths."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from evaluator.results.timeline import BarCounts, Timeline

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Column = NDArray[np.floating]

BINS = 120  # points of a curve over time
BARS = 40  # bars of a histogram
FAR = 99.5  # percentile beyond which a histogram's last bar holds the rest


def timeline(
    starts: Sequence[float],
    latency: Sequence[float],
    tokens: Sequence[float],
    ttft: Sequence[float],
) -> Timeline | None:
    """The replies that began at `starts` (seconds since the epoch); None where there are none."""
    import numpy as np

    if not len(starts):
        return None
    begin, end = without_pauses(np.asarray(starts), np.asarray(latency))
    step = max(float(end.max()), 1e-3) / BINS
    ended = np.minimum((end / step).astype(int), BINS - 1)
    per_second = 1 / step
    return Timeline(
        step=step,
        replies_per_s=rounded(np.bincount(ended, minlength=BINS) * per_second),
        output_tokens_per_s=rounded(np.bincount(ended, tokens, minlength=BINS) * per_second),
        in_flight=rounded((seconds_since(begin, step) - seconds_since(end, step)) * per_second),
        latency=histogram(latency),
        output_tokens=histogram(tokens) if any(tokens) else None,
        ttft=histogram(ttft) if len(ttft) else None,
    )


def without_pauses(starts: "Column", latency: "Column") -> "tuple[Column, Column]":
    """Start and end of each span, counted from the first, as if there had been no pauses.

    A pause is a time in which no span was open.
    """
    import numpy as np

    order = np.argsort(starts, kind="stable")
    begin, end = starts[order], (starts + latency)[order]
    reached = np.maximum.accumulate(end)
    pause = np.maximum(0.0, begin[1:] - reached[:-1])
    shift = begin[0] + np.concatenate([[0.0], np.cumsum(pause)])
    return begin - shift, end - shift


def seconds_since(moments: "Column", step: float) -> "Column":
    """For each bin, the seconds of it that are past a moment, summed over all moments."""
    import numpy as np

    edges = np.arange(BINS + 1) * step
    in_order = np.sort(moments)
    total = np.concatenate([[0.0], np.cumsum(in_order)])
    past = np.searchsorted(in_order, edges)
    return np.diff(past * edges - total[past])


def histogram(values: Sequence[float]) -> BarCounts:
    """Bars of equal width; what lies far out is in the last one."""
    import numpy as np

    column = np.asarray(values, dtype=float)
    last = float(np.percentile(column, FAR))
    counts, edges = np.histogram(np.minimum(column, last), bins=BARS, range=(0.0, last or 1.0))
    return BarCounts(edges=rounded(edges), counts=counts.tolist())


def rounded(column: "Column") -> list[float]:
    """Five figures are enough for a chart."""
    return [float(f"{value:.5g}") for value in column.tolist()]
