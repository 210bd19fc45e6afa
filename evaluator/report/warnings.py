"""Warnings: what a reader must know before believing a score or a rate."""

from collections.abc import Iterable, Iterator

from evaluator.locale import N_
from evaluator.report.replies import states, unparsed
from evaluator.report.tables import score
from evaluator.results.names import MEASURED, UNREAD, Params
from evaluator.results.report import BenchmarkResult, RunReport

CLIENT_BOUND = 0.25  # share of the run held up by the client, beyond which rates mislead
UNREADABLE_VERDICTS = 0.05  # share of the verdicts beyond which the judge is in doubt
WITHOUT_SCORE = 0.02  # share without answer or score beyond which the bounds of the score are told
MANY = 6  # benchmarks with such bounds above which a line tells those of all
TOTALS_FROM = {  # what to say of a benchmark's own totals that were not made of the outcomes
    "run": N_("its own totals are those of its run; the benchmark is not known here"),
    "nothing": N_("its own totals are missing, as the benchmark is not known here; run it again"),
}


def alarms(report: RunReport) -> Iterator[str]:
    """What makes the figures those of something else than was measured."""
    client = report.serving.client
    if client and client.bound_share > CLIENT_BOUND:
        yield N_(
            "the client was the bottleneck for {bound_share:.0%} of the run: the rates "
            "above are its own, not the server's",
            bound_share=client.bound_share,
        )


def warnings(report: RunReport) -> Iterator[str]:
    """All warnings, those of single benchmarks last."""
    for kind, count in report.serving.faults.items():
        yield N_("{count} x {kind}: asked again", count=count, kind=kind)
    if damaged := report.serving.damaged:
        yield N_(
            "damaged lines of responses.jsonl, passed over as if never answered: {damaged}",
            damaged=damaged,
        )
    yield from (one.caution for one in report.identity.values() if one.caution)
    for url, fields in report.serving.refused.items():
        reasons = " / ".join(dict.fromkeys(fields.values()))
        yield N_(
            "{url} refuses {names}, and was asked without: {reasons}",
            url=url,
            names=", ".join(fields),
            reasons=reasons,
        )
    for url, fields in report.serving.adapted.items():
        yield N_(
            "{url}: {names}",
            url=url,
            names="; ".join((f"{field}: {note}" for field, note in fields.items())),
        )
    for name, result in report.benchmarks.items():
        yield from (N_("{name}: {line}", name=name, line=line) for line in of_benchmark(result))
    yield from wide_bounds(report)


def of_benchmark(result: BenchmarkResult) -> Iterator[str]:
    """What a reader must know before believing the score of one benchmark."""
    if result.samples < result.planned:
        yield N_(
            "only {samples} of {planned} {planned:sample|samples} {samples:was|were} reached",
            samples=result.samples,
            planned=result.planned,
        )
    yield from before_asking(result.deviations, result.repeats, result.params)
    yield from of_judge(result)
    if reason := TOTALS_FROM.get(result.totals_from or ""):
        yield reason
    yield from template_faults(result)
    if result.fitted:
        yield N_(
            "{count:,} {count:prompt was|prompts were} longer than the model's context: cut on the "
            "left to fit, or scored in windows where all of a text is, as lm-eval does",
            count=result.fitted,
        )
    for message, count in result.error_messages.items():
        yield N_("{count} x {message}", count=count, message=message)


def before_asking(deviations: Iterable[str], repeats: int, params: Params) -> Iterator[str]:
    """What can be said of how a benchmark is asked before it is."""
    yield from deviations
    if repeats > 1 and params.get("temperature") == 0:
        yield N_(
            "{repeats} repeats at temperature 0, which say little more than one; give "
            "--param temperature=0.7, or what suits the model",
            repeats=repeats,
        )


