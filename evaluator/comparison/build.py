"""Builds a comparison from the folders of runs."""

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from evaluator.comparison.causes import ModelReplies, SampleKey, cause
from evaluator.comparison.figures import benchmark_comparison
from evaluator.comparison.item_changes import changed_largely, item_change
from evaluator.comparison.noise import noise_floor
from evaluator.comparison.pairing import BenchmarkPairs, pair_benchmarks, unpaired
from evaluator.comparison.recorded import RecordedRun, read
from evaluator.comparison.rows import LEVELS, slices, tested_rows
from evaluator.comparison.serving import serving_comparison
from evaluator.errors import UsageError
from evaluator.journal.lines import picked, response
from evaluator.locale import N_
from evaluator.results.benchmark_comparison import Cause, ComparisonRow, ItemChange
from evaluator.results.comparison import BaseRun, Comparison, ModelComparison
from evaluator.results.outcomes import OutcomeRecord
from evaluator.statistics.paired import ALPHA, POWER
from evaluator.transcripts.read import transcripts

MARGIN = 0.05  # share of the scale: a smaller difference is taken not to matter


@dataclass(slots=True)
class PairedModel:
    """One model's run paired with the base: pairs, replies and causes of those that differ.

    `replies` are the base's and the model's. `causes` are by benchmark and sample id.
    """

    run: RecordedRun
    benchmarks: Sequence[BenchmarkPairs]
    replies: tuple[ModelReplies, ModelReplies]
    causes: dict[str, dict[str, Cause]]
    unpaired: dict[str, str]


def compare(
    base: Path, others: Sequence[Path], force: bool = False, margin: float = MARGIN
) -> Comparison:
    """The comparison of each of the other runs with the base.

    `margin` is the share of the scale that matters. Raises UsageError where a folder holds no run,
    or where runs differ in data or prompts (`force` pairs what can be paired).
    """
    if not others:
        raise UsageError(N_("nothing to compare with: name one run or more beside the base"))
    first = read(base)
    models = [pair_model(first, read(folder), force) for folder in others]
    rows = rows_by_model(models, margin)
    return Comparison(
        base=BaseRun(run=first.name, model=first.info.model, noise=noise_floor(first)),
        alpha=ALPHA,
        power=POWER,
        margin=margin,
        comparisons=[
            model_comparison(first, model, of) for model, of in zip(models, rows, strict=True)
        ],
        serving=[serving_comparison(folder) for folder in (base, *others)],
    )


def pair_model(base: RecordedRun, other: RecordedRun, force: bool) -> PairedModel:
    """One of the other runs, paired with the base."""
    found = pair_benchmarks(base, other, force)
    benchmarks = [each for each in found if each.pairs]
    differing = [pair for each in benchmarks for pair in each.pairs if pair.difference]
    base_replies = replies(base, (pair.base for pair in differing))
    other_replies = replies(other, (pair.other for pair in differing))
    causes = {
        each.name: {
            pair.id: cause(pair, each, base_replies, other_replies)
            for pair in each.pairs
            if pair.difference
        }
        for each in benchmarks
    }
    both = base_replies, other_replies
    return PairedModel(other, benchmarks, both, causes, unpaired(base, other, found))


def replies(run: RecordedRun, outcomes: Iterable[OutcomeRecord]) -> ModelReplies:
    """The model's last reply to each of these samples, from the run's journal."""
    samples = {
        key: (outcome.benchmark, outcome.id)
        for outcome in outcomes
        for key in outcome.response_keys
    }
    return {
        samples[each["key"]]: response(each)
        for journal in run.folder.journals
        for each in picked(journal, samples)
        if each["role"] == "model"
    }


def rows_by_model(models: Sequence[PairedModel], margin: float) -> list[list[ComparisonRow]]:
    """The rows of each model.  The rows of a level, over all models, are tested together."""
    parts = [
        [part for each in model.benchmarks for part in slices(each, model.causes[each.name])]
        for model in models
    ]
    rows: list[list[ComparisonRow]] = [[] for _ in models]
    for level in LEVELS:
        members = [(i, part) for i, of in enumerate(parts) for part in of if part.level == level]
        tested = tested_rows([part for _, part in members], margin)
        for (i, _), row in zip(members, tested, strict=True):
            rows[i].append(row)
    return [
        # Each benchmark is followed by its categories and subjects.
        [row for each in model.benchmarks for row in of if row.benchmark == each.name]
        for model, of in zip(models, rows, strict=True)
    ]


def model_comparison(
    base: RecordedRun, model: PairedModel, rows: Sequence[ComparisonRow]
) -> ModelComparison:
    """One model beside the base."""
    changes = list(item_changes(base, model))
    return ModelComparison(
        run=model.run.name,
        model=model.run.info.model,
        noise=noise_floor(model.run),
        benchmarks={each.name: benchmark_comparison(each) for each in model.benchmarks},
        unpaired=model.unpaired,
        rows=rows,
        forgotten=[each for each in changes if each.change < 0],
        learned=[each for each in changes if each.change > 0],
    )


def item_changes(base: RecordedRun, model: PairedModel) -> Iterator[ItemChange]:
    """The questions answered worse or better, by benchmark; the largest changes first."""
    changed = {
        each.name: [pair for pair in each.pairs if changed_largely(pair, each.span)]
        for each in model.benchmarks
    }
    keys = {(name, pair.id) for name, pairs in changed.items() for pair in pairs}
    asked = questions((base, model.run), keys)
    for each in model.benchmarks:
        causes = model.causes[each.name]
        found = [
            item_change(
                pair, each, causes[pair.id], model.replies, asked.get((each.name, pair.id), "")
            )
            for pair in changed[each.name]
        ]
        yield from sorted(found, key=lambda item: (-abs(item.change), item.id))


def questions(runs: Iterable[RecordedRun], samples: Set[SampleKey]) -> dict[SampleKey, str]:
    """What was asked in these samples, from the first of the runs that recorded it."""
    found: dict[SampleKey, str] = {}
    for run in runs:
        missing = samples - found.keys()
        if missing and run.folder.samples.exists():
            for each in transcripts(run.folder.path, missing):
                found[each.benchmark, each.id] = each.question
    return found
