"""vLLM's /metrics page as the few numbers that a person watches."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf

# Here and not where it is first used: that is in the middle of a run, for 50 ms.
from prometheus_client.parser import text_string_to_metric_families

from evaluator.client.transport import Transport, courtesy

PREFIX = "vllm:"
TTFT = "time_to_first_token_seconds"
TO_ANSWER = 5.0  # seconds: a server that is frozen must not hold up the others' figures
WANTED = tuple(
    f"{PREFIX}{name}"
    for name in (
        "num_requests_running",
        "num_requests_waiting",
        "kv_cache_usage_perc",
        "num_preemptions_total",
        "prefix_cache_queries_total",
        "prefix_cache_hits_total",
        "prompt_tokens_total",
        "generation_tokens_total",
        TTFT,
    )
)


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts of observations up to each bound, in seconds, and the sum of all of them."""

    upto: Mapping[float, float] = field(default_factory=dict)  # bound to count, rising; inf is last
    total: float = 0.0

    @property
    def count(self) -> float:
        """How many there were."""
        return self.upto.get(inf, 0.0)

    @property
    def mean(self) -> float | None:
        """None where there were none."""
        return self.total / self.count if self.count else None

    def since(self, earlier: "Histogram") -> "Histogram":
        """What was observed after an earlier reading."""
        upto = {bound: count - earlier.upto.get(bound, 0.0) for bound, count in self.upto.items()}
        return Histogram(upto, self.total - earlier.total)

    def quantile(self, share: float) -> float | None:
        """Linear within its bucket, as Prometheus has it; above the last bound, that bound."""
        rank = share * self.count
        if not self.count:
            return None
        for (low, before), (high, upto) in pairwise([(0.0, 0.0), *self.upto.items()]):
            if upto >= rank and upto > before:
                return (
                    low if high == inf else low + (high - low) * (rank - before) / (upto - before)
                )
        return None


@dataclass(frozen=True, slots=True)
class ServerMetrics:
    """One reading, summed over engines.  Counters are totals since the server started."""

    running: int = 0
    waiting: int = 0
    kv_cache_use: float = 0.0  # share of the KV cache in use, 0 to 1: the fullest engine's
    preemptions: int = 0
    prefix_queries: int = 0  # prompt tokens looked up in the prefix cache
    prefix_hits: int = 0  # of these, found there
    prompt_tokens: int = 0
    output_tokens: int = 0
    ttft: Histogram = field(default_factory=Histogram)  # the server's own view of first tokens

    def prefix_hit_rate(self, since: "ServerMetrics") -> float | None:
        """Share of prompt tokens served from the prefix cache since an earlier reading."""
        queries = self.prefix_queries - since.prefix_queries
        return (self.prefix_hits - since.prefix_hits) / queries if queries > 0 else None


async def metrics_page(transport: Transport) -> str:
    """The server's /metrics; empty where there is none to be had."""
    page = await courtesy(transport.page("/metrics"), TO_ANSWER) or ""
    transport.liveness.see(page)
    return page


def parse(page: str) -> ServerMetrics | None:
    """The numbers on a Prometheus page; None when it is unreadable or not a vLLM server's."""
    try:
        return reading(page)
    except (ValueError, LookupError, OverflowError):  # a proxy's page, or half of one
        return None


def reading(page: str) -> ServerMetrics | None:
    """The numbers on a page; None where it has none of vLLM's.  Raises what its parser does."""
    # The page has thousands of lines of histograms: parsing them all each second is not free.
    wanted = "\n".join(line for line in page.splitlines() if line.startswith(WANTED))
    totals: dict[str, float] = {}
    buckets: dict[float, float] = {}
    fullest = 0.0
    for family in text_string_to_metric_families(wanted + "\n"):
        name = family.name.removeprefix(PREFIX).removesuffix("_total")
        values = [sample.value for sample in family.samples]
        totals[name] = totals.get(name, 0.0) + sum(values)
        if name == "kv_cache_usage_perc":
            fullest = max(fullest, *values)
        if name == f"{TTFT}_bucket":
            add_buckets(buckets, ((s.labels["le"], s.value) for s in family.samples))
    if "num_requests_running" not in totals:
        return None
    return ServerMetrics(
        running=int(totals["num_requests_running"]),
        waiting=int(totals.get("num_requests_waiting", 0)),
        kv_cache_use=fullest,
        preemptions=int(totals.get("num_preemptions", 0)),
        prefix_queries=int(totals.get("prefix_cache_queries", 0)),
        prefix_hits=int(totals.get("prefix_cache_hits", 0)),
        prompt_tokens=int(totals.get("prompt_tokens", 0)),
        output_tokens=int(totals.get("generation_tokens", 0)),
        ttft=Histogram(dict(sorted(buckets.items())), totals.get(f"{TTFT}_sum", 0.0)),
    )


def add_buckets(buckets: dict[float, float], samples: Iterable[tuple[str, float]]) -> None:
    """Adds the (bound, count) pairs of all engines."""
    for bound, count in samples:
        buckets[float(bound)] = buckets.get(float(bound), 0.0) + count
