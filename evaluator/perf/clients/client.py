"""The process of one client: sends its share of each part, as its parent orders it."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from evaluator.dashboard.background import background
from evaluator.errors import EvaluatorError, first_of
from evaluator.perf.clients.messages import (
    Assignment,
    Failed,
    FromClient,
    Go,
    Order,
    PartEnded,
    Ready,
    ToClient,
    Told,
)
from evaluator.perf.load.sending import Sending
from evaluator.perf.load.server import MeasuredServer
from evaluator.perf.load.servers import closed_at_end, known
from evaluator.processes.parent import Parent

TELL_EVERY = 0.5  # seconds


class LoadClient:
    """Sends what its parent orders, until that is gone."""

    def __init__(self, assignment: Assignment, parent: Parent) -> None:
        self._assignment = assignment
        self._parent = parent
        self._heard: asyncio.Queue[ToClient] = asyncio.Queue()

    async def run(self) -> None:
        """Ends with its parent, or by an error, which it tells."""
        self._parent.listen(self._heard.put_nowait)
        with suppress(asyncio.CancelledError):
            try:
                assigned = self._assignment
                async with closed_at_end(known(assigned.options, assigned.servers)) as servers:
                    await self._serve(servers)
            except* EvaluatorError as errors:
                error = first_of(errors)
                assert isinstance(error, EvaluatorError)
                self._say(Failed(error))

    async def _serve(self, servers: Sequence[MeasuredServer]) -> None:
        by_name = {server.name: server for server in servers}
        while True:
            order = await self._heard.get()
            assert isinstance(order, Order)
            server = by_name[order.server]
            server.preferred = order.stride.first
            sending = Sending(server, self._assignment.workload, order.part, order.stride)
            self._say(Ready())
            go = await self._heard.get()
            assert isinstance(go, Go)
            async with background(self._tell(sending)):
                sent = await sending.run(go.at)
            server.stop_guessing()  # the first part is a warm-up
            self._say(PartEnded())
            await self._heard.get()
            self._say(sent)

    async def _tell(self, sending: Sending) -> None:
        while True:
            await asyncio.sleep(TELL_EVERY)
            self._say(Told(sending.counts, sending.bound))

    def _say(self, message: FromClient) -> None:
        self._parent.say([message])


def main() -> None:
    """Serves the parent."""
    parent = Parent.of_process()
    assignment = next(parent.messages, None)
    if isinstance(assignment, Assignment):
        asyncio.run(LoadClient(assignment, parent).run())


if __name__ == "__main__":
    main()
