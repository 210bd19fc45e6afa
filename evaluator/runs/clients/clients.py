"""The clients of a run: hands them samples, adds up what they did, and replaces one that dies."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack, closing

from evaluator.dashboard.meter import Meter
from evaluator.dashboard.selfcheck import ProcessLoad
from evaluator.engine.precision import SamplesUntilPrecise
from evaluator.engine.task import Task
from evaluator.errors import BudgetSpent, EvaluatorError, first_of
from evaluator.journal import Journal
from evaluator.judging.verdict_files import VerdictFiles
from evaluator.options.settings import Settings
from evaluator.processes.cores import all_busy
from evaluator.results.folder import RunFolder
from evaluator.runs.clients.figures import add_up
from evaluator.runs.clients.limits import most_clients
from evaluator.runs.clients.messages import (
    Done,
    Figures,
    FromClient,
    SampleEnded,
    Share,
    Start,
    Stopped,
    Wanted,
    part,
    setup,
)
from evaluator.runs.clients.place import begin_clients, variables
from evaluator.runs.clients.process import ClientProcess, too_many_died
from evaluator.runs.clients.recorded import JournalHere
from evaluator.runs.clients.supply import Supply
from evaluator.types import Emit

MOST_DEATHS = 5  # clients that are replaced in one run
LOOK_EVERY = 0.5  # seconds between looks at what the clients do
BUSY_LOOKS = 4  # in a row, after which another client is added


class Clients:
    """Runs tasks as an `Engine` does, by other processes.

    The parent's pools send nothing: they show what the clients' pools do together, and a limit that
    is set there is shared out. `added` is called when a client more can take part.
    """

    def __init__(
        self,
        settings: Settings,
        meter: Meter,
        journal: Journal,
        emit: Emit,
        verdicts: VerdictFiles,
        added: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._pools = list(dict.fromkeys(meter.pools.values()))
        self._journal = journal
        self._emit = emit
        self._meter = meter
        self._verdicts = verdicts
        self._added = added
        self._alive: list[ClientProcess] = []
        self._gone: list[Figures] = []  # what those that ended had done
        self._recorded: JournalHere | None = None  # for clients that are on other machines
        self._precise: dict[str, SamplesUntilPrecise] = {}  # the benchmarks that may stop early
        self._tasks: Sequence[Task] = ()
        self._deaths = self._busy = self._count = 0
        self._shared: list[Share] = []
        self._spent: BudgetSpent | None = None

    @property
    def sent(self) -> int:
        """Requests that went to an endpoint."""
        return sum(each.sent for each in self._figures)

    @property
    def replayed(self) -> int:
        """Requests that a journal answered."""
        return sum(each.replayed for each in self._figures)

    async def run(self, tasks: Iterable[Task]) -> None:
        """Ends every sample in one outcome, which is emitted.

        Raises what a client or `emit` does; the journal then holds what was answered.
        """
        self._tasks = list(tasks)
        for task in self._tasks:
            if isinstance(task.samples, SamplesUntilPrecise):
                self._precise[task.benchmark.name] = task.samples
        self._count = 1 if self._settings.clients == "auto" else self._settings.clients
        try:
            async with AsyncExitStack() as stack:
                if self._settings.clients_on != "local":
                    recorded = JournalHere(self._settings, self._journal, self._meter.budget)
                    self._recorded = stack.enter_context(closing(recorded))
                self._supply = Supply(self._tasks, self._recorded)
                self._begin = await stack.enter_async_context(begin_clients(self._settings))
                await self._ask()
        except* EvaluatorError as errors:
            raise first_of(errors) from None
        finally:
            for shard in RunFolder(self._journal.path.parent).journals[1:]:
                self._journal.absorb(shard)
        if self._spent:
            raise self._spent

    async def _ask(self) -> None:
        async with asyncio.TaskGroup() as group:
            watch = group.create_task(self._watch(group))
            asking = [group.create_task(self._attend(n)) for n in range(1, self._count + 1)]
            await asyncio.wait(asking)
            watch.cancel()

    async def _attend(self, number: int) -> None:
        """Listens to a client until it has done its part; one that dies is replaced."""
        while not await self._attend_one(ClientProcess(number, self._begin, self._recorded)):
            self._deaths += 1

    async def _attend_one(self, client: ClientProcess) -> bool:
        """Whether the client came to its own end.  Raises RunStopped after too many deaths."""
        self._alive.append(client)
        try:
            if not await self._began(client):
                return True
            while messages := await client.receive():
                for message in messages:
                    self._heard(client, message)
        finally:
            code = await client.end()
            self._add_up()
            self._alive.remove(client)
            if client.figures:
                self._gone.append(client.figures.at_rest)
        if client.done:
            return True
        if self._deaths >= MOST_DEATHS:
            raise too_many_died(self._deaths + 1, code)
        self._supply.give_back(client.number, client.in_hand.values())
        return False

    async def _began(self, client: ClientProcess) -> bool:
        """Whether it has begun: one may find room in a cluster only when nothing is left to do."""
        starting = asyncio.ensure_future(client.start(self._start(client.number)))
        try:
            while not starting.done() and not self._supply.is_empty(client.number):
                await asyncio.wait({starting}, timeout=LOOK_EVERY)
            if starting.done():
                starting.result()
            return starting.done()
        finally:
            starting.cancel()
            await asyncio.wait({starting})

    def _start(self, number: int) -> Start:
        setups, share = [setup(task) for task in self._tasks], self._share(number)
        budget, here = self._meter.budget, self._recorded is None
        return Start(
            self._settings,
            setups,
            self._journal.path,
            RunFolder(self._journal.path.parent).shard(number) if here else None,
            share,
            budget.prices if budget else {},
            budget.ledger.path if budget and here else None,
            {} if here else variables(self._settings),
        )

    def _share(self, number: int) -> Share:
        """The part of the client of that number: at least one request to each endpoint."""
        n = self._count
        return Share([part(pool.slots, number, n) for pool in self._pools], number, n)

    def _share_out(self) -> None:
        shares = [self._share(number) for number in range(1, self._count + 1)]
        if shares != self._shared:
            self._shared = shares
            for client in self._alive:
                client.send(shares[client.number - 1])

    def _heard(self, client: ClientProcess, message: FromClient) -> None:
        match message:
            case Wanted(samples):
                self._hand(client, samples)
            case SampleEnded():
                self._take(client, message)
            case Figures():
                client.figures = message
            case Done(error):
                client.done = True
                if isinstance(error, BudgetSpent):
                    self._spent = error  # others have replies under way, which are paid for
                elif error:
                    raise error

    def _hand(self, client: ClientProcess, most: int) -> None:
        handed = self._supply.take(client.number, most)
        for each in handed.samples:
            client.in_hand[each.benchmark, each.sample.id] = each
        client.send(handed)

    def _take(self, client: ClientProcess, ended: SampleEnded) -> None:
        outcome = ended.outcome
        client.in_hand.pop((outcome.benchmark, outcome.sample_id), None)
        self._verdicts.put(outcome.benchmark, outcome.sample_id, ended.verdicts)
        for request in outcome.requests:
            self._emit(request)
        self._emit(outcome)
        precise = self._precise.get(outcome.benchmark)
        if precise and precise.stopped:
            del self._precise[outcome.benchmark]
            for each in self._alive:
                each.send(Stopped(outcome.benchmark))

    async def _watch(self, group: asyncio.TaskGroup) -> None:
        """Adds up, shares out, and adds clients where that is asked for, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            self._add_up()
            if self._settings.clients == "auto" and self._wants_another():
                self._busy = 0
                self._count += 1
                self._added()
                group.create_task(self._attend(self._count))
            self._share_out()

    def _wants_another(self) -> bool:
        """Whether all clients have been busy for a while, and there is a core for one more."""
        cpus = [each.cpu for each in self._loads]
        waits = not self._supply.last and len(cpus) == self._count and all_busy(cpus)
        self._busy = self._busy + 1 if waits else 0
        return self._busy >= BUSY_LOOKS and self._count < most_clients(self._pools)

    @property
    def _loads(self) -> list[ProcessLoad]:
        """Of those that have told it."""
        said = [each.figures for each in self._alive if each.figures]
        return [ProcessLoad(each.cpu, each.lag) for each in said]

    @property
    def _figures(self) -> list[Figures]:
        return [*self._gone, *(each.figures for each in self._alive if each.figures)]

    def _add_up(self) -> None:
        if not self._figures:
            return
        for number, pool in enumerate(self._pools):
            add_up(pool, [each.pools[number] for each in self._figures])
        self._meter.sum_up(self._pools)
        check = self._meter.check
        check.clients, check.processes = self._loads, self._count
