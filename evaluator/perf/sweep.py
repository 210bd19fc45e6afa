"""A throughput run: every load on every arm, in turns, each point kept once it is measured."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import product
from math import inf
from pathlib import Path
from typing import Any

from rich.console import Console

from evaluator.client.wire import Wire
from evaluator.engine.stopping import run_stoppable
from evaluator.errors import EvaluatorError, Interrupted, ServerError, UsageError
from evaluator.options.endpoints import launched_entries, launched_for
from evaluator.perf.accuracy import Questions, questions
from evaluator.perf.figures import GOOD_SHARE
from evaluator.perf.knee import MOST, find_knee
from evaluator.perf.load import Load
from evaluator.perf.options import Options
from evaluator.perf.point import Bench
from evaluator.perf.progress import Progress, shown
from evaluator.perf.record import Record, held, read
from evaluator.perf.schedule import turns
from evaluator.perf.server import Arm, Server
from evaluator.perf.words import vocabulary
from evaluator.perf.workload import Workload, from_file, synthetic


def measure(options: Options, console: Console) -> dict[str, Any]:
    """Measures what is asked for and returns the content of perf.json.

    Raises EvaluatorError, also on SIGINT and SIGTERM; finished points are in perf.json by then.
    """
    asked = questions(options, options.name) if options.name else None
    ready: Workload | None = asked.workload(options) if asked else None
    if options.workload:
        ready = from_file(options, options.workload)
    run = Run(options, ready, asked if options.with_accuracy else None, console)
    try:
        with held(options.out):
            asyncio.run(run_stoppable(run.all()))
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise run.ended(Interrupted("interrupted")) from None
    except BaseExceptionGroup as errors:
        raise run.failed(errors) from None
    except EvaluatorError as error:
        raise run.ended(error) from None
    assert run.record
    return run.record.data


class Run:
    """One run from start to end."""

    def __init__(
        self, options: Options, ready: Workload | None, scored: Questions | None, console: Console
    ) -> None:
        self.options = options
        self.record: Record | None = None
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
        said = again or (points and self.record)
        return type(error)(f"{error}; {words}" if said else str(error))

    def failed(self, errors: BaseExceptionGroup[BaseException]) -> BaseException:
        """The first error of those that ended a point."""
        error: BaseException = errors
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        return self.ended(error) if isinstance(error, EvaluatorError) else error

    async def all(self) -> None:
        """Every load on every arm."""
        async with self.servers() as servers:
            workload = self._ready or await self.synthetic(servers[0])
            self.record = Record(self.options, workload.about)
            for server in servers:
                self.record.introduce(server)
            if not self.options.find_knee:  # else the loads are not known yet
                self.record.check_against(self.options.loads)
            progress = Progress(self.missing(servers))
            bench = Bench(
                self.options, workload, progress, self._scored, nonce=secrets.token_hex(8)
            )
            check_prompts(bench, self.options.loads)
            try:
                async with shown(progress, self.options.progress, self._console):
                    await self.sweep(bench, servers)
            finally:
                if self.record.data["points"]:
                    self.record.conclude()

    def missing(self, servers: Sequence[Server]) -> int:
        """How many of the points that were asked for are not there yet."""
        assert self.record
        asked = product(servers, self.options.loads, self._repeats)
        return sum(self.record.find(s.arm.name, load, n) is None for s, load, n in asked)

    async def sweep(self, bench: Bench, servers: Sequence[Server]) -> None:
        """The loads that were asked for, then the search for the knee."""
        for load in self.options.loads:
            await self.load(bench, servers, load)
        if self.options.find_knee:
            bench.progress.points = None
            for server in servers:
                await self.search(bench, server)

    async def load(self, bench: Bench, servers: Sequence[Server], load: Load) -> None:
        """One load on every arm, in turns."""
        for server, repeat in turns(servers, max(self._repeats)):
            if repeat in self._repeats:
                await self.one(bench, server, load, repeat)

    async def one(self, bench: Bench, server: Server, load: Load, repeat: int) -> Mapping[str, Any]:
        """One point, unless it is there already."""
        assert self.record
        point = self.record.find(server.arm.name, load, repeat)
        if point is None:
            point = await bench.point(server, load, repeat)
            self.record.add(point)
            bench.progress.done += 1
        return point

    async def search(self, bench: Bench, server: Server) -> None:
        """The knee of one arm: each trial once, and what it finds in every repeat."""
        assert self.record

        async def meets(concurrency: int, repeat: int = self._repeats[0]) -> bool:
            point = await self.one(bench, server, Load(concurrency), repeat)
            if (share := point["good_share"]) is None:
                raise UsageError(
                    f"--find-knee: {server.arm.name} does not count tokens, so that its TPOT is "
                    "not known; give an --slo of ttft or latency"
                )
            return bool(share >= GOOD_SHARE)

        knee = await find_knee(meets, min(MOST, bench.most or MOST))
        met = [await meets(knee.best, repeat) for repeat in self._repeats if knee.best]
        self.record.knee(server.arm.name, knee, sum(met), len(met))

    async def synthetic(self, server: Server) -> Workload:
        """Prompts for the first arm's tokenizer; the others' counts show whether theirs differs."""
        return synthetic(self.options, await vocabulary(server.count))

    @asynccontextmanager
    async def servers(self) -> AsyncIterator[list[Server]]:
        """All arms, open and checked."""
        key, timeout = self.options.api_key, self.options.timeout
        servers = [Server(arm, Wire(arm.base_url, key, timeout, stream=True)) for arm in self._arms]
        try:
            for server in servers:
                await server.check()
                await server.choose_cache(self.options.warm_cache)
            yield servers
        finally:
            for server in servers:
                await server.wire.close()


def finished(out: Path) -> int:
    """Points that are in the run's file, whenever they were measured."""
    try:
        return len(read(out)["points"])
    except (UsageError, KeyError, TypeError):  # no file, or no run's
        return 0


