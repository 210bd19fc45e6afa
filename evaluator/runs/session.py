"""One session of a run: from the check of its endpoints to the last sample."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING

from rich.console import Console

from evaluator.client.concurrency import ConcurrencyController, steer
from evaluator.client.pool import Pool
from evaluator.dashboard.meter import Meter
from evaluator.dashboard.screen import background, dashboard
from evaluator.engine.budget import Budget
from evaluator.engine.engine import Engine
from evaluator.engine.giving_up import GivingUp
from evaluator.engine.precision import SamplesUntilPrecise, counting
from evaluator.engine.task import Task
from evaluator.journal import Journal
from evaluator.judging.verdict_files import VerdictFiles
from evaluator.options.settings import Settings
from evaluator.report.terminal import plain_text, table
from evaluator.results.run import EarlyStop, RunInfo
from evaluator.runs.budget import of_run
from evaluator.runs.check_identity import check_for
from evaluator.runs.connect import Connect, connected
from evaluator.runs.description import with_serving
from evaluator.runs.folder import Folder
from evaluator.runs.proof import Proof, cells, prove
from evaluator.runs.sample_files import SampleFiles
from evaluator.runs.smoke import Look, first_samples
from evaluator.types import Emit, Event

if TYPE_CHECKING:
    from evaluator.runs.clients.clients import Clients


class Session:
    """Runs the work once. However it ends, `info` says what it took.

    `proofs`: what endpoints have shown already, as `prove` takes it.
    `began`: whether the folder's results are this session's. Until the endpoints were checked and
    the first replies looked at, only the journal grows.
    """

    def __init__(
        self,
        settings: Settings,
        tasks: Sequence[Task],
        folder: Folder,
        journal: Journal,
        info: RunInfo,
        console: Console,
        proofs: Sequence[Proof] = (),
    ) -> None:
        self.info = info
        self.began = False
        self._settings = settings
        self._tasks = tasks
        self._folder = folder
        self._journal = journal
        self._console = console
        self._proofs = proofs

    async def run(self, connect: Connect, verdicts: VerdictFiles) -> None:
        """Asks every sample; `verdicts` listens.

        Raises EvaluatorError, and CancelledError where it is stopped.
        """
        started = monotonic()
        async with AsyncExitStack() as stack:
            pools = await connected(connect, stack)
            every = list(dict.fromkeys(pools.values()))
            await stack.enter_async_context(background(*(pool.health.watch() for pool in every)))
            budget = stack.enter_context(of_run(self._settings, self.info, self._journal))
            meter = self._meter(pools, await self._prove(pools), budget)
            await self._check_identity(pools)
            files = SampleFiles(self._folder, [task.benchmark.name for task in self._tasks])
            emit = Emitter(meter, stack.enter_context(files))
            look = self._look(pools, lambda: self._begin(files))
            counted = Emitter(counting(self._tasks, emit, meter.shorten), self._giving_up())
            steering = {pool: ConcurrencyController() for pool in every if pool.steered}
            engine = self._engine(Emitter(look, counted), meter, verdicts, steering.values())
            steered = (steer(pool, by) for pool, by in steering.items())
            watching = (meter.watch_servers(), meter.watch_rate(), meter.check.watch(), *steered)
            await stack.enter_async_context(background(*watching))
            await stack.enter_async_context(
                dashboard(meter, self._settings.progress, self._console)
            )
            self._make_known()
            await stack.enter_async_context(look)
            try:
                await engine.run(verdicts.tasks)
            finally:
                self._note_stops(emit)
                took = replace(
                    self.info,
                    seconds=monotonic() - started,
                    requests=engine.sent,
                    replayed=engine.replayed,
                )
                self.info = with_serving(took, every, meter, steering)
                if not (self.began or look.hopeless):
                    self._begin(files)

    async def _prove(self, pools: Mapping[str, Pool]) -> Sequence[Proof]:
        """Shows what the endpoints can do.  Raises EvaluatorError where it is too little."""
        roles = {role for task in self._tasks for role in task.roles}
        asked = {role: pool for role, pool in pools.items() if role in roles}
        proofs = await prove(asked, self._settings, self._proofs)
        if proofs and self._settings.progress != "none":
            self._console.print(table(cells(proofs)))
        return proofs

    async def _check_identity(self, pools: Mapping[str, Pool]) -> None:
        """Notes which models answer.  Raises UsageError where one is another than before."""
        check = check_for(self._settings, self.info.identity, len(self._journal))
        await check.all(pools)
        self.info = replace(self.info, identity=check.entries)
        for caution in check.cautions:
            self._console.print(plain_text(caution, "yellow"))

    def _look(self, pools: Mapping[str, Pool], passed: Callable[[], None]) -> Look:
        """The look at the first replies of benchmarks that the folder does not hold yet."""
        settings = self._settings
        first = first_samples(self._tasks) if settings.smoke and not settings.replay else {}
        past = self._folder.past(first)
        left = {name: ids for name, ids in first.items() if name not in past}
        screen = None if settings.progress == "none" else self._console
        return Look(left, pools, settings.out, screen, passed)

    def _make_known(self) -> None:
        """Replies are never without a run.json that says which model gave them."""
        if not self._folder.reported:
            self._folder.write_run(self.info)
            self._folder.files.outcomes.touch()

    def _begin(self, files: SampleFiles) -> None:
        """Puts what this session finds in the place of what the folder holds of its benchmarks."""
        try:
            self._folder.write_run(self.info)
            files.take_place()
        except OSError as error:
            raise self._folder.unwritable(error) from error
        self.began = True

    def _meter(
        self, pools: Mapping[str, Pool], proofs: Sequence[Proof], budget: Budget | None
    ) -> Meter:
        totals = {task.benchmark.name: task.total for task in self._tasks}
        scales = {task.benchmark.name: task.benchmark.scale for task in self._tasks}
        engine = next((proof.engine for proof in proofs if proof.role == "model"), "")
        return Meter(totals, pools, scales, engine=engine, budget=budget)

    def _engine(
        self,
        emit: Emit,
        meter: Meter,
        verdicts: VerdictFiles,
        steering: Collection[ConcurrencyController],
    ) -> "Engine | Clients":
        """What asks: this process, or several."""
        pools, settings = meter.pools, self._settings
        if settings.clients == 1 or settings.replay:
            return Engine(pools, self._journal, emit, meter.budget)
        from evaluator.runs.clients.clients import Clients  # few runs need them

        def added() -> None:
            for each in steering:
                each.begin_again()

        return Clients(settings, meter, self._journal, emit, verdicts, added)

    def _giving_up(self) -> GivingUp:
        return GivingUp(self._settings.errors_allowed(sum(task.total for task in self._tasks)))

    def _note_stops(self, emit: Emit) -> None:
        """Notes where benchmarks stopped early."""
        stops = {task.benchmark.name: early_stop(task, emit) for task in self._tasks}
        rows = {
            name: replace(row, stopped=stops.get(name, row.stopped))
            for name, row in self.info.benchmarks.items()
        }
        self.info = replace(self.info, benchmarks=rows)


def early_stop(task: Task, emit: Emit) -> EarlyStop | None:
    """Where the benchmark stopped, being precise enough; else what it still holds is emitted."""
    if not isinstance(precise := task.samples, SamplesUntilPrecise):
        return None
    for outcome in precise.rest():
        emit(outcome)
    if not precise.stopped:
        return None
    return EarlyStop(samples=precise.counted, half_width=precise.half_width, wanted=precise.wanted)


class Emitter:
    """Events go to each of the listeners; those of another emitter are its own."""

    def __init__(self, *listeners: Emit) -> None:
        self._listeners: list[Emit] = []
        for each in listeners:
            self._listeners += each._listeners if isinstance(each, Emitter) else [each]

    def __call__(self, event: Event) -> None:
        for listener in self._listeners:
            listener(event)
