"""Samples to outcomes: workers over one stream of samples, every response journalled as it arrives.

Resume is replay: a request that the journal knows is answered from it, so `solve` must be
deterministic given its responses.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from evaluator.client.pool import Pool
from evaluator.engine.asker import Asker
from evaluator.engine.budget import Budget
from evaluator.engine.precision import SamplesUntilPrecise
from evaluator.engine.repeats import combined
from evaluator.engine.replies import Records, Replies
from evaluator.engine.task import InOrder, SampleStream, Task
from evaluator.errors import (
    BudgetSpent,
    EvaluatorError,
    RequestError,
    Unjudged,
    first_of,
    gather_all,
)
from evaluator.results.names import IN_FORMAT
from evaluator.types import Emit, Outcome, Sample, Score, Status

MOST_AWAY = 4096  # samples that wait for another role while the model goes on; bounds the memory
ROOM_EVERY = 0.002  # seconds between looks whether there is room


@dataclass(slots=True)
class WorkerSlot:
    """A worker's place among those that keep the model busy."""

    released: bool = False


class Engine:
    """Runs tasks against pools, one pool for each role."""

    def __init__(
        self,
        pools: Mapping[str, Pool],
        journal: Records,
        emit: Emit,
        budget: Budget | None = None,
    ) -> None:
        self.pools = pools
        self.emit = emit
        self._replies = Replies(pools, journal, emit, budget)
        self._spent: BudgetSpent | None = None
        self._workers = self._wanted = 0
        self._away = 0
        self._replace: Callable[[], object] = lambda: None
        self._turn = asyncio.Lock()

    @property
    def sent(self) -> int:
        """Requests that went to an endpoint."""
        return self._replies.sent

    @property
    def replayed(self) -> int:
        """Requests that the journal answered, or a file of replies."""
        return self._replies.replayed

    async def run(self, tasks: Iterable[Task]) -> None:
        """Ends every sample in one outcome, which is emitted.

        Raises ServerError, JournalError and what `emit` does; the journal then holds what was
        answered. BudgetSpent comes at the end: what needs no further request has its outcome.
        """
        await self.answer(InOrder(tasks))

    async def answer(self, stream: SampleStream) -> None:
        """The same for samples as they come."""
        try:
            async with asyncio.TaskGroup() as group:
                self._replace = lambda: group.create_task(self._worker(stream))
                self.grow()
        except* EvaluatorError as errors:
            raise first_of(errors) from None
        if self._spent:
            raise self._spent

    @property
    def _most(self) -> int:
        """Workers that the pools can use; those that wait for another role are not counted."""
        return max(pool.capacity for pool in self.pools.values())

    def grow(self) -> None:
        """Starts the workers that are missing, also where pools have grown since.

        Where they have shrunk, workers end with the sample that they have.
        """
        self._wanted = self._most
        while self._workers < self._wanted:
            self._workers += 1
            self._replace()

    async def _worker(self, stream: SampleStream) -> None:
        try:
            await self._work(stream)
        except EvaluatorError:
            stream.close()  # those who have not begun yet ask nothing
            raise

    async def _work(self, stream: SampleStream) -> None:
        while self._workers <= self._wanted and (taken := await stream.take()):
            task, sample = taken
            if isinstance(task.samples, SamplesUntilPrecise) and not await self._still_wanted(
                task.samples
            ):
                continue
            slot = WorkerSlot()
            try:
                self.emit(await self.repeated(task, sample, slot))
            except BudgetSpent as spent:
                self._spent = spent  # others may be answered from the journal
            if slot.released:
                self._away -= 1
                return
        self._workers -= 1

    async def _still_wanted(self, precise: SamplesUntilPrecise) -> bool:
        """Whether a benchmark goes on, once there is room for another of its requests.

        Requests that queue in the pool could not be called back when it is precise enough.
        """
        pool = self.pools.get("model") or next(iter(self.pools.values()))
        async with self._turn:  # one waits for room, and all the others for it
            while pool.open >= pool.all_slots and not precise.stopped:  # noqa: ASYNC110  a pool knows no one outside
                await asyncio.sleep(ROOM_EVERY)
        return not precise.stopped

    def release_slot(self, slot: WorkerSlot) -> None:
        """Gives a worker's slot to a new worker, because its sample waits for another role.

        So a slow judge never keeps the model waiting, unless too many wait for it already.
        """
        if slot.released or self._away >= MOST_AWAY:
            return
        slot.released = True
        self._away += 1
        self._replace()

    async def repeated(self, task: Task, sample: Sample, slot: WorkerSlot) -> Outcome:
        """The sample's outcome from all its repeats, which are asked at once."""
        if task.repeats == 1:
            return await self.solve(task, sample, slot)
        repeats = (self.solve(task, sample, slot, repeat) for repeat in range(task.repeats))
        # Each comes to its own end: a reply under way is paid for, whatever ends another repeat.
        return combined(await gather_all(*repeats))

    async def solve(self, task: Task, sample: Sample, slot: WorkerSlot, repeat: int = 0) -> Outcome:
        """The outcome of one repeat.  Only errors that end the whole run are raised."""
        release = partial(self.release_slot, slot)
        asker = Asker(self._replies, task, sample.id, repeat, release)
        score, error = None, ""
        unjudged = False
        try:
            score = await task.solve(sample, asker)
        except Unjudged as unread:
            error, unjudged = str(unread), True
        except RequestError as failed:
            error = str(failed)
        except EvaluatorError:
            raise
        except Exception as bug:  # noqa: BLE001  one odd reply must not lose all the others
            error = f"{task.benchmark.name} failed on this sample: {type(bug).__name__}: {bug}"
        return Outcome(
            task.benchmark.name,
            sample.id,
            sample.group,
            "judge_unparsed" if unjudged else status(score, asker.finish_reason),
            score,
            error,
            sample.target,
            asker.keys,
            asker.prompt,
            leaked=asker.leaked,
            ran_on=asker.went_on if score and IN_FORMAT in score.dimensions else asker.ran_on,
            fitted=asker.fitted,
            sample=sample,
            requests=asker.requests,
            responses=asker.responses,
        )


def status(score: Score | None, finish_reason: str) -> Status:
    """Where a sample ended: an unreadable reply that was cut off is called truncated."""
    if score is None:
        return "error"
    if score.answer is not None:
        return "scored"
    return "truncated" if finish_reason == "length" else "unparsed"
