"""A run's page: how good, how sure, how fast, and what went wrong."""

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from evaluator.locale import N_, Language
from evaluator.options.command_line import run_words
from evaluator.pages import run_charts as charts
from evaluator.pages.charts import Chart
from evaluator.pages.render import ENGLISH, SAMPLE_SCRIPTS, Card, Fill, page_in
from evaluator.pages.sample_files import PageSamples, write_sample_files
from evaluator.pages.settings_table import settings
from evaluator.pages.theme import END_WORDS, ENDS
from evaluator.report import tables
from evaluator.report.notes import notes
from evaluator.report.warnings import alarms, warnings
from evaluator.results.folder import RunFolder
from evaluator.results.names import SHARE
from evaluator.results.report import BenchmarkResult, RunReport
from evaluator.results.run import RunInfo

MANY = 12  # benchmarks above which a page has no card and no open section for each
Heading = tuple[str, str]  # a chart's name, and the words above it


def write_run_page(
    folder: Path, report: RunReport, info: RunInfo, language: Language = "en"
) -> Path:
    """Writes report.html and its samples.  Raises OSError, and DataError for damaged samples."""
    files = RunFolder(folder)
    scales = {name: of.scale for name, of in report.benchmarks.items()}
    count = sum(of.samples for of in report.benchmarks.values())
    samples = (
        write_sample_files(folder, files.page_samples, scales, count)
        if files.samples.exists()
        else None
    )
    files.page.write_text(run_page(report, info, samples, page_in(language)), encoding="utf-8")
    return files.page


def run_page(
    report: RunReport, info: RunInfo, samples: PageSamples | None = None, fill: Fill = ENGLISH
) -> str:
    """The page as HTML; `samples` are the files beside it, and `fill` fills its template."""
    parts = {
        name: found
        for name, result in report.benchmarks.items()
        if (found := part(name, result, info.benchmarks[name].categories))
    }
    timeline = report.serving.timeline
    serving = charts.serving(timeline, report.serving.kv_cache) if timeline else {}
    drawn = {"scores": charts.scores(report), "accounting": charts.accounting(report)}
    drawn |= {key: chart for of in parts.values() for (key, _), chart in of.items()}
    drawn |= {f"serving: {heading}": chart for heading, chart in serving.items()}
    return fill(
        "run.html",
        drawn,
        SAMPLE_SCRIPTS,
        report=report,
        cards=list(cards(report)),
        alarms=list(alarms(report)),
        warnings=list(warnings(report)),
        notes=list(notes(report)),
        table=tables.benchmarks(report),
        tables=[each for each in (tables.totals(report), tables.categories(report)) if each.rows],
        parts={name: list(found) for name, found in parts.items()},
        many=len(parts) > MANY,
        serving=[(f"serving: {heading}", heading) for heading in serving],
        settings=settings(info.settings or {}),
        command=command(info),
        samples=samples,
        colours=ENDS,
        ends=END_WORDS,
    )


def part(name: str, result: BenchmarkResult, categories: Mapping[str, str]) -> dict[Heading, Chart]:
    """The charts of one benchmark: its categories, groups and dimensions, where it has several.

    Of a judge's ratings the dimensions stand apart from shares of the samples.
    """
    rated = {key: of for key, of in result.dimensions.items() if not of.scale}
    shares = {key: of for key, of in result.dimensions.items() if of.scale}
    if result.scale == SHARE:
        rated, shares = {}, {**shares, **rated}
    found = {
        N_("Categories side by side"): charts.category_radar(result),
        N_("By category"): charts.figures(result.categories, result.scale),
        N_("By dimension of the judge's rating"): charts.figures(rated, result.scale),
        N_("By group"): charts.groups(result, categories),
        N_("Further figures"): charts.figures(shares, result.scale),
    }
    return {(f"{name}: {words}", words): chart for words, chart in found.items() if chart}


def cards(report: RunReport) -> Iterator[Card]:
    """The main figures."""
    several = report.benchmarks
    if len(several) > MANY:
        samples = sum(of.samples for of in several.values())
        yield Card(N_("benchmarks"), str(len(several)), N_("{n:,} {n:sample|samples}", n=samples))
    else:
        yield from (score_card(name, of) for name, of in several.items())
    sent = report.serving
    answers = N_("{n:,} {n:request|requests} sent", n=sent.requests)
    if sent.replayed and not sent.requests:  # the rate is that of the session that asked
        answers = N_("{n:,} replayed", n=sent.replayed)
    yield Card(N_("requests/s"), f"{sent.requests_per_s:,.1f}", answers)
    errors = sum(each.errors for each in report.benchmarks.values())
    yield Card(N_("errors"), f"{errors:,}", N_("samples"))


def score_card(name: str, of: BenchmarkResult) -> Card:
    """The score of a benchmark."""
    if of.value is None:
        return Card(name, "-", N_("none of {n:,} {n:sample|samples} measured", n=of.planned))
    detail = N_("{n:,} {n:sample|samples}", n=of.samples)
    if of.ci95:
        sure = tables.ci(of.ci95, of.scale)
        detail = N_("{interval} · {n:,} {n:sample|samples}", interval=sure, n=of.samples)
    return Card(name, tables.score(of.value, of.scale), detail)


def command(info: RunInfo) -> str:
    """What to type to run it again, as far as one session ran all of it."""
    words = ["evaluator", "run", *run_words(info.settings or {})]
    urls = (word for url in info.endpoints for word in ("--base-url", url))
    return shlex.join([*words, *urls])