def check_prompts(bench: Bench, loads: Sequence[Load]) -> None:
    """Raises UsageError where any load needs more prompts than there are."""
    rows = bench.workload.about.get("rows", inf)
    for load in loads:
        slots = 0 if bench.options.requests else load.concurrency or 0
        needed = slots if slots > rows else bench.planned(load) or 0
        if needed > rows:
            raise UsageError(f"{load.label} needs {needed} prompts, and there are only {rows}")


def arms(options: Options) -> tuple[list[Arm], list[int]]:
    """What is compared, and which repeats of it are measured now.

    Raises UsageError when there is no endpoint, or no model is named.
    """
    every = list(range(1, options.repeats + 1))
    if not options.base_url:
        return launched(options.model, every)
    if not options.model:
        raise UsageError("--model is missing")
    names = ["ABCDEFGHIJKLMNOPQRSTUVWXYZ"[i % 26] for i in range(len(options.base_url))]
    if len(names) == 1:
        names = [options.model]
    return [
        Arm(name, options.model, url) for name, url in zip(names, options.base_url, strict=True)
    ], every


def launched(model: str | None, every: list[int]) -> tuple[list[Arm], list[int]]:
    """The servers of `launch`; one of several that it starts in turn says which round this is."""
    ours = launched_for(model, command="perf")
    if any(e["base_url"] is None for e in ours):
        raise ServerError("a throughput run needs a server, and none was started yet")
    found = [
        Arm(e.get("name") or e["model"], e["model"], e["base_url"], tuple(e.get("flags", ())))
        for e in ours
    ]
    rounds = [e["round"] for e in ours if "round" in e]
    return found, rounds[:1] or every


def fresh_folder() -> Path:
    """A folder for this run alone.  Raises UsageError in one of several turns, which share one."""
    if any("round" in entry for entry in launched_entries()):
        raise UsageError("--out is missing: the turns of `launch turns` end in one run together")
    return Path("runs") / f"perf-{datetime.now():%Y%m%d-%H%M%S}"
