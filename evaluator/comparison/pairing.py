"""Outcomes of two runs side by side, by sample id, and whether the runs asked the same at all."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evaluator.errors import UsageError
from evaluator.report.build import read_outcomes, read_run
from evaluator.types import MEASURED, SHARE, Scale

Record = Mapping[str, Any]  # a line of outcomes.jsonl
ASKING = ("metric", "shots", "mode", "api", "system", "shots_as_turns", "chat_template")
FILES = ("outcomes.jsonl", "responses.jsonl")
LUCK = {"seed", "user"}  # parameters that change a draw, and not what is measured


@dataclass(frozen=True, slots=True)
class Run:
    """A run's folder, its run.json, and its outcomes by benchmark and sample id."""

    folder: Path
    about: Mapping[str, Any]
    outcomes: Mapping[str, Mapping[str, Record]]

    @property
    def name(self) -> str:
        return self.folder.resolve().name

    @property
    def model(self) -> str:
        return str(self.about["model"])


@dataclass(frozen=True, slots=True)
class Pair:
    """One sample in both runs, measured in both."""

    id: str
    group: str
    base: Record
    other: Record

    @property
    def difference(self) -> float:
        return float(self.other["value"] - self.base["value"])


@dataclass(slots=True)
class Paired:
    """The pairs of one benchmark, what was left out and why, and what the runs differ in."""

    benchmark: str
    about: Mapping[str, Any]
    pairs: list[Pair] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    mismatches: list[str] = field(default_factory=list)
    unproven: bool = False  # prompts were not recorded: the same settings must do

    @property
    def scale(self) -> Scale:
        """The least and the most that a value can be."""
        least, most = self.about.get("scale", SHARE)
        return least, most

    @property
    def span(self) -> float:
        """The largest difference that there can be."""
        return self.scale[1] - self.scale[0]


def read(folder: Path) -> Run:
    """The run in a folder.  Raises UsageError when there is none, DataError for a damaged line."""
    about = read_run(folder)
    missing = [name for name in FILES if not (folder / name).exists()]
    if missing or "benchmarks" not in about:
        lacks = missing[0] if missing else "benchmark"
        raise UsageError(f"{str(folder)!r} is no run of `evaluator run`: it has no {lacks}")
    outcomes: dict[str, dict[str, Record]] = {name: {} for name in about["benchmarks"]}
    for record in read_outcomes(folder):
        outcomes[record["benchmark"]][record["id"]] = record
    return Run(folder, about, outcomes)


def paired(base: Run, other: Run, force: bool = False) -> list[Paired]:
    """The benchmarks that both runs have, in the base's order; one may be without pairs.

    Raises UsageError, saying what differs, for runs on different data or prompts; `force` pairs
    what can be paired all the same.
    """
    shared = [name for name in base.outcomes if name in other.outcomes]
    both = f"{str(other.folder)!r} with {str(base.folder)!r}"
    if not shared:
        raise UsageError(
            f"cannot pair {both}: they share no benchmark, "
            f"{', '.join(base.outcomes)} in one and {', '.join(other.outcomes)} in the other"
        )
    found = [pairing(base, other, name) for name in shared]
    different = [f"{each.benchmark}: {what}" for each in found for what in each.mismatches]
    if different and not force:
        raise UsageError(
            f"cannot pair {both}: {'; '.join(different)}; --force pairs what can be paired"
        )
    if not any(each.pairs for each in found):
        raise UsageError(f"cannot pair {both}: no sample was measured in both")
    return found


def unpaired(base: Run, other: Run, found: Sequence[Paired]) -> dict[str, str]:
    """The benchmarks that are not compared, and why."""
    alone = dict.fromkeys(base.outcomes.keys() - other.outcomes.keys(), "only in the base")
    alone |= dict.fromkeys(other.outcomes.keys() - base.outcomes.keys(), "only in the other")
    empty = {each.benchmark: "no sample measured in both" for each in found if not each.pairs}
    return dict(sorted({**alone, **empty}.items()))


def pairing(base: Run, other: Run, name: str) -> Paired:
    """One benchmark's pairs."""
    made = Paired(name, base.about["benchmarks"][name])
    ours, theirs = base.outcomes[name], other.outcomes[name]
    for id, record in ours.items():
        if id not in theirs:
            made.left_out["only in the base"] += 1
        elif reason := unmeasured(record, theirs[id]):
            made.left_out[reason] += 1
        else:
            made.pairs.append(Pair(id, record["group"], record, theirs[id]))
    if extra := len(theirs.keys() - ours.keys()):
        made.left_out["only in the other"] = extra
    made.unproven = not all(r.get("prompt") for p in made.pairs for r in (p.base, p.other))
    made.mismatches = list(mismatches(base, other, made))
    return made


def unmeasured(base: Record, other: Record) -> str:
    """Why two outcomes of the same id are no pair; empty where they are one."""
    for record in (base, other):
        if record["status"] not in MEASURED:
            return str(record["status"])
    # Another right answer under the same id is another question, whatever the labels say.
    return "" if base["target"] == other["target"] else "another target"


def mismatches(base: Run, other: Run, made: Paired) -> Iterator[str]:
    """What makes two runs of a benchmark incomparable."""
    one, two = (run.about["benchmarks"][made.benchmark] for run in (base, other))
    for key in ASKING:
        if key in one and key in two:  # a run from before it was recorded is not another run
            yield from different(key.replace("_", " "), one[key], two[key])
    for key in sorted((one["params"].keys() | two["params"].keys()) - LUCK):
        yield from different(key, one["params"].get(key), two["params"].get(key))
    if made.scale != SHARE:  # a judge's opinion
        yield from different("judge", judge(base, one), judge(other, two))
        yield from different("judging", one.get("about"), two.get("about"))
    prompts = [(p.base.get("prompt"), p.other.get("prompt")) for p in made.pairs]
    others = sum(bool(ours and theirs and ours != theirs) for ours, theirs in prompts)
    if others:
        yield f"other prompts in {others} of {len(prompts)} samples"
    if targets := made.left_out["another target"]:
        yield f"other right answers in {targets} samples"
    if others or targets or made.unproven:  # else the same rows, read from wherever they were
        yield from different("data", one["data"], two["data"])


def judge(run: Run, about: Mapping[str, Any]) -> Any:
    """Who judged a benchmark; of runs from before that was noted, who judged the run."""
    return about["judge"] if "judge" in about else run.about["judge"]


def different(what: str, one: Any, two: Any) -> Iterator[str]:
    """A line when the two are not equal."""
    if one != two:
        yield f"{what} {one!r} and {two!r}"
