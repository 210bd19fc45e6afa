"""Notes below the tables: what was measured, on what, by whom, and what serving it took."""

from collections.abc import Iterator

from evaluator.locale import N_, joined, labels, recalled
from evaluator.report.replies import partial, states
from evaluator.report.tables import UNCOUNTED, score
from evaluator.results.figures import Dimension, Spread
from evaluator.results.names import REPAIRED
from evaluator.results.report import BenchmarkResult, RunReport
from evaluator.results.serving import ServingResult
from evaluator.results.spending import RoleSpending

ABOUT = labels(  # what run.json says of a benchmark, as a run writes it
    "judged by {names}, the {method} of them; judge prompt: {prompt}",
    "judged by {names}; judge prompt: {prompt}",
    "our own ({file})",
    "self-judged: the model is a judge of its own answers, and may favour them",
    "definitions in our own words (no official config/ beside the data)",
)
DATA = labels(
    "{data} via the benchmark itself", "{data} via {origin}", "builtin ({told})", "builtin"
)
DATA += labels("built-in samples (not the real data set)", "local mirror {folder}")
DATA += labels("answers recorded in {folders}")  # of an arena
IDENTITY = labels(  # the parts of what an endpoint says of its model
    "root {path}",
    "parent {name}",
    "owner {name}",
    "version {version}",
    "host {name}",
    "{count} weight {count:file|files} of {size} bytes",
    "the newest of {time}",
    "replies {mark}",
    "nothing known",
)
CONCURRENCY = labels(  # why so many requests were in flight, as the client says it
    "the limit was never reached",
    "the endpoint refused requests",
    "connections were lost",
    "the KV cache is full",
    "the server queues what is beyond",
    "more in flight did not raise throughput",
    "the client opens no more",
    "fewer in flight lowered throughput",
    "latency rose with what was in flight",
)


def notes(report: RunReport) -> Iterator[str]:
    """What was measured, on what, and what serving it took."""
    yield from run_labels(report)
    yield from data(report)
    yield from identities(report)
    yield serving(report)
    yield from spending(report)
    yield from legend(report)


def legend(report: RunReport) -> Iterator[str]:
    """What the columns of the tables mean."""
    yield N_(
        "columns: n, samples; macro, mean of the groups' scores; format, share of the replies "
        "in the form asked for; unparsed, no answer could be read: counts as wrong; truncated, "
        "cut off by the token limit; errors, samples without a score, which count nowhere"
    )
    if any(one.replies for one in report.identity.values()):
        yield N_(
            "of the model: root, owner and version as the server tells them; replies, a short "
            "name for its replies to five questions, which another model would not give"
        )
    if any(name.endswith("(official)") for of in report.benchmarks.values() for name in of.totals):
        yield N_("official: as the benchmark's own script counts, an unreadable verdict as -1")


def run_labels(report: RunReport) -> Iterator[str]:
    """What the user calls the run."""
    if report.tags:
        yield N_("tags: {tags}", tags=", ".join(report.tags))
    if report.note:
        yield N_("note: {note}", note=report.note)


def data(report: RunReport) -> Iterator[str]:
    """What each score was measured on, a line a benchmark."""
    for name, result in report.benchmarks.items():
        times = N_(", each asked {n} times", n=result.repeats) if result.repeats > 1 else ""
        yield N_(
            "{name}: {data}, {shots} {shots:shot|shots}{manner}{repeated}",
            name=name,
            data=recalled(result.data, DATA),
            shots=result.shots,
            manner=manner(result),
            repeated=times,
        )
        if stopped := result.stopped:
            yield N_(
                "{name}: stopped at {planned:,} of {available:,} {available:sample|samples}, drawn "
                "at random: half the 95 % interval is {half_width}, at most {wanted} was wanted",
                name=name,
                planned=result.planned,
                available=result.available,
                half_width=score(stopped.half_width, result.scale),
                wanted=score(stopped.wanted, result.scale),
            )
        further = (
            *(recalled(each, ABOUT) for each in result.about),
            *verdicts(result),
            *partial(result),
        )
        yield from (N_("{name}: {line}", name=name, line=line) for line in further)


