"""A throughput run: every load on every arm, in turns, each point kept once it is measured."""

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import count, product
from pathlib import Path

from rich.console import Console

from evaluator.engine.stopping import run_stoppable
from evaluator.errors import EvaluatorError, Interrupted, UsageError, first_of
from evaluator.locale import N_
from evaluator.options.endpoints import launched_entries
from evaluator.options.folders import numbered
from evaluator.perf.clients.load_clients import LoadClients
from evaluator.perf.knee_search import MOST, find_knee
from evaluator.perf.launched_servers import NamedArm, all_started, launched
from evaluator.perf.load.benchmark_prompts import BenchmarkPrompts, benchmark_prompts
from evaluator.perf.load.generator import Load
from evaluator.perf.load.prompt_file import from_file
from evaluator.perf.load.schedule import interleaved
from evaluator.perf.load.server import MeasuredServer
from evaluator.perf.load.servers import closed_at_end, opened
from evaluator.perf.load.synthetic_prompts import vocabulary
from evaluator.perf.load.workload import Workload, synthetic
from evaluator.perf.options import SweepOptions
from evaluator.perf.point import PointRunner
from evaluator.perf.progress import SweepProgress, shown
from evaluator.perf.report.figures import GOOD_SHARE
from evaluator.perf.result_file import ResultFile, locked
from evaluator.report.terminal import plain_text
from evaluator.results.perf import Arm, Knee, PerfReport, read
from evaluator.results.perf_point import PerfPoint


def run_sweep(options: SweepOptions, console: Console) -> PerfReport:
    """Measures what is asked for and returns the content of perf.json.

    Raises EvaluatorError, also on SIGINT and SIGTERM; finished points are in perf.json by then.
    """
    if not options.base_url:
        wait_for_servers(console)
    asked = benchmark_prompts(options, options.name) if options.name else None
    ready: Workload | None = asked.workload(options) if asked else None
    if options.workload:
        ready = from_file(options, options.workload)
    sweep = Sweep(options, ready, asked if options.with_accuracy else None, console)
    try:
        with locked(options.out):
            return run_stoppable(sweep.run())
    except KeyboardInterrupt:
        raise sweep.ended(Interrupted(N_("interrupted"))) from None
    except BaseExceptionGroup as errors:
        error = first_of(errors)
        raise (sweep.ended(error) if isinstance(error, EvaluatorError) else error) from None
    except EvaluatorError as error:
        raise sweep.ended(error) from None


def wait_for_servers(console: Console) -> None:
    """Raises Interrupted."""
    try:
        run_stoppable(all_started(console))
    except KeyboardInterrupt:
        raise Interrupted(N_("interrupted")) from None


