"""A client of a run as its parent sees it."""

import sys
from collections.abc import Sequence

from evaluator.processes.child import Child
from evaluator.runs.clients.messages import Figures, FromClient, HandedSample, ToClient

COMMAND = (sys.executable, "-m", "evaluator.runs.clients.client")


class ClientProcess(Child[ToClient, FromClient]):
    """One process. `number` is that of its shard, which one that takes its place has too.

    `in_hand` are the samples that it was handed and has not ended, by benchmark and id.
    """

    def __init__(self, number: int) -> None:
        super().__init__(COMMAND)
        self.number = number
        self.figures: Figures | None = None
        self.done = False
        self.in_hand: dict[tuple[str, str], HandedSample] = {}

    def hear_at_end(self, said: Sequence[FromClient]) -> None:
        """Takes its figures."""
        self.figures = next((m for m in said if isinstance(m, Figures)), self.figures)
