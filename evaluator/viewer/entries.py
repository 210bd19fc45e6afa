"""What the list of results says of each: read from its JSON by the types of `results/`."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from evaluator.arena.tables import interval
from evaluator.comparison.tables import signed
from evaluator.errors import EvaluatorError, message_of
from evaluator.locale import N_, joined
from evaluator.perf.report.summary import OUTPUT, REQUESTS
from evaluator.report.tables import ci, score
from evaluator.results import perf
from evaluator.results.arena import ArenaReport
from evaluator.results.comparison import Comparison
from evaluator.results.files import read
from evaluator.results.folder import RunFolder
from evaluator.results.report import BenchmarkResult, RunReport, read_report
from evaluator.results.run import read_run
from evaluator.viewer.activity import State, state_of
from evaluator.viewer.folders import RESULTS, Place

Stamp = tuple[tuple[int, int], ...]  # of files: when changed, in ns, and bytes


@dataclass(frozen=True, slots=True)
class ShownScore:
    """One figure with its interval, as text; `value` is to sort by."""

    name: str
    text: str
    interval: str
    n: int
    value: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """What is said of one result; `line` is what is wrong with it."""

    title: str = ""
    started: str = ""
    scores: tuple[ShownScore, ...] = ()
    errors: int | None = None
    speed: str = ""
    rate: float | None = None  # of the speed, to sort by
    tags: tuple[str, ...] = ()
    note: str = ""
    line: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the list."""

    place: Place
    state: State
    summary: Summary


def entry_of(place: Place) -> Entry:
    """The row of a place; one that is damaged says so."""
    try:
        place.check()
        summary = summary_of(place, stamp(place))
    except (EvaluatorError, OSError) as error:
        return Entry(place, "damaged", Summary(line=message_of(error)))
    return Entry(place, state_of(place), summary)


def stamp(place: Place) -> Stamp:
    """What changes as soon as the files do that a summary is made of."""
    paths = (place.path / RESULTS[place.kind], place.path / "report.json")
    found = (path.stat() for path in paths if path.exists())
    return tuple((each.st_mtime_ns, each.st_size) for each in found)


@lru_cache(maxsize=10_000)
def summary_of(place: Place, _: Stamp) -> Summary:
    """The summary of a place, made once.  Raises EvaluatorError and OSError."""
    match place.kind:
        case "run":
            return of_run(place.path)
        case "compare":
            return of_comparison(read(place.path / RESULTS["compare"], Comparison))
        case "arena":
            return of_arena(read(place.path / RESULTS["arena"], ArenaReport))
        case "perf":
            return of_perf(perf.read(place.path))


def of_run(folder: Path) -> Summary:
    """A run, by its report or, where there is none yet, by its run.json."""
    if RunFolder(folder).report.exists():
        return of_report(read_report(folder))
    info = read_run(folder)
    scores = (ShownScore(name, "-", "", 0, None) for name in info.benchmarks)
    said = info.settings or {}
    tags, note = tuple(said.get("tag", ())), said.get("note", "")
    return Summary(info.model, info.started_at, tuple(scores), tags=tags, note=note)


def of_report(report: RunReport) -> Summary:
    """A run that came to a report."""
    scores = tuple(
        ShownScore(name, score(of.value, of.scale), ends(of), of.samples, of.value)
        for name, of in report.benchmarks.items()
    )
    errors = sum(of.errors + of.judge_unparsed for of in report.benchmarks.values())
    sent = report.serving
    return Summary(
        report.model,
        report.started_at,
        scores,
        errors,
        speed(sent.requests_per_s, sent.output_tokens_per_s),
        sent.requests_per_s,
        tuple(report.tags),
        report.note,
    )


def ends(of: BenchmarkResult) -> str:
    """The interval of a score, where it has one."""
    return "" if of.ci95 is None else ci(of.ci95, of.scale)


def speed(requests: float | None, tokens: float | None) -> str:
    """How fast it went, a line a figure."""
    said = []
    if requests is not None:
        said.append(N_("{n:,.1f} requests/s", n=requests))
    if tokens is not None:
        said.append(N_("{n:,.0f} tokens/s", n=tokens))
    return joined("\n", said)


def of_comparison(comparison: Comparison) -> Summary:
    """A comparison: the difference of each benchmark, by model."""
    models = comparison.comparisons
    scores = tuple(
        ShownScore(
            f"{row.name}, {model.run}" if len(models) > 1 else row.name,
            signed(row.difference, row.scale),
            ", ".join(signed(end, row.scale) for end in row.ci95),
            row.n,
            row.difference,
        )
        for model in models
        for row in model.rows
        if row.level == "benchmark"
    )
    others, base = ", ".join(model.model for model in models), comparison.base.model
    title = N_("{others} compared with {base}", others=others, base=base)
    return Summary(title, scores=scores)


def of_arena(report: ArenaReport) -> Summary:
    """An arena: the rating of each player."""
    scores = tuple(
        ShownScore(
            each.name,
            "-" if each.rating is None else f"{each.rating:.0f}",
            "" if (span := interval(report, each)) == "-" else span,
            each.battles,
            each.rating,
        )
        for each in sorted(report.players, key=lambda each: -(each.rating or 0.0))
    )
    judges = ", ".join(report.judges)
    title = N_("{n} models, judged by {judges}", n=len(report.players), judges=judges)
    return Summary(title, report.started_at, scores, report.battles.errors)


def of_perf(report: perf.PerfReport) -> Summary:
    """A throughput run: each load on each server."""
    models = ", ".join(dict.fromkeys(arm.model for arm in report.arms.values()))
    rows = [row for row in report.summary if OUTPUT in row.figures or REQUESTS in row.figures]
    best = max(rows, key=best_of, default=None)
    said = speed(figure(best, REQUESTS), figure(best, OUTPUT)) if best else ""
    rate = figure(best, REQUESTS) if best else None
    return Summary(models, report.started_at, tuple(loads(report)), None, said, rate)


def best_of(row: perf.SummaryRow) -> float:
    """By what the fastest row is found."""
    return figure(row, OUTPUT) or figure(row, REQUESTS) or 0.0


def figure(row: perf.SummaryRow, name: str) -> float | None:
    """The mean of a figure, where it was measured."""
    found = row.figures.get(name)
    return found.mean if found else None


def loads(report: perf.PerfReport) -> Iterator[ShownScore]:
    """The requests per second of each load."""
    for row in report.summary:
        found = row.figures.get(REQUESTS)
        name = f"{row.load}, {row.arm}" if len(report.arms) > 1 else row.load
        if found:
            ends = ci_of(found)
            yield ShownScore(name, f"{found.mean:.1f}/s", ends, row.repeats, found.mean)


def ci_of(found: perf.Estimate) -> str:
    """The interval of a rate."""
    return "" if found.ci95 is None else " - ".join(f"{end:.1f}" for end in found.ci95)