def of_judge(result: BenchmarkResult) -> Iterator[str]:
    """What speaks against a benchmark's judge."""
    for name, of in result.totals.items():
        if of.value is not None and of.expected and not within(of.value, of.expected):
            low, high = of.expected
            yield N_(
                "{name} is at {value:.2f}, where a judge that can be trusted is at {low:g} to "
                "{high:g}",
                name=name,
                value=of.value,
                low=low,
                high=high,
            )
    unreadable, every = states(result).get("judge_unparsed", 0), sum(states(result).values())
    if unreadable > UNREADABLE_VERDICTS * every:
        yield N_(
            "{share:.1%} of the verdicts stayed unreadable; another judge, or "
            "--judge-param max_tokens=N with more of them, may help",
            share=unreadable / every,
        )


def template_faults(result: BenchmarkResult) -> Iterator[str]:
    """What a wrong chat template or stop token of the server left in the replies."""
    for count, fault in (
        (result.leaked, N_("held tokens of the chat template, such as <|im_end|>")),
        (result.ran_on, N_("went on with a turn that nobody asked for")),
    ):
        if count:
            yield N_(
                "{count:,} {count:reply|replies} {fault}, which was left out: the server's chat "
                "template or stop token is likely not the model's",
                count=count,
                fault=fault,
            )


def wide_bounds(report: RunReport) -> Iterator[str]:
    """Between which values scores lie, where many samples have no answer or no score."""
    wide = {name: of for name, of in report.benchmarks.items() if is_wide(of)}
    if len(wide) > MANY:
        widest = sorted(wide, key=lambda name: -share_open(wide[name]))[:MANY]
        ranges = (f"{name} {' - '.join(shown_bounds(wide[name]))}" for name in widest)
        yield N_(
            "{n} benchmarks have many samples without an answer or a score; the scores that leave "
            "most open, were all of those wrong or all right: {ranges}",
            n=len(wide),
            ranges=", ".join(ranges),
        )
    else:
        for name, of in wide.items():
            yield N_("{name}: {line}", name=name, line=bounds_line(of))


def is_wide(result: BenchmarkResult) -> bool:
    """Whether samples without an answer or a score leave much open, where others were measured."""
    return measured(result) > 0 and share_open(result) > WITHOUT_SCORE


def share_open(result: BenchmarkResult) -> float:
    """The share of samples without an answer or a score."""
    return 1 - (measured(result) - without_answer(result)) / result.samples


def shown_bounds(result: BenchmarkResult) -> list[str]:
    """The bounds of a score as text."""
    return [score(end, result.scale) for end in bounds(result)]


def bounds_line(result: BenchmarkResult) -> str:
    """Between which values one score lies, and why."""
    n = result.samples
    low, high = shown_bounds(result)
    replies = states(result)
    of = N_("{n} {n:reply|replies}", n=sum(replies.values())) if result.replies else str(n)
    return N_(
        "{unparsed} unparsed, {truncated} truncated and {failed} failed of {of}: the score lies "
        "between {low} (all of them wrong) and {high} (all right)",
        unparsed=unparsed(result),
        truncated=replies.get("truncated", 0),
        failed=replies.get("error", 0),
        of=of,
        low=low,
        high=high,
    )


def within(value: float, ends: tuple[float, float]) -> bool:
    """Whether a value lies in a range."""
    return ends[0] <= value <= ends[1]


def bounds(result: BenchmarkResult) -> tuple[float, float]:
    """The score if every sample that was not read or not measured was wrong, and if it was right.

    An unread reply counts as the least of the scale in the value.
    """
    n, (least, most) = result.samples, result.scale
    total = (result.value or 0.0) * measured(result) - least * without_answer(result)
    missed = n - measured(result) + without_answer(result)
    return (total + least * missed) / n, (total + most * missed) / n


def measured(result: BenchmarkResult) -> int:
    """Samples that count in the mean."""
    return sum(int(getattr(result, status)) for status in MEASURED)


def without_answer(result: BenchmarkResult) -> float:
    """Of these, how many had no answer; of a sample with repeats, the share of them."""
    if unread := result.dimensions.get(UNREAD):
        return (unread.value or 0.0) * measured(result)
    return float(result.unparsed + result.truncated)
