"""One point of perf.json: one load on one arm in one repeat.

Times are in seconds and rates per second, by the client's clock, unless a field says otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from evaluator.results.figures import LEAVE_OUT, Interval, Spread, Unmeasured

CacheState = Literal["reset", "salt", "unique", "warm"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """Tokens a request, by the server's own count (`usage`)."""

    mean: float
    """Mean over the requests."""
    min: int
    """The shortest."""
    max: int
    """The longest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steady:
    """The steady state: from the first request sent to the last one sent."""

    seconds: float
    """Its length."""
    requests_per_s: float
    """Requests that ended in it, per second."""
    output_tokens_per_s: float | None
    """A reply counts for the part that came in this time; None without the server's counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drain:
    """What follows the last request sent."""

    seconds: float
    """Its length."""
    requests: int
    """Replies that ended in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerTtft:
    """Time to first token by the server's own histogram; None where it counted none."""

    mean: float | None
    """Seconds, the mean."""
    p50: float | None
    """Seconds, the median."""
    p90: float | None
    """Seconds, the 90th percentile."""
    p99: float | None
    """Seconds, the 99th percentile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFigures:
    """The server's /metrics over the time of the point, warm-up excluded."""

    prefix_hit_rate: float | None
    """Share of prompt tokens found in the prefix cache, 0 to 1; None where it does not say."""
    most_kv_cache_use: float
    """Largest share of the KV cache in use, 0 to 1, of one reading a second."""
    most_waiting: int
    """Most requests in the server's queue, of one reading a second."""
    preemptions: int
    """Requests that the server set aside for want of KV cache."""
    prompt_tokens: int
    """Tokens of prompts that the server read."""
    output_tokens: int
    """Tokens that the server wrote."""
    ttft: ServerTtft
    """Time to first token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFigures:
    """How busy the client was, which must not be the bottleneck; of several the busiest."""

    cpu: float
    """Share of one core, 0 to 1."""
    lag: float
    """Seconds that its event loop was behind, at worst."""
    bound_share: float
    """Share of the time in which it was the bottleneck, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """The score of the timed replies of a point."""

    benchmark: str
    """Name of the benchmark."""
    metric: str
    """What its value measures."""
    value: float | None
    """Mean over the samples that were answered, on the benchmark's scale."""
    ci95: Interval | None
    """Ends of the 95 % interval; None where nothing can be said of it."""
    samples: int
    """Samples that were answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PerfPoint:
    """One load on one arm in one repeat, by the formulas of vLLM's own benchmark.

    Rates are over `seconds`, the drain included.  Token counts are the server's; without them
    everything that needs them is None or empty.
    """

    arm: str
    """Name of the server."""
    load: str
    """As tables show it: "8 at once", "2.5/s", "all at once"."""
    concurrency: int | None
    """Requests in flight, of a closed loop."""
    rate: float | None
    """Requests a second, of an open loop; None: all at once, or a closed loop."""
    burstiness: float | None
    """Shape of the gamma distribution of the gaps; None: even gaps."""
    repeat: int
    """From 1."""
    cache: CacheState
    """Prefix cache: emptied before the point, salted for it, not touched, or left warm."""
    requests: int
    """Requests sent."""
    completed: int
    """Requests answered in full."""
    failed: int
    """Requests that ended in an error."""
    seconds: float
    """From the first request sent to the end of the last reply."""
    requests_per_s: float
    """Completed requests per second."""
    input_tokens_per_s: float | None
    """Tokens of prompts per second; None without the server's counts."""
    output_tokens_per_s: float | None
    """Tokens of replies per second; None without the server's counts."""
    total_tokens_per_s: float | None
    """Tokens of prompts and replies per second; None without the server's counts."""
    goodput_per_s: float | None
    """Replies a second that meet every bound of the SLO; None without an SLO."""
    good_share: float | None
    """Share of all requests that meet the SLO, 0 to 1; a failed one does not."""
    peak_concurrency: int
    """Most requests that were in flight."""
    prompt_tokens: Lengths | Unmeasured
    """Tokens of the prompts."""
    output_tokens: Lengths | Unmeasured
    """Tokens of the replies."""
    ttft: Spread | Unmeasured
    """Time to first token: first piece of the reply - sent."""
    tpot: Spread | Unmeasured
    """Time per output token: (latency - TTFT) / (output tokens - 1), of replies of two and more."""
    itl: Spread | Unmeasured
    """Inter-token latency: the gap between pieces, those of all replies pooled."""
    latency: Spread | Unmeasured
    """Last piece - sent."""
    delay: Spread | Unmeasured
    """Sent - scheduled; 0 in a closed loop."""
    steady: Steady | None
    """None where not every slot turned over once."""
    drain: Drain
    """What follows the last request sent."""
    errors: Mapping[str, int]
    """How often each error came."""
    server: ServerFigures | None
    """None where the server shows no /metrics of vLLM's."""
    client: ClientFigures
    """How busy the client was."""
    accuracy: Accuracy | None
    """None without --with-accuracy."""
    cached_share: float | None = field(default=None, metadata=LEAVE_OUT)
    """Share of prompt tokens from the prefix cache by the replies' usage, 0 to 1; left out where
    that does not say."""
    reconnected: int | None = field(default=None, metadata=LEAVE_OUT)
    """Requests that met a closed idle connection; sent again at once, and timed from then."""
    refused: Mapping[str, str] | None = field(default=None, metadata=LEAVE_OUT)
    """Fields that the server refused, with its words; it was asked without them."""
    adapted: Mapping[str, str] | None = field(default=None, metadata=LEAVE_OUT)
    """Fields that were sent otherwise than asked, and how."""
    clients: int | None = field(default=None, metadata=LEAVE_OUT)
    """Client processes that shared the load; left out for one."""

    @property
    def hit_rate(self) -> float | None:
        """Share of prompt tokens from the prefix cache: by /metrics, else by the replies."""
        told = self.server.prefix_hit_rate if self.server else None
        return self.cached_share if told is None else told

    @property
    def steady_tokens_per_s(self) -> float | None:
        """Output tokens a second in the steady state, where there is one."""
        return self.steady.output_tokens_per_s if self.steady else None
