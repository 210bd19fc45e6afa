"""What to mind in the figures of a run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evaluator.dashboard.selfcheck import WHOLE_CORE
from evaluator.locale import N_, joined, labels, recalled
from evaluator.perf.report.tables import LOAD_FORMS, load_words
from evaluator.results.figures import Unmeasured
from evaluator.results.perf import PerfReport, SyntheticWorkload, WorkloadInfo
from evaluator.results.perf_point import Lengths, PerfPoint

BOUND = 0.1  # share of a point in which the client held things up
LATE = 0.02  # seconds by which the 99th percentile of an open loop's requests may be late
HITS = 0.1  # share of prompt tokens from a cache that was to be cold
NEAR = 0.01  # share by which lengths may miss what was aimed at
UNMATCHED = labels("{load} on {arm}")  # as the comparison writes them
FEW = 3  # repeats below which an interval says little
REPEATED = N_(
    "the prefix cache can be neither emptied nor salted here, and every point draws from the same "
    "prompts: what an earlier one sent may be answered from it"
)
MEANING = {  # of a field that a server refuses
    "ignore_eos": N_("replies end where the model ends them, and their lengths are its own"),
    "stream_options": N_("tokens are not counted"),
}
NO_USAGE = N_(
    "the server does not count tokens (no usage): no token rates, no TPOT and no SLO of it"
)

ONE_PIECE = N_(
    "most replies came in one piece, whoever held them back: their time to the first token is that "
    "of the whole reply, and nothing between tokens was measured"
)


@dataclass(frozen=True, slots=True)
class PerfWarning:
    """`spoils`: figures are worthless for it."""

    text: str
    spoils: bool = False


def warnings(report: PerfReport) -> Iterator[PerfWarning]:
    """Those of each point, then those of the whole run."""
    yield from of_points(report)
    yield from not_as_asked(report.points)
    if report.unmatched:
        missing = joined(
            "; ", (recalled(each, [*UNMATCHED, *LOAD_FORMS]) for each in report.unmatched)
        )
        yield PerfWarning(
            N_(
                "not compared, for want of the same in {against}: {missing}",
                against=report.against,
                missing=missing,
            )
        )
    synthetic = isinstance(report.workload, SyntheticWorkload)
    if not synthetic and any(point.cache == "unique" for point in report.points):
        yield PerfWarning(REPEATED)
    if report.points and max(point.repeat for point in report.points) < FEW:
        yield PerfWarning(
            N_("fewer than {few} repeats: differences cannot be told from chance", few=FEW)
        )
    if report.points and all(point.good_share == 0 for point in report.points):
        yield PerfWarning(N_("no request met the SLO at any load"))


def of_points(report: PerfReport) -> Iterator[PerfWarning]:
    """What to mind of single points; what several share is said once."""
    places: dict[PerfWarning, list[str]] = {}
    for point in report.points:
        where = N_(
            "{arm}, {load}, repeat {n}", arm=point.arm, load=load_words(point.load), n=point.repeat
        )
        for each in of_point(point, report.workload):
            places.setdefault(each, []).append(where)
    for each, found in places.items():
        every = 1 < len(found) == len(report.points)
        where = N_("every point") if every else joined("; ", found)
        yield PerfWarning(N_("{name}: {line}", name=where, line=each.text), each.spoils)


def of_point(point: PerfPoint, asked: WorkloadInfo) -> Iterator[PerfWarning]:
    """What to mind of one point."""
    yield from of_client(point)
    for error, count in point.errors.items():
        yield PerfWarning(
            N_(
                "{count} of {requests} {requests:request|requests} failed: {error}",
                count=count,
                requests=point.requests,
                error=error,
            ),
            spoils=True,
        )
    if point.reconnected:
        yield PerfWarning(
            N_(
                "{reconnected} {reconnected:request|requests} met an idle connection that the "
                "server had closed: sent again at once, and timed from then",
                reconnected=point.reconnected,
            )
        )
    if isinstance(point.prompt_tokens, Unmeasured):
        yield PerfWarning(NO_USAGE)
    if point.tpot.p50 == 0:
        yield PerfWarning(ONE_PIECE)
    if isinstance(asked, SyntheticWorkload):
        yield from unlike_asked(point, asked)


def not_as_asked(points: Sequence[PerfPoint]) -> Iterator[PerfWarning]:
    """What servers were not sent as it was asked, a line a field, and what that means."""
    refused: dict[tuple[str, str], str] = {}
    adapted: dict[tuple[str, str], str] = {}
    for point in points:
        refused |= {(point.arm, name): said for name, said in (point.refused or {}).items()}
        adapted |= {(point.arm, name): how for name, how in (point.adapted or {}).items()}
    for (arm, name), said in refused.items():
        means = MEANING.get(name, N_("the server's own default counts"))
        yield PerfWarning(
            N_(
                "{arm} refuses {name}, and was asked without: {means} ({said})",
                arm=arm,
                name=name,
                means=means,
                said=said,
            )
        )
    for (arm, name), how in adapted.items():
        yield PerfWarning(N_("{arm}: {name}: {how}", arm=arm, name=name, how=how))


def of_client(point: PerfPoint) -> Iterator[PerfWarning]:
    """Whether the client could not keep up."""
    client = point.client
    if client.bound_share > BOUND or client.cpu > WHOLE_CORE:
        why = N_(
            "{share:.0%} of a core, {ms:.0f} ms behind at worst",
            share=client.cpu,
            ms=client.lag * 1000,
        )
        yield PerfWarning(
            N_("the client was the bottleneck ({why}): the figures are its own", why=why), True
        )
    late = point.delay.p99 or 0.0
    if point.rate and late > LATE:
        text = N_("requests went out late: the 99th percentile by {ms:.0f} ms", ms=late * 1000)
        yield PerfWarning(text, spoils=True)


def unlike_asked(point: PerfPoint, asked: SyntheticWorkload) -> Iterator[PerfWarning]:
    """Whether synthetic prompts were not cold, or of other lengths than were aimed at."""
    hits = point.hit_rate or 0.0
    if point.cache != "warm" and hits > HITS:
        text = N_(
            "{share:.0%} of the prompt tokens came from a cache that was to be cold", share=hits
        )
        yield PerfWarning(text, spoils=True)
    yield from missed(N_("prompts"), point.prompt_tokens, asked.prompt_tokens)
    yield from missed(N_("replies"), point.output_tokens, asked.output_tokens)


def missed(what: str, found: Lengths | Unmeasured, wanted: str) -> Iterator[PerfWarning]:
    """Whether the server counts other lengths than were aimed at."""
    low, _, high = wanted.partition("-")
    if isinstance(found, Lengths) and (
        found.min < int(low) * (1 - NEAR) or found.max > int(high or low) * (1 + NEAR)
    ):
        span = N_("{least} to {most}", least=found.min, most=found.max)
        text = N_(
            "{what} of {lengths} tokens, where {wanted} were aimed at",
            what=what,
            lengths=span if found.max > found.min else found.min,
            wanted=wanted,
        )
        yield PerfWarning(text)
