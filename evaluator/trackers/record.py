"""What a tracker is told of a run: parameters, metrics, some samples, and files."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from evaluator.report.escaping import harmless
from evaluator.results.figures import Figure, Interval
from evaluator.results.folder import RunFolder
from evaluator.results.report import BenchmarkResult, RunReport, read_report
from evaluator.transcripts.read import Transcript, transcripts

COLUMNS = ("benchmark", "id", "group", "status", "value", "answer", "target", "question", "reply")
MOST_SAMPLES = 1_000  # in a table
LONGEST = 2_000  # characters of a cell
LONGEST_PARAMETER = 500  # characters, as MLflow takes them
FORBIDDEN = re.compile(r"[^\w.\- /]")  # in the name of a metric, in one tracker or another
COUNTS = ("samples", "scored", "unparsed", "truncated", "judge_unparsed", "errors")

Cell = str | float | None


@dataclass(frozen=True, slots=True)
class Tracked:
    """A run as trackers take it. `page` and `files` are those that there are."""

    name: str
    parameters: dict[str, str | int | float]
    metrics: dict[str, float]
    samples: list[list[Cell]]
    page: Path | None
    files: list[Path]


def tracked(folder: Path) -> Tracked:
    """The run in a folder.  Raises UsageError where it has no report, DataError if damaged."""
    report, files = read_report(folder), RunFolder(folder)
    there = [path for path in (files.report, files.report_text) if path.exists()]
    return Tracked(
        name=folder.resolve().name,
        parameters=dict(parameters(report)),
        metrics=dict(metrics(report)),
        samples=[cells(each) for each in samples(files)],
        page=files.page if files.page.exists() else None,
        files=there,
    )


def parameters(report: RunReport) -> Iterator[tuple[str, str | int | float]]:
    """What was measured, and how."""
    yield "model", harmless(report.model)
    if report.judge:
        yield "judge", harmless(report.judge)
    yield "started_at", report.started_at
    if report.tags:
        yield "tags", harmless(", ".join(report.tags))[:LONGEST_PARAMETER]
    if report.note:
        yield "note", harmless(report.note)[:LONGEST_PARAMETER]
    for name, of in report.benchmarks.items():
        for key in ("data", "shots", "repeats", "mode", "api", "metric"):
            yield metric_name(name, key), getattr(of, key)
        for key, value in of.params.items():
            yield metric_name(name, key), str(value)[:LONGEST_PARAMETER]


def metrics(report: RunReport) -> Iterator[tuple[str, float]]:
    """Every figure that there is, with the ends of its interval."""
    for name, of in report.benchmarks.items():
        yield from figure(of.value, of.ci95, name, "score")
        yield from figure(of.macro, of.macro_ci95, name, "macro")
        yield from ((metric_name(name, key), float(getattr(of, key))) for key in COUNTS)
        yield from parts(name, of)
    serving = report.serving
    for key in ("requests", "retries", "seconds", "requests_per_s", "output_tokens_per_s"):
        if (value := getattr(serving, key)) is not None:
            yield metric_name("serving", key), float(value)
    for role, spent in serving.spending.items():
        if spent.cost is not None:
            yield metric_name("cost", role), spent.cost


def parts(name: str, of: BenchmarkResult) -> Iterator[tuple[str, float]]:
    """The figures of a benchmark's groups, categories, dimensions and totals."""
    every = {"group": of.groups, "category": of.categories}
    every |= {"dimension": of.dimensions, "total": of.totals}
    for kind, figures in every.items():
        if kind == "group" and len(figures) < 2:
            continue
        for each, found in figures.items():
            yield from of_figure(found, name, kind, each)


def of_figure(found: Figure, *place: str) -> Iterator[tuple[str, float]]:
    """A figure with its interval."""
    yield from figure(found.value, found.ci95, *place)


def figure(
    value: float | None, interval: Interval | None, *place: str
) -> Iterator[tuple[str, float]]:
    """A value and the ends of its interval, those that are known."""
    if value is not None:
        yield metric_name(*place), value
    if interval:
        yield metric_name(*place) + "_low", interval[0]
        yield metric_name(*place) + "_high", interval[1]


def metric_name(*parts: str) -> str:
    """A name that every tracker takes: slashes part it."""
    return "/".join(FORBIDDEN.sub("_", harmless(part)).replace("/", "_") for part in parts)


def samples(files: RunFolder) -> Iterator[Transcript]:
    """The first samples, where they were recorded."""
    if files.samples.exists():
        yield from islice(transcripts(files.path), MOST_SAMPLES)


def cells(of: Transcript) -> list[Cell]:
    """The row of a sample, as COLUMNS has it."""
    reply = next((e.reply for e in reversed(of.exchanges) if e.role == "model"), None) or ""
    texts = of.benchmark, of.id, of.group, of.status
    ends = of.answer or "", of.target, of.question, reply
    return [*map(text, texts), of.value, *map(text, ends)]


def text(value: str) -> str:
    """A text for a cell."""
    return harmless(value)[:LONGEST]
