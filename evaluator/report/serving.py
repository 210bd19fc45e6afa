"""What serving the model's replies took, from the journal."""

from array import array
from collections import defaultdict
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from evaluator.journal.lines import Timing, timings
from evaluator.report.timeline import timeline
from evaluator.results.folder import RunFolder
from evaluator.results.run import RunInfo
from evaluator.results.serving import ServingResult
from evaluator.results.spending import RolePrice, RoleSpending
from evaluator.statistics.intervals import spread


@dataclass(slots=True)
class ReplyTimes:
    """Times and lengths of replies, sent now or in an earlier session; times are in seconds."""

    sent_at: "array[float]" = field(default_factory=lambda: array("d"))
    latency: "array[float]" = field(default_factory=lambda: array("d"))
    ttft: "array[float]" = field(default_factory=lambda: array("d"))
    tpot: "array[float]" = field(default_factory=lambda: array("d"))
    tokens: "array[float]" = field(default_factory=lambda: array("d"))
    retries: int = 0
    uncounted: int = 0  # replies whose tokens the server did not count
    prompt_tokens: int = 0
    output_tokens: int = 0

    def add(self, reply: Timing) -> None:
        self.sent_at.append(reply.sent_at)
        self.latency.append(reply.latency)
        self.retries += reply.attempts - 1
        self.uncounted += not (reply.prompt_tokens or reply.output_tokens)
        self.prompt_tokens += reply.prompt_tokens
        self.output_tokens += reply.output_tokens
        self.tokens.append(reply.output_tokens)
        if reply.ttft is not None:
            self.ttft.append(reply.ttft)
            if reply.output_tokens > 1:
                self.tpot.append((reply.latency - reply.ttft) / (reply.output_tokens - 1))


@dataclass(slots=True)
class RoleTokens:
    """What the replies of a role took, used or not: they were paid for."""

    replies: int = 0
    uncounted: int = 0
    prompt: int = 0
    cached: int = 0
    output: int = 0

    def add(self, reply: Timing) -> None:
        self.replies += 1
        self.uncounted += not (reply.prompt_tokens or reply.output_tokens)
        self.prompt += reply.prompt_tokens
        self.cached += reply.cached_tokens or 0
        self.output += reply.output_tokens

    def spending(self, price: RolePrice | None) -> RoleSpending:
        """The same with what it cost, where that is known."""
        counted = not self.uncounted
        known = price if counted else None
        return RoleSpending(
            model=price.model if price else None,
            replies=self.replies,
            prompt_tokens=self.prompt if counted else None,
            cached_tokens=self.cached if counted else None,
            output_tokens=self.output if counted else None,
            cost=known.cost(self.prompt, self.cached, self.output) if known else None,
            currency=price.currency if price else None,
        )


def serving_result(folder: Path, run: RunInfo, keys: Set[bytes]) -> ServingResult:
    """What the session sent, and what the model's replies under these keys took."""
    replies, damaged = ReplyTimes(), 0
    spent: defaultdict[str, RoleTokens] = defaultdict(RoleTokens)
    for timing in chain.from_iterable(map(timings, RunFolder(folder).journals)):
        if timing is None:
            damaged += 1
            continue
        spent[timing.role].add(timing)
        if timing.role == "model" and timing.key in keys:
            replies.add(timing)
    seconds, all_counted = busy(replies.sent_at, replies.latency), not replies.uncounted
    return ServingResult(
        requests=run.requests,
        replayed=run.replayed,
        faults=run.faults,
        concurrency=run.concurrency,
        client=run.client,
        refused=run.refused,
        adapted=run.adapted or {},
        roles=run.roles or {},
        prefix_hit_rate=run.prefix_hit_rate,
        damaged=damaged,
        retries=replies.retries,
        seconds=seconds,
        requests_per_s=per_second(len(replies.latency), seconds),
        prompt_tokens=replies.prompt_tokens if all_counted else None,
        output_tokens=replies.output_tokens if all_counted else None,
        output_tokens_per_s=per_second(replies.output_tokens, seconds) if all_counted else None,
        uncounted=replies.uncounted,
        ttft=spread(replies.ttft),
        tpot=spread(replies.tpot),
        latency=spread(replies.latency),
        timeline=timeline(replies.sent_at, replies.latency, replies.tokens, replies.ttft),
        spending={role: of.spending((run.prices or {}).get(role)) for role, of in spent.items()},
        kv_cache=run.kv_cache,
    )


def per_second(count: int, seconds: float) -> float:
    """A rate; 0 where nothing was sent."""
    return count / seconds if seconds else 0.0


def busy(starts: Sequence[float], lengths: Sequence[float]) -> float:
    """Seconds covered by at least one of the spans."""
    import numpy as np

    order = np.lexsort((lengths, starts))
    in_order = (np.asarray(each)[order].tolist() for each in (starts, lengths))
    total, until = 0.0, float("-inf")
    for start, length in zip(*in_order, strict=True):
        end = start + length
        if end > until:
            total += end - (start if start > until else until)
            until = end
    return total
