"""Notes below the tables: what was measured, on what, by whom, and what serving it took."""

from collections.abc import Iterator

from evaluator.report.replies import partial, states
from evaluator.report.tables import UNCOUNTED, score
from evaluator.results.figures import Dimension, Spread
from evaluator.results.names import REPAIRED
from evaluator.results.report import BenchmarkResult, RunReport
from evaluator.results.serving import ServingResult


def notes(report: RunReport) -> Iterator[str]:
    """What was measured, on what, and what serving it took."""
    yield from data(report)
    yield from identities(report)
    yield serving(report)


def data(report: RunReport) -> Iterator[str]:
    """What each score was measured on, a line a benchmark."""
    for name, result in report.benchmarks.items():
        repeated = f", each asked {result.repeats} times" if result.repeats > 1 else ""
        yield f"{name}: {result.data}, {result.shots} shots{manner(result)}{repeated}"
        if stopped := result.stopped:
            yield (
                f"{name}: stopped at {result.planned:,} of {result.available:,} samples, drawn at "
                f"random: half the 95 % interval is {score(stopped.half_width, result.scale)}, "
                f"at most {score(stopped.wanted, result.scale)} was wanted"
            )
        further = (*result.about, *verdicts(result), *partial(result))
        yield from (f"{name}: {line}" for line in further)


def verdicts(result: BenchmarkResult) -> Iterator[str]:
    """How the verdicts on a benchmark's answers were read, where it has a judge."""
    repaired = result.dimensions.get(REPAIRED)
    readable = replies(repaired) if repaired else 0
    unreadable = states(result).get("judge_unparsed", 0)
    if judged := readable + unreadable:
        mended = round(total(repaired)) if repaired else 0
        yield (
            f"{judged} answers judged: {mended} verdicts readable only when asked for again, "
            f"{unreadable} not at all"
        )


def replies(dimension: Dimension) -> int:
    """How many replies have the dimension: the samples, where each was asked once."""
    return dimension.samples if dimension.replies is None else dimension.replies


def total(dimension: Dimension) -> float:
    """The dimension's sum over its replies."""
    if dimension.sum is not None:
        return dimension.sum
    return (dimension.value or 0.0) * replies(dimension)


def manner(result: BenchmarkResult) -> str:
    """How the model was asked, where it is not the usual way."""
    parts = {
        f", by {result.mode}": result.mode != "generate",
        f", {result.api} API": result.api != "chat",
        ", with a system prompt": bool(result.system),
    }
    return "".join(part for part, unusual in parts.items() if unusual)


def identities(report: RunReport) -> Iterator[str]:
    """Who gave the replies, a line for the model and each judge."""
    for key, one in report.identity.items():
        role, _, name = key.partition(":")
        unasked = "" if one.asked else f"; not asked in this session, last on {one.checked_at}"
        yield f"{role} {name}: {one.words}{unasked}"


def serving(report: RunReport) -> str:
    """What serving it took, in one line."""
    of = report.serving
    line = (
        f"{of.requests} requests sent, {of.replayed} replayed, {of.retries} retries · "
        f"{of.requests_per_s:.1f} requests/s · {token_rate(of)}"
    )
    if of.prefix_hit_rate is not None:
        line += f" · {of.prefix_hit_rate:.0%} of the prompt tokens from the prefix cache"
    if isinstance(of.latency, Spread):
        line += f" · latency p50 {of.latency.p50:.2f} s, p99 {of.latency.p99:.2f} s"
    if isinstance(of.ttft, Spread):
        line += f" · first token p50 {of.ttft.p50 * 1000:.0f} ms"
    if of.concurrency and of.concurrency.reason != "given":
        line += f" · {of.concurrency.slots} slots: {of.concurrency.reason}"
    for role, other in of.roles.items():
        line += f" · {role} {other.model}: {other.replies} replies, {other.slots} slots"
    return f"{line} · {report.seconds:.1f} s in all"


def token_rate(of: ServingResult) -> str:
    """Output tokens a second; a rate that nobody measured is no 0."""
    if of.output_tokens_per_s is not None:
        return f"{of.output_tokens_per_s:.0f} output tokens/s"
    if of.uncounted < round(of.requests_per_s * of.seconds):
        return f"the server did not count the tokens of {of.uncounted} replies"
    return UNCOUNTED
