"""A run's report, from its run.json, outcomes.jsonl and responses.jsonl."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from evaluator.benchmarks import builtin, of_lm_eval
from evaluator.errors import UsageError
from evaluator.judging.dimensions import scale_of
from evaluator.report.replies import ReplyCounts
from evaluator.report.serving import serving_result
from evaluator.results.figures import Figure
from evaluator.results.names import ENDS, MEASURED, End, Scale
from evaluator.results.outcomes import OutcomeRecord, outcome_end, read_outcomes
from evaluator.results.report import BenchmarkResult, RunReport, TotalsSource
from evaluator.results.run import BenchmarkInfo, RunInfo, read_run
from evaluator.statistics.intervals import figure, macro
from evaluator.types import Summarize

MOST_MESSAGES = 5  # kinds of error that a report names

Columns = defaultdict[str, "array[float]"]  # values by the name of what they are of
Summarizers = Mapping[str, Summarize | None]  # what makes a benchmark's own totals, by name


def build(
    folder: Path, summarizers: Summarizers | None = None, info: RunInfo | None = None
) -> RunReport:
    """The report of the run in `folder`.  Raises UsageError when there is no run.

    `summarizers` make the totals of benchmarks that the table of benchmarks may not know. `info`
    is what run.json holds, where that is known already.
    """
    run = info or read_run(folder)
    known = summarizers or {}
    tallies = {
        name: Tally(of.scale, known.get(name) or summarizer(name))
        for name, of in run.benchmarks.items()
    }
    keys: set[bytes] = set()
    for outcome in read_outcomes(folder):
        tallies[outcome.benchmark].add(outcome)
        for key in outcome.response_keys:
            keys.add(bytes.fromhex(key))
    return RunReport(
        run=run.run,
        model=run.model,
        judge=run.judge,
        started_at=run.started_at,
        tags=(run.settings or {}).get("tag", ()),
        note=(run.settings or {}).get("note", ""),
        seconds=run.seconds,
        identity=run.identity,
        benchmarks={
            name: benchmark_result(tally, run.benchmarks[name]) for name, tally in tallies.items()
        },
        serving=serving_result(folder, run, keys),
    )


def summarizer(benchmark: str) -> Summarize | None:
    """The benchmark's own further figures, where it has any."""
    known = builtin(benchmark)
    with suppress(UsageError):  # an extra that is not installed here
        known = known or of_lm_eval(benchmark)
    return known.summarize if known else None


def column() -> "array[float]":
    """An empty column of values."""
    return array("d")


@dataclass(slots=True)
class Tally:
    """The outcomes of one benchmark, small enough to hold for a million samples.

    Only a benchmark that summarizes needs the outcomes themselves.
    """

    scale: Scale
    summarize: Summarize | None = None
    outcomes: list[OutcomeRecord] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    ends: Counter[End] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    groups: Columns = field(default_factory=lambda: defaultdict(column))
    dimensions: Columns = field(default_factory=lambda: defaultdict(column))
    replies: ReplyCounts = field(default_factory=ReplyCounts)
    leaked: int = 0
    ran_on: int = 0
    fitted: int = 0

    def add(self, outcome: OutcomeRecord) -> None:
        if self.summarize:
            self.outcomes.append(outcome)
        self.statuses[outcome.status] += 1
        self.ends[outcome_end(outcome, self.scale)] += 1
        self.leaked += outcome.leaked
        self.ran_on += outcome.ran_on
        self.fitted += outcome.fitted
        if outcome.states:
            self.replies.add(outcome)
        if outcome.status == "error":
            self.errors[outcome.error] += 1
        if outcome.status in MEASURED and outcome.value is not None:
            self.groups[outcome.group].append(outcome.value)
            for name, value in outcome.dimensions.items():
                self.dimensions[name].append(value)


def benchmark_result(tally: Tally, info: BenchmarkInfo) -> BenchmarkResult:
    """Value, interval, macro mean, counts of every status, and the same by group."""
    scale, counts = info.scale, tally.statuses
    every, by_group = (
        figure(tally.groups.values(), scale=scale),
        macro(tally.groups.values(), scale),
    )
    groups = {name: figure([values], scale=scale) for name, values in tally.groups.items()}
    totals, totals_from = own_totals(tally, info)
    return BenchmarkResult(
        metric=info.metric,
        scale=scale,
        value=every.value,
        ci95=every.ci95,
        samples=counts.total(),
        macro=by_group.value,
        macro_ci95=by_group.ci95,
        planned=info.stopped.samples if info.stopped else info.samples,
        available=info.samples,
        stopped=info.stopped,
        scored=counts["scored"],
        unparsed=counts["unparsed"],
        truncated=counts["truncated"],
        judge_unparsed=counts["judge_unparsed"],
        errors=counts["error"],
        ends={each: tally.ends[each] for each in ENDS if tally.ends[each]},
        error_messages=dict(tally.errors.most_common(MOST_MESSAGES)),
        leaked=tally.leaked,
        ran_on=tally.ran_on,
        fitted=tally.fitted,
        shots=info.shots,
        mode=info.mode,
        api=info.api,
        system=info.system,
        prompt_template=info.prompt_template,
        repeats=info.repeats,
        data=info.data,
        origin=info.origin,
        deviations=info.deviations,
        params=info.params,
        about=info.about,
        groups=dict(sorted(groups.items())),
        categories=category_figures(tally, info),
        dimensions={
            name: tally.replies.dimension(name, dimension(name, of, scale))
            for name, of in tally.dimensions.items()
        },
        replies=tally.replies.states,
        totals=totals,
        totals_from=totals_from,
    )


def dimension(name: str, values: "array[float]", scale: Scale) -> Figure:
    """The mean of a dimension, with its scale where that is not the benchmark's own."""
    own = scale_of(name, values, scale)
    return replace(figure([values], scale=own), scale=None if own == scale else own)


def category_figures(tally: Tally, info: BenchmarkInfo) -> dict[str, Figure]:
    """The value of each category, over the samples of its groups."""
    parts: dict[str, list[array[float]]] = {}
    for name, values in tally.groups.items():
        if category := info.categories.get(name):
            parts.setdefault(category, []).append(values)
    return {name: figure(of, scale=info.scale) for name, of in parts.items()}


def own_totals(tally: Tally, info: BenchmarkInfo) -> tuple[Mapping[str, Figure], TotalsSource]:
    """A benchmark's further figures, and where they are from.

    They are made of the outcomes where the benchmark is known; else they are those that its run
    left, if any.
    """
    if tally.summarize:
        return tally.summarize(tally.outcomes), "outcomes"
    if not info.summarizes:
        return {}, None
    return info.totals or {}, "nothing" if info.totals is None else "run"
