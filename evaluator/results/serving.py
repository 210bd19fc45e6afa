"""What serving a run's model took: `serving` of report.json."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from evaluator.results.figures import LEAVE_OUT, Distribution
from evaluator.results.session import ClientLoad, Concurrency, RoleServing
from evaluator.results.spending import RoleSpending
from evaluator.results.timeline import KvCacheUse, Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingResult:
    """What serving took. `requests` to `prefix_hit_rate` are of the last session that sent a
    request; the rest is of all replies in use, whenever they came. Times are in seconds."""

    requests: int
    """Requests that this session sent."""

    replayed: int
    """Replies that this session took from the journal."""

    faults: Mapping[str, int]
    """Passing failures by kind, each of which was tried again."""

    concurrency: Concurrency | None
    """Requests in flight at the end; None where nothing was sent yet."""

    client: ClientLoad | None
    """How the client itself did; None where nothing was sent yet."""

    refused: Mapping[str, Mapping[str, str]]
    """By endpoint: fields that it refused, with its words."""

    adapted: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By endpoint: fields that were sent otherwise than asked, and how."""

    roles: Mapping[str, RoleServing] = field(default_factory=dict)
    """What the other roles, the judges, were asked."""

    prefix_hit_rate: float | None = None
    """Share of the model's prompt tokens that came from the server's prefix cache, 0 to 1; None
    where the server does not tell."""

    damaged: int
    """Lines of responses.jsonl that could not be read; their replies are asked for again."""

    retries: int
    """Attempts beyond the first, over the model's replies."""

    seconds: float
    """Time with at least one request to the model in flight."""

    requests_per_s: float
    """The model's replies over `seconds`."""

    prompt_tokens: int | None
    """Tokens of the prompts, by the server's count; None where it did not count every reply's."""

    output_tokens: int | None
    """Tokens of the replies; None likewise."""

    output_tokens_per_s: float | None
    """`output_tokens` over `seconds`; None likewise."""

    uncounted: int = 0
    """Replies whose tokens the server did not count."""

    ttft: Distribution
    """Time to the first token, of streamed replies."""

    tpot: Distribution
    """Time per output token, as vLLM has it: (latency - ttft) / (output tokens - 1)."""

    latency: Distribution
    """Time from sending a request to its whole reply."""

    timeline: Timeline | None = None
    """The replies over time, for charts; None where there are none."""

    spending: Mapping[str, RoleSpending] = field(default_factory=dict)
    """What all replies in the journal took, by role: `model`, `judge`, `judge-2`, ..."""

    kv_cache: KvCacheUse | None = field(default=None, metadata=LEAVE_OUT)
    """Use of the KV cache in the last session; left out where the server does not tell."""
