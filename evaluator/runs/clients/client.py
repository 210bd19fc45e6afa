"""The process of one client: asks the samples that its parent hands it, until there are no more."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, suppress

from evaluator.benchmarks import AUDITS
from evaluator.client.pool import Pool
from evaluator.client.watch import EVERY
from evaluator.dashboard.background import background
from evaluator.dashboard.selfcheck import SelfCheck
from evaluator.engine.engine import Engine
from evaluator.engine.precision import SamplesUntilPrecise
from evaluator.engine.replies import Records
from evaluator.engine.task import Task
from evaluator.errors import EvaluatorError
from evaluator.journal import Journal
from evaluator.judging.verdict_files import VerdictFiles
from evaluator.processes.parent import Parent
from evaluator.results.outcomes import OutcomeLines
from evaluator.runs.binding import solving
from evaluator.runs.budget import of_client
from evaluator.runs.choice import named
from evaluator.runs.clients.figures import figures
from evaluator.runs.clients.handed import HandedSamples
from evaluator.runs.clients.messages import (
    Done,
    Figures,
    FromClient,
    Handed,
    SampleEnded,
    Setup,
    Share,
    Start,
    Stopped,
    ToClient,
    Wanted,
    part,
)
from evaluator.runs.clients.recorded import JournalElsewhere
from evaluator.runs.connect import connected, pools
from evaluator.runs.proof import prove
from evaluator.runs.sample_files import LineMaker
from evaluator.types import Event, Outcome

TELL_EVERY = 0.25  # seconds between figures
GATHER = 0.05  # seconds of messages that are sent together


class AskingClient:
    """Asks what its parent hands it."""

    def __init__(self, start: Start, parent: Parent) -> None:
        self._start = start
        self._parent = parent
        self._said: list[FromClient] = []
        self._share = start.share
        self._pools: Mapping[str, Pool] = {}
        self._own: dict[Pool, list[int]] = {}  # slots that endpoints have of their own, undivided
        self._engine: Engine | None = None
        self._samples = HandedSamples(self._want)
        self._elsewhere = JournalElsewhere(self._say)
        self._whole: set[tuple[str, str]] = set()  # what the parent wants all of
        self._lines = LineMaker()
        self._verdicts = VerdictFiles(map(self._task, start.tasks), start.settings.model)
        self._tasks = {task.benchmark.name: task for task in self._verdicts.tasks}

    def _task(self, setup: Setup) -> Task:
        settings = self._start.settings
        benchmark = AUDITS.get(setup.name) or named(setup.name, settings)
        return Task(
            benchmark,
            solving(benchmark, settings),
            SamplesUntilPrecise([], 1.0) if setup.precise else [],
            setup.total,
            params=setup.params,
            repeats=setup.repeats,
            mode=setup.mode,
            form=setup.form,
            given=setup.given,
            roles=setup.roles,
        )

    async def run(self) -> None:
        """Asks until there are no more samples, or the parent is gone."""
        self._parent.listen(self._hear)
        with suppress(asyncio.CancelledError):
            try:
                await self._ask()
                self._say(Done())
            except EvaluatorError as error:
                self._say(Done(error))
        self._flush()

    async def _ask(self) -> None:
        settings = self._start.settings
        roles = {role for task in self._tasks.values() for role in task.roles}
        async with AsyncExitStack() as stack:
            urls = {*settings.base_url, *settings.judge.base_url}  # all answered the parent
            self._pools = await connected(lambda: self._connect(roles), stack, urls)
            every = list(dict.fromkeys(self._pools.values()))
            await stack.enter_async_context(background(*(pool.health.watch() for pool in every)))
            await prove({r: p for r, p in self._pools.items() if r in roles}, settings)
            journal = self._journal(stack)
            budget = stack.enter_context(of_client(self._start))
            self._engine = Engine(self._pools, journal, self._emit, budget)
            check = SelfCheck()
            watching = (check.watch(), self._tell(check), watch_servers(every))
            await stack.enter_async_context(background(*watching))
            try:
                await self._engine.answer(self._samples)
            finally:
                self._say(self._figures(check))

    def _journal(self, stack: AsyncExitStack) -> Records:
        """Its own shard; elsewhere, what its parent tells of the run's journal."""
        start = self._start
        if start.shard is None:
            return self._elsewhere
        return stack.enter_context(Journal(start.shard, start.settings.reuse, start.journal))

    def _connect(self, roles: set[str]) -> Mapping[str, Pool]:
        made = pools(self._start.settings, roles)
        for pool in made.values():
            self._own[pool] = [endpoint.slots for endpoint in pool.endpoints]
        self._take_share(made, self._share)
        return made

    def _take_share(self, pools: Mapping[str, Pool], share: Share) -> None:
        for pool, slots in zip(dict.fromkeys(pools.values()), share.slots, strict=True):
            pool.most_slots = slots
            pool.resize(slots)
            pool.rates.divide(share.of)
            for endpoint, own in zip(pool.endpoints, self._own[pool], strict=True):
                endpoint.slots = own and part(own, share.number, share.of)
                endpoint.rates.divide(share.of)

    def _hear(self, message: ToClient) -> None:
        match message:
            case Handed(samples, last):
                self._whole.update((name, each.id) for name, each, whole, _ in samples if whole)
                self._elsewhere.know(line for each in samples for line in each.known)
                handed = [(self._tasks[name], each) for name, each, *_ in samples]
                self._samples.hand(handed, last)
            case Stopped(benchmark):
                precise = self._tasks[benchmark].samples
                assert isinstance(precise, SamplesUntilPrecise)
                precise.stopped = True
            case Share():
                self._share = message
                if self._pools:
                    self._take_share(self._pools, message)
                if self._engine and not self._samples.last:
                    self._engine.grow()
            case Start():
                pass

    def _emit(self, event: Event) -> None:
        if not isinstance(event, Outcome):
            return
        place = event.benchmark, event.sample_id
        verdicts = self._verdicts.take(*place)
        if place not in self._whole:
            event = in_brief(event, self._lines(event))
        self._say(SampleEnded(event, verdicts))

    def _want(self, samples: int) -> None:
        self._say(Wanted(samples))

    async def _tell(self, check: SelfCheck) -> None:
        while True:
            await asyncio.sleep(TELL_EVERY)
            self._samples.look_ahead(TELL_EVERY)
            self._say(self._figures(check))

    def _figures(self, check: SelfCheck) -> Figures:
        assert self._engine
        every = [figures(pool) for pool in dict.fromkeys(self._pools.values())]
        return Figures(every, self._engine.sent, self._engine.replayed, check.cpu, check.lag)

    def _say(self, message: FromClient) -> None:
        """Workers that wait are told of at once; what they did, now and then."""
        if isinstance(message, Wanted):
            asyncio.get_running_loop().call_soon(self._flush)
        elif not self._said:
            asyncio.get_running_loop().call_later(GATHER, self._flush)
        self._said.append(message)

    def _flush(self) -> None:
        if self._said:
            self._parent.say(self._said)
            self._said = []


def in_brief(outcome: Outcome, lines: OutcomeLines) -> Outcome:
    """The outcome with its lines, and without what they were made of.

    `dataclasses.replace` would take five times as long, and this runs once a sample.
    """
    return Outcome(
        outcome.benchmark,
        outcome.sample_id,
        outcome.group,
        outcome.status,
        outcome.score,
        outcome.error,
        outcome.target,
        prompt=outcome.prompt,
        states=outcome.states,
        leaked=outcome.leaked,
        ran_on=outcome.ran_on,
        fitted=outcome.fitted,
        lines=lines,
    )


async def watch_servers(pools: Sequence[Pool]) -> None:
    """Reads the servers' metrics until cancelled: tokens there show that a server works."""
    while True:
        await asyncio.gather(*(pool.metrics() for pool in pools))
        await asyncio.sleep(EVERY)


def serve(parent: Parent) -> None:
    """Serves the parent until it has no more to ask, or is gone."""
    start = next(parent.messages, None)
    if isinstance(start, Start):
        os.environ.update(start.variables)
        try:
            client = AskingClient(start, parent)
        except EvaluatorError as error:
            parent.say([Done(error)])
        else:
            asyncio.run(client.run())


if __name__ == "__main__":
    serve(Parent.of_process())
