"""How a run was measured: the lines under its tables."""

from collections.abc import Iterator, Mapping, Sequence

from evaluator.results.figures import Unmeasured
from evaluator.results.perf import Knee, PerfReport, SyntheticWorkload, WorkloadInfo
from evaluator.results.perf_point import CacheState, Lengths, PerfPoint

CACHE: Mapping[CacheState, str] = {
    "reset": "emptied before every point",
    "salt": "cold: every point has a cache salt of its own",
    "unique": "cannot be emptied here",
    "warm": "left as it is",
}


def method(report: PerfReport) -> Iterator[str]:
    """The lines, in the order in which a run is made."""
    points = report.points
    yield workload(report.workload)
    for name, arm in report.arms.items():
        flags = f" · {' '.join(arm.flags)}" if arm.flags else ""
        more = f" and {', '.join(arm.replicas)}" if arm.replicas else ""
        yield f"{name}: {arm.model} at {arm.base_url}{more}{flags}"
    yield from token_counts(points)
    yield prefix_cache(points, report.workload)
    yield (
        "req/s and tok/s by vLLM's formulas, the drain included; steady: up to the last request "
        f"sent; drain {shortest_longest([point.drain.seconds for point in points])}"
    )
    yield server(points)
    if report.slo:
        bounds = ", ".join(f"{name} {bound * 1000:g} ms" for name, bound in report.slo.items())
        yield f"SLO: {bounds}, to be met by 95 % of the requests"
    for name, found in report.knees.items():
        yield knee(name, found)


def workload(asked: WorkloadInfo) -> str:
    """What was asked."""
    if isinstance(asked, SyntheticWorkload):
        what = (
            f"synthetic prompts of {asked.prompt_tokens} tokens, replies of {asked.output_tokens}"
        )
    else:
        what = f"{asked.rows} prompts of {asked.name}"
        if asked.left_out:
            what += f" ({asked.left_out} conversations without a question left out)"
    return f"workload: {what} · seed {asked.seed} · {asked.fingerprint}"


def token_counts(points: Sequence[PerfPoint]) -> Iterator[str]:
    """The lengths by the server's own count."""
    prompts = counted(point.prompt_tokens for point in points)
    replies = counted(point.output_tokens for point in points)
    if prompts:
        lengths = f"prompts {overall(prompts)}, replies {overall(replies)}"
        yield f"tokens by the server's count: {lengths}"


def counted(lengths: Iterator[Lengths | Unmeasured]) -> list[Lengths]:
    """Those that the server counted."""
    return [length for length in lengths if isinstance(length, Lengths)]


def overall(lengths: Sequence[Lengths]) -> str:
    """Mean, least and most over the points."""
    mean = sum(length.mean for length in lengths) / len(lengths)
    least, most = min(length.min for length in lengths), max(length.max for length in lengths)
    return f"{mean:.1f} ({least:.0f} to {most:.0f})"


def prefix_cache(points: Sequence[PerfPoint], asked: WorkloadInfo) -> str:
    """How the prefix cache was kept cold."""
    texts = dict(CACHE)
    if isinstance(asked, SyntheticWorkload):
        texts["unique"] += ": no prompt is sent twice in a run"
    states = dict.fromkeys(point.cache for point in points)
    return "prefix cache: " + "; ".join(texts[state] for state in states)


def shortest_longest(seconds: Sequence[float]) -> str:
    """A range of times."""
    return f"{min(seconds):.1f} to {max(seconds):.1f} s"


def server(points: Sequence[PerfPoint]) -> str:
    """The server's own view, beside the client's."""
    seen = [point.server for point in points if point.server]
    if not seen:
        return "the server shows no /metrics: only the client's view is known"
    line = (
        f"server: KV cache at most {max(each.most_kv_cache_use for each in seen):.0%}, "
        f"{sum(each.preemptions for each in seen)} preemptions, "
        f"at most {max(each.most_waiting for each in seen)} waiting"
    )
    if both := [pair for point in points if (pair := mean_ttfts(point))]:
        theirs, ours = (1000 * sum(side) / len(both) for side in zip(*both, strict=True))
        line += f"; mean TTFT {theirs:.1f} ms by its own clock, {ours:.1f} ms by ours"
    return line


def mean_ttfts(point: PerfPoint) -> tuple[float, float] | None:
    """Mean TTFT by the server's clock and by ours, where both are known."""
    theirs = point.server.ttft.mean if point.server else None
    ours = point.ttft.mean
    return None if theirs is None or ours is None else (theirs, ours)


def knee(name: str, found: Knee) -> str:
    """What a search found."""
    if found.best is None:
        return f"knee of {name}: not even 1 at once meets the SLO"
    but = ""
    if found.met != found.repeats:
        but = f" (only in {found.met} of {found.repeats} repeats: the server's speed changes)"
    if found.worse is None:
        return f"knee of {name}: {found.best} at once still meet the SLO{but}; no more were tried"
    return f"knee of {name}: {found.best} at once meet the SLO{but}, {found.worse} do not"
