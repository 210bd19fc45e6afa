"""Hand-made requests and points, with figures that are known beforehand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from evaluator.perf.load.generator import Load, TimedRequest
from evaluator.perf.load.sending import SentPart
from evaluator.perf.report.figures import Setting, perf_point
from evaluator.results.perf_point import ClientFigures, Lengths, PerfPoint
from evaluator.types import Response

IDLE = ClientFigures(cpu=0.1, lag=0.0, bound_share=0.0)


def reply(ttft: float | None, latency: float, tokens: int, prompt_tokens: int = 10) -> Response:
    return Response(
        "k", "x", prompt_tokens=prompt_tokens, output_tokens=tokens, ttft=ttft, latency=latency
    )


def timed(sent: float, response: Response, pieces: Sequence[float] = ()) -> TimedRequest:
    """A request whose reply had its pieces at these seconds after the sending."""
    arrivals = [sent + piece for piece in pieces]
    return TimedRequest("0", sent, sent, sent + response.latency, response, arrivals)


def figures(
    requests: Sequence[TimedRequest],
    peak: int,
    slo: Mapping[str, float] | None = None,
    client: ClientFigures = IDLE,
) -> PerfPoint:
    """The point of these requests, of a closed loop with a warm cache."""
    setting = Setting("A", Load(concurrency=peak), 1, "warm")
    return perf_point(setting, SentPart(requests, [client]), slo or {}, None, None)


# Two slots, four requests of 3 tokens: first token after 1 s, then one a second: 3 s each.
PIECES = (1.0, 2.0, 3.0)
FOUR = [timed(sent, reply(1.0, 3.0, 3), PIECES) for sent in (0.0, 0.0, 3.0, 3.0)]


def lengths(tokens: float) -> Lengths:
    """All of one length."""
    return Lengths(mean=tokens, min=int(tokens), max=int(tokens))


def point(arm: str, repeat: int, rate: float, tokens: float = 100.0, **other: Any) -> PerfPoint:
    """One with an output rate and lengths of replies; `other` fields are set as they are given."""
    known: dict[str, Any] = {
        "arm": arm,
        "load": "8 at once",
        "concurrency": 8,
        "repeat": repeat,
        "completed": 48,
        "output_tokens_per_s": rate,
        "prompt_tokens": lengths(256.0),
        "output_tokens": lengths(tokens),
    }
    return replace(figures(FOUR, 2), **known | other)
