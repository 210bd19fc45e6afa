"""Runs ranked by benchmark. Only those rank together that a comparison would pair in full."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from operator import attrgetter

from evaluator.comparison.pairing import asked_differently, different, judged_differently
from evaluator.errors import EvaluatorError
from evaluator.locale import N_
from evaluator.report.tables import ci, score
from evaluator.results.names import SHARE
from evaluator.results.outcomes import read_outcomes
from evaluator.results.report import BenchmarkResult, read_report
from evaluator.results.run import RunInfo, read_run
from evaluator.viewer.entries import Stamp, stamp
from evaluator.viewer.folders import Place


@dataclass(frozen=True, slots=True)
class AskedQuestions:
    """Digests over what the samples of a benchmark asked, whatever was replied."""

    samples: int
    targets: str  # over ids and right answers
    prompts: str  # over the prompts; empty where some were not recorded


@dataclass(frozen=True, slots=True)
class Candidate:
    """A run that has a score in a benchmark."""

    place: Place
    benchmark: str
    model: str
    started: str
    result: BenchmarkResult
    info: RunInfo
    questions: AskedQuestions

    @property
    def value(self) -> float:
        """The score; every candidate has one."""
        assert self.result.value is not None, self.place.name
        return self.result.value

    @property
    def shown(self) -> tuple[str, str]:
        """The score and its interval, as text."""
        of = self.result
        return score(of.value, of.scale), ci(of.ci95, of.scale)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Runs that rank together, the best first; `apart` says why they do not with the first ones."""

    runs: Sequence[Candidate]
    apart: Sequence[str] = ()

    @property
    def rows(self) -> list[tuple[int, Candidate]]:
        """Each run with its rank, which runs share whose scores read the same: 1, 2, 2, 4."""
        scores = [run.shown[0] for run in self.runs]
        return [(1 + scores.index(run.shown[0]), run) for run in self.runs]


def leaderboards(places: Iterable[Place]) -> dict[str, list[Ranking]]:
    """The rankings of each benchmark, the one with the most runs first."""
    found: dict[str, list[Candidate]] = {}
    for each in chain.from_iterable(map(readable, places)):
        found.setdefault(each.benchmark, []).append(each)
    return {name: rankings(found[name]) for name in sorted(found)}


def readable(place: Place) -> Sequence[Candidate]:
    """The candidates of a place; one that is damaged or unfinished has none."""
    if place.kind != "run":
        return ()
    try:
        place.check()
        return candidates(place, stamp(place))
    except (EvaluatorError, OSError):
        return ()


@lru_cache(maxsize=1000)
def candidates(place: Place, _: Stamp) -> Sequence[Candidate]:
    """What a run can be ranked by, as far as its files tell.  Raises EvaluatorError and OSError."""
    report, info = read_report(place.path), read_run(place.path)
    asked = questions(place)
    return [
        Candidate(place, name, report.model, report.started_at, result, info, asked[name])
        for name, result in report.benchmarks.items()
        if result.value is not None and name in info.benchmarks and name in asked
    ]


def questions(place: Place) -> dict[str, AskedQuestions]:
    """The digests of a run's questions by benchmark.  Raises DataError and OSError."""
    asked: dict[str, list[tuple[str, str, str]]] = {}
    for each in read_outcomes(place.path):
        asked.setdefault(each.benchmark, []).append((each.id, each.target, each.prompt))
    return {name: digests(sorted(of)) for name, of in asked.items()}


def digests(asked: Sequence[tuple[str, str, str]]) -> AskedQuestions:
    """The digests over the id, right answer and prompt of every sample."""
    targets, prompts = blake2b(digest_size=8), blake2b(digest_size=8)
    for id, target, prompt in asked:
        targets.update(repr((id, target)).encode())
        prompts.update(repr((id, prompt)).encode())
    proven = all(prompt for _, _, prompt in asked)
    return AskedQuestions(len(asked), targets.hexdigest(), prompts.hexdigest() if proven else "")


def rankings(runs: Sequence[Candidate]) -> list[Ranking]:
    """The runs of one benchmark in groups that rank together."""
    groups: list[list[Candidate]] = []
    for each in sorted(runs, key=attrgetter("started"), reverse=True):
        home = next((of for of in groups if not any(differences(of[0], each))), None)
        if home is None:
            groups.append([each])
        else:
            home.append(each)
    first, *others = sorted(groups, key=len, reverse=True)
    return [
        Ranking(ranked(first)),
        *(Ranking(ranked(of), list(differences(first[0], of[0]))) for of in others),
    ]


def ranked(runs: Sequence[Candidate]) -> list[Candidate]:
    """The best first."""
    return sorted(runs, key=attrgetter("value"), reverse=True)


def differences(one: Candidate, other: Candidate) -> Iterator[str]:
    """What keeps two runs from ranking together, a line each; as a comparison judges it."""
    name = one.benchmark
    ours, theirs = one.info.benchmarks[name], other.info.benchmarks[name]
    yield from different("scale", ours.scale, theirs.scale)
    yield from asked_differently(ours, theirs)
    if ours.scale != SHARE:
        yield from judged_differently(one.info, other.info, name)
    before, after = one.questions, other.questions
    if before.targets != after.targets:
        yield N_(
            "other samples: {ours:,} and {theirs:,}", ours=before.samples, theirs=after.samples
        )
    elif before.prompts and after.prompts and before.prompts != after.prompts:
        yield N_("other prompts")
    if before.targets != after.targets or not (before.prompts and after.prompts):
        yield from different("data", ours.data, theirs.data)
