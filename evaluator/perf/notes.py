"""What a throughput report says in words: how it was measured, and what to mind."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evaluator.dashboard.selfcheck import WHOLE_CORE
from evaluator.perf.server import CACHE_WORDS

BOUND = 0.1  # share of a point in which the client held things up
LATE = 0.02  # seconds by which the 99th percentile of an open loop's requests may be late
HITS = 0.1  # share of prompt tokens from a cache that was to be cold
NEAR = 0.01  # share by which lengths may miss what was aimed at
FEW = 3  # repeats below which an interval says little
REPEATED = (
    "the prefix cache can be neither emptied nor salted here, and every point draws from the same "
    "prompts: what an earlier one sent may be answered from it"
)


def notes(data: Mapping[str, Any]) -> Iterator[str]:
    """How it was measured."""
    points = data["points"]
    yield workload(data["workload"])
    for name, arm in data["arms"].items():
        flags = f" · {' '.join(arm['flags'])}" if arm["flags"] else ""
        yield f"{name}: {arm['model']} at {arm['base_url']}{flags}"
    yield from counted(points)
    yield cache(points, data["workload"])
    yield (
        "req/s and tok/s by vLLM's formulas, the drain included; steady: up to the last request "
        f"sent; drain {shortest_longest([p['drain']['seconds'] for p in points])}"
    )
    yield from server(points)
    if data["slo"]:
        bounds = ", ".join(f"{name} {bound * 1000:g} ms" for name, bound in data["slo"].items())
        yield f"SLO: {bounds}, to be met by 95 % of the requests"
    for name, knee in data["knees"].items():
        yield knee_line(name, knee)


def workload(about: Mapping[str, Any]) -> str:
    """What was asked."""
    if about["kind"] == "synthetic":
        words = (
            f"synthetic prompts of {about['prompt_tokens']} tokens, replies of "
            f"{about['output_tokens']}"
        )
    else:
        words = f"{about['rows']} prompts of {about['name']}"
        if left_out := about.get("left_out"):
            words += f" ({left_out} conversations without a question left out)"
    return f"workload: {words} · seed {about['seed']} · {about['fingerprint']}"


def counted(points: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The lengths by the server's own count."""
    known = [point for point in points if point["prompt_tokens"]]
    if known:
        prompt, output = (
            "{:.1f} ({:.0f} to {:.0f})".format(*length(known, which))
            for which in ("prompt_tokens", "output_tokens")
        )
        yield f"tokens by the server's count: prompts {prompt}, replies {output}"


def length(points: Sequence[Mapping[str, Any]], which: str) -> tuple[float, float, float]:
    """Mean, least and most over the points."""
    counts = [point[which] for point in points]
    mean = sum(count["mean"] for count in counts) / len(counts)
    return mean, min(count["min"] for count in counts), max(count["max"] for count in counts)


def cache(points: Sequence[Mapping[str, Any]], about: Mapping[str, Any]) -> str:
    """How the prefix cache was kept cold."""
    words = dict(CACHE_WORDS)
    if about["kind"] == "synthetic":
        words["unique"] += ": no prompt is sent twice in a run"
    return "prefix cache: " + "; ".join(words[c] for c in dict.fromkeys(p["cache"] for p in points))


def shortest_longest(seconds: Sequence[float]) -> str:
    """A range of times."""
    return f"{min(seconds):.1f} to {max(seconds):.1f} s"


def server(points: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The server's own view, beside the client's."""
    seen = [point["server"] for point in points if point["server"]]
    if not seen:
        yield "the server shows no /metrics: only the client's view is known"
        return
    first = [
        (point["server"]["ttft"]["mean"], point["ttft"]["mean"])
        for point in points
        if point["server"] and point["server"]["ttft"]["mean"] is not None
    ]
    line = (
        f"server: KV cache at most {max(s['most_kv_cache_use'] for s in seen):.0%}, "
        f"{sum(s['preemptions'] for s in seen)} preemptions, "
        f"at most {max(s['most_waiting'] for s in seen)} waiting"
    )
    if first:
        theirs, ours = (1000 * sum(side) / len(first) for side in zip(*first, strict=True))
        line += f"; mean TTFT {theirs:.1f} ms by its own clock, {ours:.1f} ms by ours"
    yield line


def knee_line(name: str, knee: Mapping[str, Any]) -> str:
    """What a search found."""
    if knee["best"] is None:
        return f"knee of {name}: not even 1 at once meets the SLO"
    met, repeats = knee.get("met", 1), knee.get("repeats", 1)  # not in older files
    but = (
        ""
        if met == repeats
        else f" (only in {met} of {repeats} repeats: the server's speed changes)"
    )
    if knee["worse"] is None:
        return f"knee of {name}: {knee['best']} at once still meet the SLO{but}; no more were tried"
    return f"knee of {name}: {knee['best']} at once meet the SLO{but}, {knee['worse']} do not"


def warnings(data: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """What to mind, and whether it makes figures worthless."""
    for point in data["points"]:
        where = f"{point['arm']}, {point['load']}, repeat {point['repeat']}"
        for words, red in of_point(point, data["workload"]):
            yield f"{where}: {words}", red
    if missing := data.get("unmatched"):
        yield (
            f"not compared, for want of the same in {data['against']}: {'; '.join(missing)}",
            False,
        )
    if data["workload"]["kind"] != "synthetic" and "unique" in {p["cache"] for p in data["points"]}:
        yield REPEATED, False
    if data["points"] and max(point["repeat"] for point in data["points"]) < FEW:
        yield f"fewer than {FEW} repeats: differences cannot be told from chance", False
    if data["points"] and all(point["good_share"] == 0 for point in data["points"]):
        yield "no request met the SLO at any load", False


def of_point(point: Mapping[str, Any], about: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """What to mind of one point."""
    client = point["client"]
    if client["bound_share"] > BOUND or client["cpu"] > WHOLE_CORE:
        words = f"{client['cpu']:.0%} of a core, {client['lag'] * 1000:.0f} ms behind at worst"
        yield f"the client was the bottleneck ({words}): the figures are its own", True
    if point["rate"] and (late := point["delay"]["p99"]) > LATE:
        yield f"requests went out late: the 99th percentile by {late * 1000:.0f} ms", True
    for error, count in point["errors"].items():
        yield f"{count} of {point['requests']} requests failed: {error}", True
    if not point["prompt_tokens"]:
        yield (
            "the server does not count tokens (no usage): no token rates, no TPOT and no SLO of it",
            False,
        )
    hits = (point["server"] or {}).get("prefix_hit_rate") or 0.0
    if point["cache"] != "warm" and about["kind"] == "synthetic" and hits > HITS:
        yield f"{hits:.0%} of the prompt tokens came from a cache that was to be cold", True
    yield from missed_lengths(point, about)


def missed_lengths(
    point: Mapping[str, Any], about: Mapping[str, Any]
) -> Iterator[tuple[str, bool]]:
    """Whether the server counts other lengths than were aimed at."""
    for which, words in (("prompt_tokens", "prompts"), ("output_tokens", "replies")):
        if about.get(which) and point[which]:
            low, _, high = about[which].partition("-")
            least, most = point[which]["min"], point[which]["max"]
            if least < int(low) * (1 - NEAR) or most > int(high or low) * (1 + NEAR):
                yield (
                    f"{words} of {least} to {most} tokens, where {about[which]} were aimed at",
                    False,
                )
