"""Outcomes of two runs paired by sample id, and whether the runs asked the same questions."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from evaluator.comparison.recorded import RecordedRun
from evaluator.errors import UnlikeRuns, UsageError
from evaluator.locale import N_, filled
from evaluator.report.values import in_words
from evaluator.results.outcomes import OutcomeRecord
from evaluator.results.run import BenchmarkInfo, RunInfo
from evaluator.types import MEASURED, SHARE, Scale

ASKED = (
    *("metric", "shots", "mode", "protocol", "api", "system", "prompt_template"),
    *("shots_as_turns", "chat_template"),
)
RANDOM = {"seed", "user"}  # parameters that change a random draw, and not what is measured


@dataclass(frozen=True, slots=True)
class SamplePair:
    """One sample in both runs, measured in both."""

    id: str
    group: str
    base: OutcomeRecord
    other: OutcomeRecord

    @property
    def base_value(self) -> float:
        return self.base.score

    @property
    def other_value(self) -> float:
        return self.other.score

    @property
    def difference(self) -> float:
        """The other's value minus the base's, on the benchmark's scale."""
        return self.other_value - self.base_value


@dataclass(slots=True)
class BenchmarkPairs:
    """The pairs of one benchmark, what was left out and why, and how the runs differ.

    `prompts_proven`: both runs recorded the prompts of all pairs.
    """

    name: str
    info: BenchmarkInfo  # of the base run
    pairs: list[SamplePair] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    mismatches: list[str] = field(default_factory=list)
    prompts_proven: bool = True

    @property
    def scale(self) -> Scale:
        """The least and the most that a value can be."""
        return self.info.scale

    @property
    def span(self) -> float:
        """The largest possible difference."""
        return self.scale[1] - self.scale[0]


def pair_benchmarks(
    base: RecordedRun, other: RecordedRun, force: bool = False
) -> list[BenchmarkPairs]:
    """The benchmarks that both runs have, in the base's order; one may be without pairs.

    Raises UsageError, saying what differs, for runs on different data or prompts; `force` pairs
    what can be paired all the same.
    """
    shared = [name for name in base.outcomes if name in other.outcomes]
    both = {"other": str(other.folder.path), "base": str(base.folder.path)}
    if not shared:
        raise UsageError(
            N_(
                "cannot pair {other!r} with {base!r}: they share no benchmark, {ours} in one "
                "and {theirs} in the other",
                **both,
                ours=", ".join(base.outcomes),
                theirs=", ".join(other.outcomes),
            )
        )
    found = [pair_benchmark(base, other, name) for name in shared]
    mismatches = [f"{each.name}: {what}" for each in found for what in each.mismatches]
    if mismatches and not force:
        raise UnlikeRuns(
            N_(
                "cannot pair {other!r} with {base!r}: {mismatches}",
                **both,
                mismatches="; ".join(mismatches),
            )
        )
    if not any(each.pairs for each in found):
        raise UsageError(
            N_("cannot pair {other!r} with {base!r}: no sample was measured in both", **both)
        )
    return found


def unpaired(
    base: RecordedRun, other: RecordedRun, found: Sequence[BenchmarkPairs]
) -> dict[str, str]:
    """The benchmarks that are not compared, and why."""
    alone = dict.fromkeys(base.outcomes.keys() - other.outcomes.keys(), "only in the base")
    alone |= dict.fromkeys(other.outcomes.keys() - base.outcomes.keys(), "only in the other")
    empty = {each.name: "no sample measured in both" for each in found if not each.pairs}
    return dict(sorted({**alone, **empty}.items()))


def pair_benchmark(base: RecordedRun, other: RecordedRun, name: str) -> BenchmarkPairs:
    """One benchmark's pairs, whatever the runs differ in."""
    benchmark = BenchmarkPairs(name, base.info.benchmarks[name])
    ours, theirs = base.outcomes[name], other.outcomes[name]
    for id, outcome in ours.items():
        if id not in theirs:
            benchmark.left_out["only in the base"] += 1
        elif reason := no_pair(outcome, theirs[id]):
            benchmark.left_out[reason] += 1
        else:
            benchmark.pairs.append(SamplePair(id, outcome.group, outcome, theirs[id]))
    if extra := len(theirs.keys() - ours.keys()):
        benchmark.left_out["only in the other"] = extra
    benchmark.prompts_proven = all(p.base.prompt and p.other.prompt for p in benchmark.pairs)
    benchmark.mismatches = list(mismatches(benchmark, base, other))
    return benchmark


def no_pair(base: OutcomeRecord, other: OutcomeRecord) -> str:
    """Why two outcomes of the same id are no pair; empty where they are one."""
    for outcome in (base, other):
        if outcome.status not in MEASURED:
            return outcome.status
    # Another right answer under the same id is another question, whatever the labels say.
    return "" if base.target == other.target else "another target"


def mismatches(benchmark: BenchmarkPairs, base: RecordedRun, other: RecordedRun) -> Iterator[str]:
    """What makes the two runs of a benchmark incomparable, a line each."""
    name, theirs = benchmark.name, other.info.benchmarks[benchmark.name]
    yield from asked_differently(benchmark.info, theirs)
    if benchmark.scale != SHARE:  # ratings: a judge's opinion
        yield from judged_differently(base.info, other.info, name)
    prompts = [(pair.base.prompt, pair.other.prompt) for pair in benchmark.pairs]
    other_prompts = sum(bool(ours and theirs and ours != theirs) for ours, theirs in prompts)
    if other_prompts:
        told = "other prompts in {count} of {n} {n:sample|samples}"
        yield filled(told, {"count": other_prompts, "n": len(prompts)})
    if other_targets := benchmark.left_out["another target"]:
        told = "other right answers in {count} {count:sample|samples}"
        yield filled(told, {"count": other_targets})
    # Equal prompts and targets prove the same rows, wherever they were read from.
    if other_prompts or other_targets or not benchmark.prompts_proven:
        yield from different("data", benchmark.info.data, theirs.data)


def asked_differently(base: BenchmarkInfo, other: BenchmarkInfo) -> Iterator[str]:
    """The settings that differ; one that an older run did not record has its default."""
    for name in ASKED:
        yield from different(name.replace("_", " "), getattr(base, name), getattr(other, name))
    for name in sorted((base.params.keys() | other.params.keys()) - RANDOM):
        yield from different(name, base.params.get(name), other.params.get(name))


def judged_differently(base: RunInfo, other: RunInfo, benchmark: str) -> Iterator[str]:
    """What differs in who judged, and how."""
    ours, theirs = base.benchmarks[benchmark], other.benchmarks[benchmark]
    yield from different("judge", base.judge_of(benchmark), other.judge_of(benchmark))
    yield from different_lines("judging", ours.about, theirs.about)


def different_lines(what: str, base: Sequence[str], other: Sequence[str]) -> Iterator[str]:
    """The lines that only one of the two has."""
    ours = "; ".join(line for line in base if line not in other)
    theirs = "; ".join(line for line in other if line not in base)
    if ours or theirs:
        yield f"{what}: {ours or 'nothing more'} in the base, and {theirs or 'nothing more'} here"


def different(what: str, base: object, other: object) -> Iterator[str]:
    """A line when the two are not equal."""
    if base != other:
        yield f"{what} {in_words(base, repr)} and {in_words(other, repr)}"
