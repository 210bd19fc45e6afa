"""A client of a run as its parent sees it."""

from collections.abc import Sequence

from evaluator.errors import RunStopped
from evaluator.locale import N_
from evaluator.processes.child import Begin, Child
from evaluator.runs.clients.messages import Figures, FromClient, HandedSample, Replied, ToClient
from evaluator.runs.clients.recorded import JournalHere


class ClientProcess(Child[ToClient, FromClient]):
    """One process. `number` is that of its shard, which one that takes its place has too.

    `in_hand` are the samples that it was handed and has not ended, by benchmark and id. What one
    elsewhere says of its replies is `recorded` before anything else that it says is heard.
    """

    def __init__(self, number: int, begin: Begin, recorded: JournalHere | None) -> None:
        super().__init__(begin)
        self.number = number
        self.figures: Figures | None = None
        self.done = False
        self.in_hand: dict[tuple[str, str], HandedSample] = {}
        self._recorded = recorded

    async def receive(self) -> Sequence[FromClient]:
        """What it says next; nothing once it is gone.  Raises JournalError."""
        said = await super().receive()
        if self._recorded and (replied := [m for m in said if isinstance(m, Replied)]):
            self._recorded.keep(replied, self.in_hand)
        return said

    def hear_at_end(self, said: Sequence[FromClient]) -> None:
        """Takes its figures."""
        self.figures = next((m for m in said if isinstance(m, Figures)), self.figures)


def too_many_died(deaths: int, code: int) -> RunStopped:
    """The end of a run whose clients keep dying; `code` is that of the last."""
    return RunStopped(
        N_(
            "{deaths} {deaths:client|clients} ended before {deaths:its|their} work was done, the "
            "last with code {code}; the answers are kept: run the same command again, with fewer "
            "--clients where memory is short",
            deaths=deaths,
            code=code,
        )
    )
