"""From settings to tasks: which samples, how many, with which sampling. Nothing is sent here."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from evaluator.benchmarks import AUDITS, benchmark, of_a_file
from evaluator.data import Origin, Source, samples, select, source
from evaluator.data.digest import SampleDigest, deviations
from evaluator.data.fetch_progress import FetchListener
from evaluator.data.table import table
from evaluator.engine.form import Form
from evaluator.engine.precision import SamplesUntilPrecise, shuffled
from evaluator.engine.task import Task
from evaluator.errors import DataError, NoExamples, UsageError, did_you_mean
from evaluator.judging.judged import judged_solve
from evaluator.judging.judges import NEEDED, judging
from evaluator.options.dataset_args import DatasetArgs
from evaluator.options.sampling import CHAT_ONLY
from evaluator.options.settings import Settings
from evaluator.runs.binding import binding, check_code, check_protocol
from evaluator.runs.sampling import given_sampling, usual_sampling
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
    origin = source(settings.data_dir, settings.data, watch)
    origin.prepare([each.data_set for each in chosen if each.data_set in table()])
    tasks, without = [], []
    for each in chosen:
        try:
            tasks.append(bound(each, origin, settings, hold))
        except NoExamples:
            without.append(each.name)
    if without:
        raise UsageError(
            f"no worked examples to show in {', '.join(without)}; run them without --shots, or "
            'give them to the others: --dataset-args \'{"NAME": {"few_shot_num": N}}\''
        )
    return tasks + audits(settings, origin)


def choose(settings: Settings) -> list[Benchmark]:
    """The benchmarks of a run.  Raises UsageError for what does not go with them."""
    chosen = [named(name, settings) for name in dict.fromkeys(settings.benchmarks)]
    check(chosen, settings)
    return chosen


def named(name: str, settings: Settings) -> Benchmark:
    """The benchmark of that name: one that was passed in Python, or one that there is."""
    if own := settings.own.get(name):
        return own
    return benchmark(name, settings.row_format, settings.include_path)


def reads_hub(settings: Settings) -> bool:
    """Whether the data come from a hub."""
    return settings.data in ("hub", "modelscope") or not (settings.data or settings.data_dir)


def audits(settings: Settings, origin: Source) -> list[Task]:
    """The tasks that audit the judges themselves, where that is asked for."""
    alone = settings.model_copy(
        update={"limit": settings.audit_judge, "precision": None, "repeats": 1}
    )
    return [bound(each, origin, alone) for each in audited(settings)]


def audited(settings: Settings) -> list[Benchmark]:
    """The audits that are asked for.  Raises UsageError where the run has nothing to audit."""
    if not settings.audit_judge:
        return []
    found = [AUDITS[name] for b in settings.benchmarks if (name := f"audit:{b}") in AUDITS]
    if not found:
        known = ", ".join(name.partition(":")[2] for name in AUDITS)
        raise UsageError(f"--audit-judge: nothing to audit in this run; it goes with {known}")
    return found


def check(chosen: Sequence[Benchmark], settings: Settings) -> None:
    """Raises UsageError for options that do not fit the benchmarks chosen."""
    if settings.mode != "generate":
        unfit = [each.name for each in chosen if settings.mode not in each.modes]
        if unfit:
            raise UsageError(
                f"--mode {settings.mode} is for multiple choice, and not for {', '.join(unfit)}; "
                "run them apart, without --mode"
            )
    unused: dict[str, object] = {
        "--chat-template": settings.template,
        "--shots-as-turns": settings.shots_as_turns,
    }
    unused |= {f"--param {name}": name in settings.param for name in CHAT_ONLY}
    for option, given in unused.items():
        if given and form(settings, DatasetArgs()).api == "completions":
            raise UsageError(
                f"{option} is for the chat API, and not for --api completions or --mode likelihood"
            )
    for each in chosen:
        if settings.mode == "generate" and judged_solve(each):
            judging(settings, each)
    check_protocol(chosen, settings)
    check_code(chosen, settings)
    for name in settings.dataset_args:
        named(name, settings)  # a recipe may name more than is run, but nothing that there is not
    audited(settings)


def bound(benchmark: Benchmark, origin: Source, settings: Settings, hold: bool = False) -> Task:
    """A benchmark with its samples, as this run asks and scores them."""
    by = binding(benchmark, origin, settings)
    own = settings.dataset_args.get(benchmark.name, DatasetArgs())
    shots, limit = own.few_shot_num, own.limit if own.limit is not None else settings.limit
    if shots is None:
        shots = usual_shots(benchmark, origin) if settings.shots is None else settings.shots
    stream = Stream(benchmark, origin, shots, own.subset_list, by.without)
    if own.subset_list:
        known(own.subset_list, replace(stream, groups=(), without=()))
    if absent := set(own.subset_list).intersection(by.without):
        raise UsageError(f"--dataset-args: {min(absent)} of {benchmark.name} {NEEDED}")
    chosen: Iterable[Sample]
    if limit is None and settings.precision is None and not hold:
        chosen, total = counted(stream)
    else:
        chosen = held = list(select(stream, limit))
        total = len(held)
    if not total:
        raise DataError(f"{benchmark.name}: no samples in {described(benchmark, origin)}")
    came_from = data_of(benchmark, origin)
    unexpected = deviations(benchmark, origin, stream.digest)
    if unexpected and settings.strict_data:
        raise DataError(f"--strict-data: {'; '.join(unexpected)}; via {came_from}")
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
        data=described(benchmark, origin),
        origin=came_from,
        deviations=unexpected,
        repeats=settings.repeats,
        mode=settings.mode,
        form=form(settings, own),
        given=given_by_role(by.roles, sampling, settings),
        roles=by.roles,
        notes=by.notes,
        protocol=by.protocol,
    )


def counted(stream: Stream) -> tuple[Iterable[Sample], int]:
    """The samples, held where they are few, and how many there are."""
    left = iter(stream)
    held = list(islice(left, MOST_HELD))
    more = sum(1 for _ in left)
    return stream if more else held, len(held) + more


def usual_shots(benchmark: Benchmark, origin: Source) -> int:
    """The worked examples where the user says nothing; none where the source lacks their split."""
    known = table().get(benchmark.data_set)
    optional = known.optional if known else ()
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


def known(groups: Sequence[str], stream: Stream) -> None:
    """Raises UsageError for a group that the samples do not have, with the nearest one."""
    there = list(dict.fromkeys(sample.group for sample in stream))
    for group in groups:
        if group not in there:
            hint = did_you_mean(group, there, f"there are {', '.join(there[:9])}")
            raise UsageError(
                f"--dataset-args: no group {group!r} in {stream.benchmark.name}; {hint}"
            )


def form(settings: Settings, own: DatasetArgs) -> Form:
    """How the model is asked."""
    system = settings.system if own.system_prompt is None else own.system_prompt
    api = "completions" if settings.mode == "likelihood" else settings.api
    return Form(api, system, settings.shots_as_turns, settings.template, settings.prefix_token)
