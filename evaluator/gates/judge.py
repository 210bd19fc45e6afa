"""Asks of a run what must be so, and finds the answers in its outcomes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from evaluator.comparison.pairing import BenchmarkPairs, pair_benchmarks
from evaluator.comparison.recorded import RecordedRun, read
from evaluator.comparison.warnings import MISMATCHES
from evaluator.errors import UsageError, did_you_mean
from evaluator.gates.requirement import Requirement
from evaluator.locale import N_, recalled
from evaluator.results.names import SHARE, Scale
from evaluator.statistics.bounds import difference_bounds, mean_bounds, moments
from evaluator.types import MEASURED

AUDIT = "audit:"  # the check of a judge is no benchmark of the model
UNMEASURED = ("error", "judge_unparsed")


@dataclass(frozen=True, slots=True)
class Demands:
    """What must be so of a run.

    `least` is the least score by benchmark, on its scale. `max_drop` is how far a benchmark may be
    below the base, as a share of its scale; of all benchmarks of the base, or those `named`.
    """

    least: Mapping[str, float]
    max_drop: float | None = None
    named: Sequence[str] = ()
    confidence: float = 0.95


def judged(
    folder: Path, demands: Demands, base: Path | None = None, force: bool = False
) -> list[Requirement]:
    """The answers for the run in a folder.

    Raises UsageError for what cannot be asked of these runs, DataError for a damaged file.
    """
    return answers(read(folder), demands, read(base) if base else None, force)


def answers(
    run: RecordedRun, demands: Demands, base: RecordedRun | None = None, force: bool = False
) -> list[Requirement]:
    """The answers for a run.

    All must pass for the run to pass, so that each may be held at `confidence`; one that fails
    decides, so that the chance of a false one is divided among them (Bonferroni).
    """
    asked = list(asked_of(run, demands, base))
    fails = 1 - (1 - demands.confidence) / max(1, len(asked))
    pairs = {each.name: each for each in pair_benchmarks(base, run, force)} if base else {}
    return [
        with_score(run, each, demands.confidence, fails)
        if each.kind == "min"
        else with_difference(run, base, each, pairs.get(each.benchmark), demands.confidence, fails)
        for each in asked
    ]


def asked_of(run: RecordedRun, demands: Demands, base: RecordedRun | None) -> Iterator[Requirement]:
    """What is asked, without answers.  Raises UsageError."""
    for name, least in demands.least.items():
        scale = scale_of(run, name, "--min")
        check_limit(name, least, scale)
        yield Requirement(name, "min", least, scale)
    if base and demands.max_drop is not None:
        for name in demands.named or [each for each in base.outcomes if AUDIT not in each]:
            scale = scale_of(base, name, "--benchmark")
            yield Requirement(name, "drop", -demands.max_drop * (scale[1] - scale[0]), scale)


def scale_of(run: RecordedRun, name: str, option: str) -> Scale:
    """The scale of a benchmark of the run.  Raises UsageError where the run does not have it."""
    if name in run.info.benchmarks:
        return run.info.benchmarks[name].scale
    known = list(run.info.benchmarks)
    hint = did_you_mean(name, known, N_("it has {names}", names=", ".join(known)))
    raise UsageError(
        N_(
            "{option}: {path!r} has no benchmark {name!r}; {hint}",
            option=option,
            path=str(run.folder.path),
            name=name,
            hint=hint,
        )
    )


def check_limit(name: str, least: float, scale: Scale) -> None:
    """Raises UsageError for a score that the benchmark cannot have."""
    if scale[0] <= least <= scale[1]:
        return
    hint = ""
    if scale == SHARE and 1 < least <= 100:
        hint = N_("; give {share:g} for {percent:g} %", share=least / 100, percent=least)
    raise UsageError(
        N_(
            "--min {name}={least:g}: its scores are from {least_possible:g} to {most:g}{hint}",
            name=name,
            least=least,
            least_possible=scale[0],
            most=scale[1],
            hint=hint,
        )
    )


def with_score(run: RecordedRun, asked: Requirement, passes: float, fails: float) -> Requirement:
    """The requirement with the run's score."""
    least, most = asked.scale
    found = run.outcomes[asked.benchmark].values()
    values = [(each.score - least) / (most - least) for each in found if each.status in MEASURED]
    missing = planned(run, asked.benchmark) - len(values)
    if not values:
        return replace(asked, missing=missing)
    low, _ = mean_bounds(moments([*values, *[0.0] * missing]), passes, fails)
    _, high = mean_bounds(moments([*values, *[1.0] * missing]), passes, fails)
    value, low, high = (least + (most - least) * each for each in (moments(values).mean, low, high))
    notes = missing_note(missing, "min")
    return replace(
        asked, n=len(values), missing=missing, value=value, low=low, high=high, notes=notes
    )


