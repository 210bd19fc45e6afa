"""Who sends a part of a run: this process alone, or several others at once."""

import asyncio
import sys
from collections.abc import Sequence
from time import perf_counter
from typing import TypeVar

from evaluator.errors import ClientDied
from evaluator.locale import N_
from evaluator.perf.clients.messages import (
    Assignment,
    Failed,
    FromClient,
    Go,
    HandOver,
    Order,
    PartEnded,
    Ready,
    ToClient,
    Told,
)
from evaluator.perf.load.generator import Load, TrafficCounts
from evaluator.perf.load.schedule import Stride
from evaluator.perf.load.sending import Part, Sending, SentPart, merged
from evaluator.perf.load.server import MeasuredServer
from evaluator.perf.load.servers import KnownServer
from evaluator.perf.load.workload import Workload
from evaluator.perf.options import SweepOptions
from evaluator.perf.progress import SweepProgress
from evaluator.processes.child import Child, command
from evaluator.processes.cores import all_busy, usable_cores

R = TypeVar("R")
COMMAND = (sys.executable, "-m", "evaluator.perf.clients.client")
HEAD_START = 0.05  # seconds in which all hear when to begin


class LoadProcess(Child[ToClient, FromClient]):
    """One client process, by its number from 0."""

    def __init__(self, number: int) -> None:
        super().__init__(command(COMMAND))
        self.number = number
        self.told = Told(TrafficCounts(), bound=False)

    async def ask(self, message: ToClient, answer: type[R]) -> R:
        """What it answers.  Raises ClientDied where it is gone, or the error that it ended by."""
        self.send(message)
        while said := await self.receive():
            for each in said:
                if isinstance(each, answer):
                    return each
                if isinstance(each, Failed):
                    raise each.error
                if isinstance(each, Told):
                    self.told = each
        raise ClientDied(
            N_(
                "client {number} died while it measured, with code {code}; give fewer --clients "
                "where memory is short",
                number=self.number + 1,
                code=await self.end(),
            )
        )


class LoadClients:
    """Sends parts by as many clients as are asked for; with auto, as many as are needed."""

    def __init__(
        self,
        options: SweepOptions,
        workload: Workload,
        servers: Sequence[MeasuredServer],
        progress: SweepProgress,
    ) -> None:
        self.count = 1 if options.clients == "auto" else options.clients
        self._options, self._workload, self._servers = options, workload, servers
        self.progress = progress
        self._processes: list[LoadProcess] = []

    @property
    def counts(self) -> TrafficCounts:
        """What all processes have done of this part."""
        told = [each.told.counts for each in self._processes]
        return TrafficCounts(
            sum(each.done for each in told),
            sum(each.in_flight for each in told),
            sum(each.output_tokens for each in told),
            sum(each.uncounted for each in told),
        )

    @property
    def bound(self) -> bool:
        """Whether any process is the bottleneck now."""
        return any(each.told.bound for each in self._processes)

    async def send(
        self, server: MeasuredServer, part: Part, label: str, planned: int | None
    ) -> SentPart:
        """What came of the part; progress shows it under the label."""
        count = min(self.count, part.load.concurrency or self.count)
        if count > 1:
            return await self._send_by(count, server, part, (label, planned))
        sending = Sending(server, self._workload, part)
        self.progress.begin(label, sending, planned)
        return await sending.run()

    def grow(self, sent: SentPart, load: Load) -> bool:
        """With auto: adds one where all were busy; then the part is worth another try."""
        most = min(usable_cores(), load.concurrency or usable_cores())
        if self._options.clients != "auto" or self.count >= most:
            return False
        if grows := all_busy([each.cpu for each in sent.clients]):
            self.count += 1
        return grows

    async def close(self) -> None:
        """Ends all processes."""
        await asyncio.gather(*(each.end() for each in self._processes))

    async def _send_by(
        self, count: int, server: MeasuredServer, part: Part, shown: tuple[str, int | None]
    ) -> SentPart:
        await self._start(count)
        strides = [Stride(number, count) for number in range(count)]
        await self._all([Order(server.name, part, stride) for stride in strides], Ready)
        for each in self._processes:
            each.told = Told(TrafficCounts(), bound=False)
        label, planned = shown
        self.progress.begin(label, self, planned)
        await self._all([Go(perf_counter() + HEAD_START)] * count, PartEnded)
        return merged(await self._all([HandOver()] * count, SentPart))

    async def _start(self, count: int) -> None:
        servers = [KnownServer.of(server) for server in self._servers]
        assignment = Assignment(self._options, servers, self._workload)
        for number in range(len(self._processes), count):
            process = LoadProcess(number)
            self._processes.append(process)
            await process.start(assignment)

    async def _all(self, messages: Sequence[ToClient], answer: type[R]) -> list[R]:
        """What as many processes answer, each to its message; the first error ends it."""
        pairs = zip(self._processes, messages, strict=False)
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(each.ask(told, answer)) for each, told in pairs]
        return [each.result() for each in asked]
