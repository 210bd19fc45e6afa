"""Where replies come from: the journal, or else the pool of the role that is asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from evaluator.client.pool import Pool
from evaluator.journal import Journal
from evaluator.types import Emit, Request, Response


@dataclass(slots=True)
class Replies:
    """Answers requests, and counts how many were sent and how many the journal answered."""

    pools: Mapping[str, Pool]  # by role
    journal: Journal
    emit: Emit
    sent: int = 0
    replayed: int = 0

    async def reply(self, request: Request, other_role: Callable[[], None]) -> Response:
        """The response, journalled as it arrives.

        `other_role` is called before another role than the model is waited for.
        """
        self.emit(request)
        if recorded := self.journal.get(request):
            self.replayed += 1
            return recorded
        if request.role != "model":
            other_role()
        response = await self.pools[request.role].send(request)
        self.journal.add(request, response)
        self.sent += 1
        self.emit(response)
        return response