def verdicts(result: BenchmarkResult) -> Iterator[str]:
    """How the verdicts on a benchmark's answers were read, where it has a judge."""
    repaired = result.dimensions.get(REPAIRED)
    readable = replies(repaired) if repaired else 0
    unreadable = states(result).get("judge_unparsed", 0)
    if judged := readable + unreadable:
        mended = round(total(repaired)) if repaired else 0
        yield N_(
            "{judged} {judged:answer|answers} judged: {mended} {mended:verdict|verdicts} readable "
            "only when asked for again, {unreadable} not at all",
            judged=judged,
            mended=mended,
            unreadable=unreadable,
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
        N_(", by {mode}", mode=result.mode): result.mode != "generate",
        N_(", {api} API", api=result.api): result.api != "chat",
        N_(", with a system prompt"): bool(result.system),
        N_(", in a prompt template of the user's"): bool(result.prompt_template),
    }
    return joined("", (part for part, unusual in parts.items() if unusual))


def identities(report: RunReport) -> Iterator[str]:
    """Who gave the replies, a line for the model and each judge."""
    for key, one in report.identity.items():
        role, _, name = key.partition(":")
        unasked = ""
        if not one.asked:
            unasked = N_("; not asked in this session, last on {time}", time=one.checked_at)
        yield N_(
            "{role} {name}: {words}{unasked}",
            role=N_(role),
            name=name,
            words=joined(", ", [recalled(each, IDENTITY) for each in one.words.split(", ")]),
            unasked=unasked,
        )


def serving(report: RunReport) -> str:
    """What serving it took, in one line."""
    return joined(" · ", serving_parts(report))


def serving_parts(report: RunReport) -> Iterator[str]:
    """The parts of that line."""
    of = report.serving
    yield N_("{n:,} {n:request|requests} sent", n=of.requests)
    yield N_("{n:,} replayed", n=of.replayed)
    yield N_("{n:,} {n:retry|retries}", n=of.retries)
    yield N_("{n:,.1f} requests/s", n=of.requests_per_s)
    yield token_rate(of)
    if of.prefix_hit_rate is not None:
        yield N_("{share:.0%} of the prompt tokens from the prefix cache", share=of.prefix_hit_rate)
    if isinstance(of.latency, Spread):
        p50, p99 = of.latency.p50, of.latency.p99
        yield N_("latency p50 {p50:.2f} s, p99 {p99:.2f} s", p50=p50, p99=p99)
    if isinstance(of.ttft, Spread):
        yield N_("first token p50 {ms:.0f} ms", ms=of.ttft.p50 * 1000)
    if of.concurrency and of.concurrency.reason != "given":
        slots, reason = of.concurrency.slots, of.concurrency.reason
        yield N_("{n} {n:slot|slots}: {reason}", n=slots, reason=recalled(reason, CONCURRENCY))
    for role, other in of.roles.items():
        yield N_(
            "{who}: {replies:,} {replies:reply|replies}, {slots} {slots:slot|slots}",
            who=f"{role} {other.model}",
            replies=other.replies,
            slots=other.slots,
        )
    yield N_("{seconds:,.1f} s in all", seconds=report.seconds)


def spending(report: RunReport) -> Iterator[str]:
    """What the replies cost, the model's and each judge's, where any has a price."""
    roles = report.serving.spending
    costs = [each.cost for each in roles.values() if each.cost is not None]
    if not any(each.currency for each in roles.values()):
        return
    currency = next(each.currency for each in roles.values() if each.currency)
    parts = [cost_part(role, each) for role, each in roles.items()]
    yield N_(
        "cost: {total:.4f} {currency} for all replies recorded: {parts}",
        total=sum(costs),
        currency=currency,
        parts=joined("; ", parts),
    )


def cost_part(role: str, of: RoleSpending) -> str:
    """One role's part of it."""
    who = joined(" ", (N_(role), *filter(None, [of.model])))
    if of.cost is None and of.currency:
        return N_("{who} not known, as the server does not count tokens", who=who)
    if of.cost is None:
        return N_("{who} not known, as it has no price", who=who)
    return N_(
        "{who} {cost:.4f} ({replies:,} {replies:reply|replies} of {prompt:,} + {output:,} tokens)",
        who=who,
        cost=of.cost,
        replies=of.replies,
        prompt=of.prompt_tokens,
        output=of.output_tokens,
    )


def token_rate(of: ServingResult) -> str:
    """Output tokens a second; a rate that nobody measured is no 0."""
    if of.output_tokens_per_s is not None:
        return N_("{n:,.0f} output tokens/s", n=of.output_tokens_per_s)
    if of.uncounted < round(of.requests_per_s * of.seconds):
        return N_("the server did not count the tokens of {n:,} {n:reply|replies}", n=of.uncounted)
    return UNCOUNTED