def with_difference(
    run: RecordedRun,
    base: RecordedRun | None,
    asked: Requirement,
    pairs: BenchmarkPairs | None,
    passes: float,
    fails: float,
) -> Requirement:
    """The requirement with the difference to the base over the samples of both runs."""
    if base is None or pairs is None:
        return replace(asked, notes=(N_("the run has not measured this benchmark of the base"),))
    missing, span = lost_pairs(run, base, pairs), pairs.span
    differences = [each.difference / span for each in pairs.pairs]
    if not differences:
        return replace(asked, missing=missing, notes=(N_("no sample was measured in both runs"),))
    low, _ = difference_bounds([*differences, *[-1.0] * missing], passes, fails)
    _, high = difference_bounds([*differences, *[1.0] * missing], passes, fails)
    value = sum(differences) / len(differences)
    return replace(
        asked,
        n=len(differences),
        missing=missing,
        value=value * span,
        low=low * span,
        high=high * span,
        notes=(*missing_note(missing, "drop"), *unpaired_notes(pairs)),
    )


def planned(run: RecordedRun, benchmark: str) -> int:
    """Samples that should have ended; more may have, where the run was asked for fewer since."""
    info = run.info.benchmarks[benchmark]
    whole = info.stopped.samples if info.stopped else info.samples
    return max(whole, len(run.outcomes[benchmark]))


def lost_pairs(run: RecordedRun, base: RecordedRun, pairs: BenchmarkPairs) -> int:
    """Pairs that there should be: of samples that a run did not measure, or did not reach."""
    left = pairs.left_out
    unreached, of_base = (
        planned(each, pairs.name) - len(each.outcomes[pairs.name]) for each in (run, base)
    )
    return (
        sum(left[status] for status in UNMEASURED)
        + unreached
        + min(of_base, left["only in the other"])
    )


def missing_note(missing: int, kind: Literal["min", "drop"]) -> tuple[str, ...]:
    """How what is missing was counted."""
    if not missing:
        return ()
    if kind == "min":
        return (
            N_(
                "{n:,} {n:sample was|samples were} not measured: {n:it counts|they count} as wrong "
                "before anything passes, and as right before anything fails",
                n=missing,
            ),
        )
    return (
        N_(
            "{n:,} {n:pair was|pairs were} not measured: {n:it counts|they count} as lost before "
            "anything passes, and as gained before anything fails",
            n=missing,
        ),
    )


def unpaired_notes(pairs: BenchmarkPairs) -> Iterator[str]:
    """What only one of the runs asked, and how they differ where they were paired by force."""
    left_out = pairs.left_out
    if count := left_out["only in the base"]:
        yield N_(
            "{count:,} {count:sample|samples} that only the base has {count:was|were} left out",
            count=count,
        )
    if count := left_out["only in the other"]:
        yield N_(
            "{count:,} {count:sample|samples} that only this run has {count:was|were} left out",
            count=count,
        )
    for each in pairs.mismatches:
        yield N_("paired by force: {mismatch}", mismatch=recalled(each, MISMATCHES))