class Sweep:
    """Every load on every arm in every repeat, and the search for the knee."""

    def __init__(
        self,
        options: SweepOptions,
        ready: Workload | None,
        scored: BenchmarkPrompts | None,
        console: Console,
    ) -> None:
        self.options = options
        self.file: ResultFile | None = None
        self._ready = ready
        self._scored = scored
        self._console = console
        self._arms, self._repeats = arms(options)

    def ended(self, error: EvaluatorError) -> EvaluatorError:
        """The error, with where the run stands."""
        points, words = finished(self.options.out), "no point was finished"
        again = not isinstance(error, UsageError)  # which the same command would end with again
        if points:
            words = f"finished points: {points}, kept in {str(self.options.out)!r}"
            words += "; the same command with this --out goes on" if again else ""
        said = again or (points and self.file)
        return type(error)(f"{error}; {words}" if said else str(error))

    async def run(self) -> PerfReport:
        """The report, once all is measured."""
        async with self.servers() as servers:
            workload = self._ready or await self.synthetic(servers[0])
            self.file = file = ResultFile(self.options, workload.described(self.options))
            for server in servers:
                file.introduce(server.name, server.arm)
            if not self.options.find_knee:  # else the loads are not known yet
                file.check_against(self.options.loads)
            progress = SweepProgress(self.missing(file, servers))
            clients = LoadClients(self.options, workload, servers, progress)
            runner = PointRunner(
                self.options, workload, clients, self._scored, nonce=secrets.token_hex(8)
            )
            runner.check_prompts(self.options.loads)
            try:
                async with shown(progress, self.options.progress, self._console):
                    await self.measure(file, runner, servers)
            finally:
                await clients.close()
                if file.report.points:
                    file.write()  # compared with --against, also where all points were there
            return file.report

    def missing(self, file: ResultFile, servers: Sequence[MeasuredServer]) -> int:
        """How many of the points that were asked for are not there yet."""
        asked = product(servers, self.options.loads, self._repeats)
        return sum(file.find(server.name, load, n) is None for server, load, n in asked)

    async def measure(
        self, file: ResultFile, runner: PointRunner, servers: Sequence[MeasuredServer]
    ) -> None:
        """The loads that were asked for, then the search for the knee."""
        for load in self.options.loads:
            for server, repeat in interleaved(servers, max(self._repeats)):
                if repeat in self._repeats:
                    await point(file, runner, server, load, repeat)
        if self.options.find_knee:
            runner.clients.progress.points = None
            for server in servers:
                await self.search(file, runner, server)

    async def search(self, file: ResultFile, runner: PointRunner, server: MeasuredServer) -> None:
        """The knee of one arm: each trial once, and what it finds in every repeat."""

        async def meets(concurrency: int, repeat: int = self._repeats[0]) -> bool:
            found = await point(file, runner, server, Load(concurrency), repeat)
            if found.good_share is None:
                raise UsageError(
                    N_(
                        "--find-knee: {name} does not count tokens, so that its TPOT is not "
                        "known; give an --slo of ttft or latency",
                        name=server.name,
                    )
                )
            return found.good_share >= GOOD_SHARE

        found = await find_knee(meets, min(MOST, runner.most or MOST))
        met = [await meets(found.best, repeat) for repeat in self._repeats if found.best]
        knee = Knee(best=found.best, worse=found.worse, met=sum(met), repeats=len(met))
        file.add_knee(server.name, knee)

    async def synthetic(self, server: MeasuredServer) -> Workload:
        """Prompts for the first arm's tokenizer; the others' counts show whether theirs differs."""
        return synthetic(self.options, await vocabulary(server.count))

    @asynccontextmanager
    async def servers(self) -> AsyncIterator[list[MeasuredServer]]:
        """All arms, open and checked."""
        async with closed_at_end(opened(self.options, self._arms)) as servers:
            for server in servers:
                for caution in await server.check():
                    self._console.print(plain_text(caution, "bold yellow"))
                await server.choose_cache(self.options.warm_cache)
            yield servers


def finished(out: Path) -> int:
    """Points that are in the run's file, whenever they were measured."""
    try:
        return len(read(out).points)
    except UsageError:  # no file, or no run's
        return 0


async def point(
    file: ResultFile, runner: PointRunner, server: MeasuredServer, load: Load, repeat: int
) -> PerfPoint:
    """One point, measured unless it is there already."""
    known = file.find(server.name, load, repeat)
    if known is None:
        known = await runner.measure(server, load, repeat)
        file.add(known)
        runner.clients.progress.done += 1
    return known


def arms(options: SweepOptions) -> tuple[list[NamedArm], list[int]]:
    """What is compared, and which repeats of it are measured now.

    Raises UsageError when there is no endpoint, or no model is named.
    """
    every = list(range(1, options.repeats + 1))
    if not options.base_url:
        return launched(options.model, every)
    if not options.model:
        raise UsageError(N_("--model is missing"))
    names = ["ABCDEFGHIJKLMNOPQRSTUVWXYZ"[i % 26] for i in range(len(options.base_url))]
    if len(names) == 1:
        names = [options.model]
    found = [Arm(model=options.model, base_url=url) for url in options.base_url]
    return list(zip(names, found, strict=True)), every


def fresh_folder() -> Path:
    """A folder for this run alone.  Raises UsageError in one of several turns, which share one."""
    if any("round" in entry for entry in launched_entries()):
        raise UsageError(
            N_("--out is missing: the turns of `launch turns` end in one run together")
        )
    return unused(Path("runs") / f"perf-{datetime.now():%Y%m%d-%H%M%S}")


def unused(folder: Path) -> Path:
    """The folder, or the first of FOLDER-2, FOLDER-3, ... that does not exist yet.

    Two runs may start in one second: the other's points would be taken for this one's.
    """
    return next(each for n in count(1) if not (each := numbered(folder, n)).exists())
