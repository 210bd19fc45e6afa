"""The figures of one point, from its timed requests, by the formulas of vLLM's own benchmark.

One difference: vLLM's benchmark also counts the gap of about 0 after a chat's opening piece, which
holds no token, as an inter-token latency.  Times in seconds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from math import inf

from evaluator.client.watch import CachedTokens
from evaluator.perf.load.generator import Load, TimedRequest
from evaluator.perf.load.sending import SentPart
from evaluator.results.figures import Unmeasured
from evaluator.results.perf_point import (
    Accuracy,
    CacheState,
    Drain,
    Lengths,
    PerfPoint,
    ServerFigures,
    Steady,
)
from evaluator.statistics.intervals import spread
from evaluator.types import Response

GOOD_SHARE = 0.95  # of the requests must meet the SLO for a point to meet it


@dataclass(frozen=True, slots=True)
class Setting:
    """What a point measures: one load on one arm in one repeat."""

    arm: str
    load: Load
    repeat: int
    cache: CacheState


def perf_point(
    setting: Setting,
    part: SentPart,
    slo: Mapping[str, float],
    server: ServerFigures | None,
    accuracy: Accuracy | None,
) -> PerfPoint:
    """All figures of a point; what cannot be known without the server's counts is None."""
    load, sent = setting.load, SentRequests(part.timed)
    replies, good = sent.replies, sent.meeting(slo)
    return PerfPoint(
        arm=setting.arm,
        load=load.label,
        concurrency=load.concurrency,
        rate=finite(load.rate),
        burstiness=finite(load.burstiness),
        repeat=setting.repeat,
        cache=setting.cache,
        requests=len(sent.timed),
        completed=len(replies),
        failed=len(sent.timed) - len(replies),
        seconds=sent.seconds,
        requests_per_s=len(replies) / sent.seconds,
        input_tokens_per_s=sent.token_rate(sent.prompt_tokens),
        output_tokens_per_s=sent.token_rate(sent.output_tokens),
        total_tokens_per_s=sent.token_rate(sent.prompt_tokens + sent.output_tokens),
        goodput_per_s=None if good is None else good / sent.seconds,
        good_share=None if good is None else good / len(sent.timed),
        peak_concurrency=sent.peak,
        prompt_tokens=lengths([reply.prompt_tokens for reply in replies if sent.counted]),
        output_tokens=lengths([reply.output_tokens for reply in replies if sent.counted]),
        ttft=spread([ttft(each) for each in replies]),
        tpot=spread([tpot for tpot in map(per_token, replies) if tpot is not None]),
        itl=spread([b - a for each in sent.completed for a, b in pairwise(each.arrivals)]),
        latency=spread([reply.latency for reply in replies]),
        delay=spread([each.sent - each.scheduled for each in sent.timed]),
        steady=None if load.rate == inf else sent.steady(),  # what is sent at once is all drain
        drain=sent.drain(),
        errors=error_counts(sent.timed),
        server=server,
        client=part.client,
        accuracy=accuracy,
        cached_share=sent.cached_share,
        reconnected=part.reconnected or None,
        refused=dict(part.refused) or None,
        adapted=dict(part.adapted) or None,
        clients=len(part.clients) if len(part.clients) > 1 else None,
    )


class SentRequests:
    """The requests of a point, and the replies among them.  Times on the clock of perf_counter."""

    def __init__(self, timed: Sequence[TimedRequest]) -> None:
        self.timed = timed
        self.peak = most_at_once(timed)
        self.completed = [each for each in timed if each.response]
        self.replies = [each.response for each in timed if each.response]
        self.begin = min(each.sent for each in timed)
        self.last_sent = max(each.sent for each in timed)
        self.seconds = max(each.ended for each in timed) - self.begin
        self.prompt_tokens = sum(reply.prompt_tokens for reply in self.replies)
        self.output_tokens = sum(reply.output_tokens for reply in self.replies)

    @cached_property
    def counted(self) -> bool:
        """Whether the server counted the tokens of every reply: no prompt is empty."""
        return bool(self.replies) and all(reply.prompt_tokens > 0 for reply in self.replies)

    @property
    def cached_share(self) -> float | None:
        """Share of prompt tokens that the replies say were cached; None where none says it."""
        told = CachedTokens()
        for reply in self.replies:
            told.add(reply)
        return told.hit_rate

    def token_rate(self, tokens: int) -> float | None:
        """Tokens a second; None where the server did not count them."""
        return tokens / self.seconds if self.counted else None

    def meeting(self, slo: Mapping[str, float]) -> int | None:
        """Replies that meet the SLO; None without one, or where its TPOT is not known."""
        if not slo or ("tpot" in slo and not self.counted):
            return None
        return sum(meets(reply, slo) for reply in self.replies)

    def steady(self) -> Steady | None:
        """Rates in the steady state; None when it was too short for every slot to turn over once.

        A reply's tokens fall where its pieces came, so that replies which end in the drain count
        for the part that was made before.
        """
        end, seconds = self.last_sent, self.last_sent - self.begin
        requests = sum(each.ended <= end for each in self.completed)
        if requests < self.peak or seconds <= 0:
            return None
        pairs = zip(self.completed, self.replies, strict=True)
        tokens = sum(tokens_until(end, reply, each.arrivals) for each, reply in pairs)
        return Steady(
            seconds=seconds,
            requests_per_s=requests / seconds,
            output_tokens_per_s=tokens / seconds if self.counted else None,
        )

    def drain(self) -> Drain:
        """What came after the last request was sent."""
        return Drain(
            seconds=self.begin + self.seconds - self.last_sent,
            requests=sum(each.ended > self.last_sent for each in self.completed),
        )


def most_at_once(timed: Sequence[TimedRequest]) -> int:
    """Most requests that were under way, by all clients; one that ends makes room at once."""
    changes = [(each.sent, 1) for each in timed] + [(each.ended, -1) for each in timed]
    return max(accumulate(change for _, change in sorted(changes)), default=0)


def tokens_until(end: float, reply: Response, arrivals: Sequence[float]) -> float:
    """The reply's tokens that came until then: as many as its pieces, were all of one length."""
    if not arrivals:
        return 0.0
    return reply.output_tokens * sum(time <= end for time in arrivals) / len(arrivals)


def ttft(reply: Response) -> float:
    """Time to first token; that of an empty reply is its end."""
    return reply.latency if reply.ttft is None else reply.ttft


def per_token(reply: Response) -> float | None:
    """TPOT; None for a reply of one token, or of an unknown number."""
    if reply.output_tokens < 2:
        return None
    return (reply.latency - ttft(reply)) / (reply.output_tokens - 1)


def meets(reply: Response, slo: Mapping[str, float]) -> bool:
    """Whether the reply keeps every bound; the TPOT of a single token is 0, as vLLM has it."""
    values = {"ttft": ttft(reply), "tpot": per_token(reply) or 0.0, "latency": reply.latency}
    return all(values[name] <= bound for name, bound in slo.items())


def finite(number: float | None) -> float | None:
    """The number; None where it is infinite, which JSON cannot say."""
    return None if number == inf else number


def lengths(counts: Sequence[int]) -> Lengths | Unmeasured:
    """Mean, least and most tokens."""
    if not counts:
        return Unmeasured()
    return Lengths(mean=sum(counts) / len(counts), min=min(counts), max=max(counts))


def error_counts(timed: Iterable[TimedRequest]) -> dict[str, int]:
    """How often each error came."""
    counts: dict[str, int] = {}
    for each in timed:
        if each.error:
            counts[each.error] = counts.get(each.error, 0) + 1
    return counts
