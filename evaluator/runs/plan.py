"""From settings to tasks: which samples, how many, with which sampling. Nothing is sent here."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from evaluator.benchmarks import of_a_file
from evaluator.data import Origin, Source, samples, select, source
from evaluator.data.digest import SampleDigest, deviations
from evaluator.data.fetch_progress import FetchListener
from evaluator.data.table import table
from evaluator.engine.precision import SamplesUntilPrecise, shuffled
from evaluator.engine.task import Task
from evaluator.errors import DataError, UsageError, did_you_mean
from evaluator.judging.judges import NEEDED
from evaluator.locale import N_
from evaluator.options.dataset_args import DatasetArgs
from evaluator.options.settings import Settings
from evaluator.runs.binding import binding
from evaluator.runs.choice import audited, choose, form
from evaluator.runs.sampling import given_sampling, usual_sampling
from evaluator.runs.templates import check_template
from evaluator.types import Benchmark, Params, Sample

MOST_HELD = 5_000  # samples of a benchmark that are kept in memory; more are read again


@dataclass(frozen=True, slots=True)
class Stream:
    """A benchmark's samples, read from the data anew each time, so that they need not be held.

    Only those of the `groups` named, where any are, and none of the groups `without`.
    """

    benchmark: Benchmark
    source: Source
    shots: int
    groups: Sequence[str] = ()
    without: Sequence[str] = ()
    digest: SampleDigest = field(default_factory=SampleDigest)

    def __iter__(self) -> Iterator[Sample]:
        wanted = frozenset(self.groups)
        for sample in self.digest.counting(samples(self.benchmark, self.source, self.shots)):
            if (not wanted or sample.group in wanted) and sample.group not in self.without:
                yield sample


def plan(settings: Settings, hold: bool = False, watch: FetchListener | None = None) -> list[Task]:
    """The tasks of a run.  Reads all data once, so that a bad row is found before any request.

    What is large is read again as the run goes on, so that it need not be held, unless `hold` says
    so.
    `watch` is told how fetching it goes.

    Raises UsageError or DataError.
    """
    chosen = choose(settings)
    check_examples(chosen, settings)
    origin = source(settings.data_dir, settings.data, watch)
    origin.prepare([each.data_set for each in chosen if each.data_set in table()])
    tasks = [bound(each, origin, settings, hold) for each in chosen]
    for task in tasks:
        check_template(task)
    return tasks + audits(settings, origin)


def check_examples(chosen: Iterable[Benchmark], settings: Settings) -> None:
    """Raises UsageError for worked examples of benchmarks that have none to show."""
    if without := [
        each.name
        for each in chosen
        if given_shots(each, settings) and not (each.examples or each.shots)
    ]:
        raise UsageError(
            N_(
                "no worked examples to show in {without}; run them without --shots, or give "
                'them to the others: --dataset-args \'{{"NAME": {{"few_shot_num": N}}}}\'',
                without=", ".join(without),
            )
        )


def given_shots(benchmark: Benchmark, settings: Settings) -> int | None:
    """The worked examples that the user asks for; None where that is left to the benchmark."""
    own = settings.dataset_args.get(benchmark.name, DatasetArgs()).few_shot_num
    return settings.shots if own is None else own


def reads_hub(settings: Settings) -> bool:
    """Whether the data come from a hub."""
    return settings.data in ("hub", "modelscope") or not (settings.data or settings.data_dir)


def audits(settings: Settings, origin: Source) -> list[Task]:
    """The tasks that audit the judges themselves, where that is asked for."""
    alone = settings.model_copy(
        update={"limit": settings.audit_judge, "precision": None, "repeats": 1}
    )
    return [bound(each, origin, alone) for each in audited(settings)]


def bound(benchmark: Benchmark, origin: Source, settings: Settings, hold: bool = False) -> Task:
    """A benchmark with its samples, as this run asks and scores them."""
    by = binding(benchmark, origin, settings)
    own = settings.dataset_args.get(benchmark.name, DatasetArgs())
    asked = given_shots(benchmark, settings)
    shots = usual_shots(benchmark, origin) if asked is None else asked
    stream = Stream(benchmark, origin, shots, own.subset_list, by.without)
    check_groups(stream)
    limit = settings.limit if own.limit is None else own.limit
    chosen, total = drawn(stream, limit, hold or settings.precision is not None)
    data = described(benchmark, origin)
    if not total:
        raise DataError(N_("{name}: no samples in {data}", name=benchmark.name, data=data))
    came_from = data_of(benchmark, origin)
    if settings.precision:
        least, most = benchmark.scale
        wanted = settings.precision * (most - least)
        chosen = SamplesUntilPrecise(shuffled(chosen), wanted, benchmark.scale)
    sampling = given_sampling(benchmark, settings)
    return Task(
        benchmark,
        by.solve,
        chosen,
        total,
        shots,
        params={**usual_sampling(benchmark, settings.mode), **sampling},
        data=data,
        origin=came_from,
        deviations=unexpected(stream, came_from, settings.strict_data),
        repeats=settings.repeats,
        mode=settings.mode,
        form=form(settings, own),
        given=given_by_role(by.roles, sampling, settings),
        roles=by.roles,
        notes=by.notes,
        protocol=by.protocol,
    )


def drawn(stream: Stream, limit: int | None, hold: bool) -> tuple[Iterable[Sample], int]:
    """The samples of a run, and how many they are; in memory where `hold` says so."""
    if limit is None and not hold:
        return counted(stream)
    held = list(select(stream, limit))
    return held, len(held)


def unexpected(stream: Stream, came_from: Origin, strict: bool) -> Sequence[str]:
    """What is not as published in data that were read.  Raises DataError where that must not be."""
    found = deviations(stream.benchmark, stream.source, stream.digest)
    if found and strict:
        raise DataError(
            N_(
                "--strict-data: {unexpected}; via {came_from}",
                unexpected="; ".join(found),
                came_from=came_from,
            )
        )
    return found


def counted(stream: Stream) -> tuple[Iterable[Sample], int]:
    """The samples, held where they are few, and how many there are."""
    left = iter(stream)
    held = list(islice(left, MOST_HELD))
    more = sum(1 for _ in left)
    return stream if more else held, len(held) + more


def usual_shots(benchmark: Benchmark, origin: Source) -> int:
    """The worked examples where the user says nothing; none where the source lacks their split."""
    found = table().get(benchmark.data_set)
    optional = found.optional if found else ()
    there = all(origin.has(benchmark.data_set, split) for split in optional)
    return benchmark.shots if there else 0


def data_of(benchmark: Benchmark, origin: Source) -> Origin:
    """Where the samples come from, once they were read."""
    if of_a_file(benchmark.name):
        return Origin("file", benchmark.dataset)
    if benchmark.data_set not in origin.asked:  # its `load` makes them without any data set
        return Origin("the benchmark itself", benchmark.dataset)
    return origin.origin(benchmark.data_set)


def given_by_role(roles: Sequence[str], params: Params, settings: Settings) -> dict[str, Params]:
    """The user's sampling for each role: `params` for the model, --judge-param for every judge."""
    return {role: params if role == "model" else settings.judge.sampling for role in roles}


