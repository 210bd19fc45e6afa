"""How a run was measured: the lines under its tables."""

from collections.abc import Iterator, Mapping, Sequence

from evaluator.locale import N_, joined
from evaluator.results.figures import Unmeasured
from evaluator.results.perf import Knee, PerfReport, SyntheticWorkload, WorkloadInfo
from evaluator.results.perf_point import CacheState, Lengths, PerfPoint

CACHE: Mapping[CacheState, str] = {
    "reset": N_("emptied before every point"),
    "salt": N_("cold: every point has a cache salt of its own"),
    "unique": N_("cannot be emptied here"),
    "warm": N_("left as it is"),
}


def method(report: PerfReport) -> Iterator[str]:
    """The lines, in the order in which a run is made."""
    points = report.points
    yield workload(report.workload)
    for name, arm in report.arms.items():
        flags = f" · {' '.join(arm.flags)}" if arm.flags else ""
        more = f" and {', '.join(arm.replicas)}" if arm.replicas else ""
        yield N_(
            "{name}: {model} at {base_url}{more}{flags}",
            name=name,
            model=arm.model,
            base_url=arm.base_url,
            more=more,
            flags=flags,
        )
    yield from token_counts(points)
    yield prefix_cache(points, report.workload)
    yield N_(
        "columns: arm, a server or a setting of it; req/s and out tok/s, requests and output "
        "tokens per second by vLLM's formulas; 95 %, how far the interval of the tokens reaches; "
        "steady, output tokens per second until the last request was sent, without the drain of "
        "{range}; peak, the most requests in flight; hits, share of the prompt tokens found in "
        "the server's prefix cache",
        range=shortest_longest([point.drain.seconds for point in points]),
    )
    yield N_(
        "TTFT: time to the first token; TPOT: time per output token after it; ITL: time between "
        "two pieces of a stream; latency: until the reply was whole"
    )
    yield server(points)
    if clients := [point.clients for point in points if point.clients]:
        yield N_(
            "client: up to {n} processes shared the load of a point, on one clock", n=max(clients)
        )
    if report.slo:
        bounds = ", ".join(f"{name} {bound * 1000:g} ms" for name, bound in report.slo.items())
        yield N_(
            "SLO (service level objective): {bounds}; to be met by 95 % of the requests",
            bounds=bounds,
        )
    for name, found in report.knees.items():
        yield knee(name, found)


def workload(asked: WorkloadInfo) -> str:
    """What was asked."""
    if isinstance(asked, SyntheticWorkload):
        what: str = N_(
            "synthetic prompts of {prompt} tokens, replies of {reply}",
            prompt=asked.prompt_tokens,
            reply=asked.output_tokens,
        )
    else:
        what = N_("{n} {n:prompt|prompts} of {name}", n=asked.rows, name=asked.name)
        if asked.left_out:
            without = N_(
                "{n} {n:conversation|conversations} without a question left out", n=asked.left_out
            )
            what = joined(" · ", (what, without))
    return N_(
        "workload: {what} · seed {seed} · fingerprint {fingerprint}",
        what=what,
        seed=asked.seed,
        fingerprint=asked.fingerprint,
    )


def token_counts(points: Sequence[PerfPoint]) -> Iterator[str]:
    """The lengths by the server's own count."""
    prompts = counted(point.prompt_tokens for point in points)
    replies = counted(point.output_tokens for point in points)
    if prompts:
        yield N_(
            "tokens by the server's count: prompts {prompts}, replies {replies}",
            prompts=overall(prompts),
            replies=overall(replies),
        )


def counted(lengths: Iterator[Lengths | Unmeasured]) -> list[Lengths]:
    """Those that the server counted."""
    return [length for length in lengths if isinstance(length, Lengths)]


def overall(lengths: Sequence[Lengths]) -> str:
    """Mean, least and most over the points."""
    mean = sum(length.mean for length in lengths) / len(lengths)
    least, most = min(length.min for length in lengths), max(length.max for length in lengths)
    ends = span(f"{least:.0f}", f"{most:.0f}")
    return ends if least == most else N_("{mean:.1f} ({ends})", mean=mean, ends=ends)


def prefix_cache(points: Sequence[PerfPoint], asked: WorkloadInfo) -> str:
    """How the prefix cache was kept cold."""
    texts = dict(CACHE)
    if isinstance(asked, SyntheticWorkload):
        texts["unique"] = N_("cannot be emptied here: no prompt is sent twice in a run")
    states = dict.fromkeys(point.cache for point in points)
    found = joined("; ", (texts[state] for state in states))
    return N_("prefix cache: {states}", states=found)


def shortest_longest(seconds: Sequence[float]) -> str:
    """A range of times."""
    return N_("{span} s", span=span(f"{min(seconds):.1f}", f"{max(seconds):.1f}"))


def span(least: str, most: str) -> str:
    """A range, or the one value that it is."""
    return least if least == most else N_("{least} to {most}", least=least, most=most)


def server(points: Sequence[PerfPoint]) -> str:
    """The server's own view, beside the client's."""
    seen = [point.server for point in points if point.server]
    if not seen:
        return N_("the server shows no /metrics: only the client's view is known")
    line = N_(
        "server: KV cache at most {kv:.0%}, {preemptions} {preemptions:preemption|preemptions}, at "
        "most {waiting} waiting",
        kv=max(each.most_kv_cache_use for each in seen),
        preemptions=sum(each.preemptions for each in seen),
        waiting=max(each.most_waiting for each in seen),
    )
    both = [pair for point in points if (pair := mean_ttfts(point))]
    if not both:
        return line
    theirs, ours = (1000 * sum(side) / len(both) for side in zip(*both, strict=True))
    clocks = N_(
        "mean TTFT {theirs:.1f} ms by its own clock, {ours:.1f} ms by ours",
        theirs=theirs,
        ours=ours,
    )
    return joined("; ", (line, clocks))


def mean_ttfts(point: PerfPoint) -> tuple[float, float] | None:
    """Mean TTFT by the server's clock and by ours, where both are known."""
    theirs = point.server.ttft.mean if point.server else None
    ours = point.ttft.mean
    return None if theirs is None or ours is None else (theirs, ours)


def knee(name: str, found: Knee) -> str:
    """What a search found."""
    if found.best is None:
        return N_("knee of {name}: not even 1 at once meets the SLO", name=name)
    but = ""
    if found.met != found.repeats:
        but = N_(
            " (only in {met} of {repeats} repeats: the server's speed changes)",
            met=found.met,
            repeats=found.repeats,
        )
    if found.worse is None:
        return N_(
            "knee of {name}: {best} at once still meet the SLO{but}; no more were tried",
            name=name,
            best=found.best,
            but=but,
        )
    return N_(
        "knee of {name}: {best} at once meet the SLO{but}, {worse} do not",
        name=name,
        best=found.best,
        but=but,
        worse=found.worse,
    )
