"""The figures of one point, from its trips, by the formulas of vLLM's own benchmark.

TTFT      first piece of the reply - sent
TPOT      (latency - TTFT) / (output tokens - 1); none for replies of one token
ITL       the gap between one piece and the next; pieces of all replies pooled (vLLM's benchmark
          also counts the gap of about 0 after a chat's opening piece, which holds no token)
latency   last piece - sent
seconds   first request sent - last reply ended; rates are per these seconds, the drain included
goodput   replies that meet every bound of the SLO; a failed request meets none

The steady state is the time from the first request sent to the last one sent, in which the load is
what was asked for; the drain is what follows.  Times in seconds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import Any

from evaluator.perf.load import Trip
from evaluator.statistics.intervals import spread
from evaluator.types import Response

SLO_FIGURES = ("ttft", "tpot", "latency")
GOOD_SHARE = 0.95  # of the requests must meet the SLO for a point to meet it


def figures(trips: Sequence[Trip], peak: int, slo: Mapping[str, float]) -> dict[str, Any]:
    """All figures of a point; what cannot be known without the server's counts is None."""
    done = [(trip, trip.response) for trip in trips if trip.response]
    begin, last_sent = min(t.sent for t in trips), max(t.sent for t in trips)
    seconds = max(t.ended for t in trips) - begin
    counted = all(has_usage(reply) for _, reply in done) and bool(done)
    prompt_tokens = sum(reply.prompt_tokens for _, reply in done)
    output_tokens = sum(reply.output_tokens for _, reply in done)
    good = sum(meets(reply, slo) for _, reply in done)
    judged = bool(slo) and (counted or "tpot" not in slo)
    return {
        "requests": len(trips),
        "completed": len(done),
        "failed": len(trips) - len(done),
        "seconds": seconds,
        "requests_per_s": len(done) / seconds,
        "input_tokens_per_s": prompt_tokens / seconds if counted else None,
        "output_tokens_per_s": output_tokens / seconds if counted else None,
        "total_tokens_per_s": (prompt_tokens + output_tokens) / seconds if counted else None,
        "goodput_per_s": good / seconds if judged else None,
        "good_share": good / len(trips) if judged else None,
        "peak_concurrency": peak,
        "prompt_tokens": lengths(reply.prompt_tokens for _, reply in done) if counted else {},
        "output_tokens": lengths(reply.output_tokens for _, reply in done) if counted else {},
        "ttft": asdict(spread([ttft(reply) for _, reply in done])),
        "tpot": asdict(
            spread([tpot for _, reply in done if (tpot := per_token(reply)) is not None])
        ),
        "itl": asdict(spread([b - a for trip, _ in done for a, b in pairwise(trip.arrivals)])),
        "latency": asdict(spread([reply.latency for _, reply in done])),
        "delay": asdict(spread([trip.sent - trip.scheduled for trip in trips])),
        "steady": window(done, begin, last_sent, peak, counted),
        "drain": {
            "seconds": begin + seconds - last_sent,
            "requests": sum(trip.ended > last_sent for trip, _ in done),
        },
        "errors": error_counts(trips),
    }


def ttft(reply: Response) -> float:
    """Time to first token; that of an empty reply is its end."""
    return reply.latency if reply.ttft is None else reply.ttft


def per_token(reply: Response) -> float | None:
    """TPOT; None for a reply of one token, or of an unknown number."""
    if reply.output_tokens < 2:
        return None
    return (reply.latency - ttft(reply)) / (reply.output_tokens - 1)


def has_usage(reply: Response) -> bool:
    """Whether the server counted the tokens: no prompt is empty."""
    return reply.prompt_tokens > 0


def meets(reply: Response, slo: Mapping[str, float]) -> bool:
    """Whether the reply keeps every bound; the TPOT of a single token is 0, as vLLM has it."""
    values = {"ttft": ttft(reply), "tpot": per_token(reply) or 0.0, "latency": reply.latency}
    return all(values[name] <= bound for name, bound in slo.items())


def lengths(counts: Iterable[int]) -> dict[str, float]:
    """Mean, least and most."""
    values = list(counts)
    return {"mean": sum(values) / len(values), "min": min(values), "max": max(values)}


def window(
    done: Sequence[tuple[Trip, Response]], begin: float, end: float, peak: int, counted: bool
) -> dict[str, float | None] | None:
    """Rates in the steady state; None when it was too short for every slot to turn over once.

    A reply's tokens fall where its pieces came, so that replies which end in the drain count for
    the part that was made before.
    """
    requests = sum(trip.ended <= end for trip, _ in done)
    if requests < peak or end <= begin:
        return None
    tokens = sum(
        reply.output_tokens * sum(time <= end for time in trip.arrivals) / len(trip.arrivals)
        for trip, reply in done
        if trip.arrivals
    )
    seconds = end - begin
    return {
        "seconds": seconds,
        "requests_per_s": requests / seconds,
        "output_tokens_per_s": tokens / seconds if counted else None,
    }


def error_counts(trips: Sequence[Trip]) -> dict[str, int]:
    """How often each error came."""
    counts: dict[str, int] = {}
    for trip in trips:
        if trip.error:
            counts[trip.error] = counts.get(trip.error, 0) + 1
    return counts
