"""Where replies come from: the journal, or else the pool of the role that is asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from evaluator.client.context import within_context
from evaluator.client.pool import Pool
from evaluator.engine.budget import Budget
from evaluator.errors import RequestError
from evaluator.types import Emit, Request, Response


class Records(Protocol):
    """What knows recorded replies, and records further ones: a `Journal`, wherever it is."""

    def get(self, request: Request) -> Response | None:
        """The recorded reply to a request."""
        ...

    def add(self, request: Request, response: Response) -> None:
        """Records one."""
        ...


@dataclass(slots=True)
class Replies:
    """Answers requests, and counts how many were sent and how many recorded replies answered.

    A request is sent where an endpoint answers it, or fails to for good.
    """

    pools: Mapping[str, Pool]  # by role
    journal: Records
    emit: Emit
    budget: Budget | None = None
    sent: int = 0
    replayed: int = 0

    async def reply(self, request: Request, other_role: Callable[[], None]) -> Response:
        """The response, journalled as it arrives.

        `other_role` is called before another role than the model is waited for. Raises BudgetSpent
        where it would have to be asked for and nothing more may be.
        """
        self.emit(request)
        if recorded := self.journal.get(request):
            self.replayed += 1
            return recorded
        if request.role != "model":
            other_role()
        try:
            response = await self._sent(request)
        except RequestError:
            self.sent += 1
            raise
        self.journal.add(request, response)
        if response.endpoint:
            self.sent += 1
        else:  # of a file, as `evaluator score` reads them
            self.replayed += 1
        self.emit(response)
        return response

    async def _sent(self, request: Request) -> Response:
        """The pool's response; to what fits into the model's context, where a text may be cut."""
        try:
            return await self._paid(request)
        except RequestError as refusal:
            if not request.overlong:
                raise
            pool = self.pools[request.role]
            return await within_context(pool, request, refusal, self._paid)

    async def _paid(self, request: Request) -> Response:
        """The pool's response, paid from the budget where there is one."""
        pool, budget = self.pools[request.role], self.budget
        if budget is None:
            return await pool.send(request)
        budget.begin()
        response = None
        try:
            response = await pool.send(request, budget.check)
        finally:
            budget.end(request.role, response)
        return response