def described(benchmark: Benchmark, origin: Source) -> str:
    """What the samples are and where they come from, as a report says it."""
    if of_a_file(benchmark.name):
        return benchmark.dataset
    dataset, *split = benchmark.dataset.split()
    if found := origin.replaced.get(dataset):
        dataset = f"{dataset} {found}, for want of {' '.join(split)},"
    else:
        dataset = benchmark.dataset
    return f"{dataset} via {data_of(benchmark, origin)}"


def check_groups(stream: Stream) -> None:
    """Raises UsageError for a group that the samples do not have, with the nearest one.

    So it does for one that is left out, for want of a judge.
    """
    name = stream.benchmark.name
    all_groups = replace(stream, groups=(), without=()) if stream.groups else ()
    there = list(dict.fromkeys(sample.group for sample in all_groups))
    for group in stream.groups:
        if group not in there:
            hint = did_you_mean(group, there, f"there are {', '.join(there[:9])}")
            unknown = N_(
                "--dataset-args: no group {group!r} in {name}; {hint}",
                group=group,
                name=name,
                hint=hint,
            )
            raise UsageError(unknown)
    if absent := set(stream.groups).intersection(stream.without):
        told = {"absent": min(absent), "name": name, "needed": NEEDED}
        raise UsageError(N_("--dataset-args: {absent} of {name} {needed}", **told))
