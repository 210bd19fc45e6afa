"""Samples to outcomes: workers over one stream of work, every response journalled as it arrives.

Resume is replay: a request that the journal knows is answered from it, so `solve` must be
deterministic given its responses.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from evaluator.client.pool import Pool
from evaluator.form import NEUTRAL, Form
from evaluator.journal import Journal
from evaluator.types import (
    Asked,
    Benchmark,
    Continuation,
    Emit,
    EvaluatorError,
    ModeName,
    Outcome,
    Request,
    RequestError,
    Response,
    RunStopped,
    Sample,
    Score,
    Status,
)

HOPELESS = 50  # this many errors in a row, and nothing else, end a run early


@dataclass(frozen=True, slots=True)
class Work:
    """The samples of one benchmark, with the sampling parameters that are really sent."""

    benchmark: Benchmark
    samples: Iterable[Sample]
    total: int
    shots: int
    params: Mapping[str, Any]
    data: str = ""  # what the samples are, as a report says it
    mode: ModeName = "generate"
    form: Form = field(default_factory=Form)


@dataclass(slots=True)
class Engine:
    """Runs work against pools, one pool for each role.

    `max_errors` ends the run once more samples than that ended as errors; None sets no bound.
    """

    pools: Mapping[str, Pool]
    journal: Journal
    emit: Emit
    max_errors: float | None = None
    sent: int = 0
    replayed: int = 0
    errors: int = 0
    _in_a_row: int = field(default=0, init=False)

    async def run(self, work: Iterable[Work]) -> None:
        """Ends every sample in one outcome, which is emitted.

        Raises RunStopped, ServerError or JournalError; the journal then holds what was answered.
        """
        stream = ordered(work)
        # As many workers as requests can be in flight, over all roles, so that a slow judge does
        # not keep the model waiting.
        workers = sum(pool.capacity for pool in self.pools.values())
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(workers):
                    group.create_task(self._work(stream))
        except* EvaluatorError as errors:
            raise first(errors) from None

    async def _work(self, stream: Iterator[tuple[Work, Sample]]) -> None:
        for work, sample in stream:
            outcome = await self.solve(work, sample)
            self.emit(outcome)
            self._count(outcome)

    async def solve(self, work: Work, sample: Sample) -> Outcome:
        """The sample's outcome.  Only errors that end the whole run are raised."""
        asker = Asker(self, work, sample.id)
        score, error = None, ""
        try:
            score = await work.benchmark.solve(sample, asker)
        except RequestError as failed:
            error = str(failed)
        except EvaluatorError:
            raise
        except Exception as bug:  # noqa: BLE001  one odd reply must not lose all the others
            error = f"{work.benchmark.name} failed on this sample: {type(bug).__name__}: {bug}"
        return Outcome(
            work.benchmark.name,
            sample.id,
            sample.group,
            status(score, asker.finish_reason),
            score,
            error,
            sample.target,
            asker.keys,
        )

    def _count(self, outcome: Outcome) -> None:
        if outcome.status != "error":
            self._in_a_row = 0
            return
        self.errors += 1
        self._in_a_row += 1
        if self.max_errors is not None and self.errors > self.max_errors:
            raise RunStopped(
                f"{self.errors} samples ended as errors, more than --max-errors allows; "
                f"the last: {outcome.error}"
            )
        if self._in_a_row == self.errors >= HOPELESS:
            raise RunStopped(f"the first {HOPELESS} samples all failed; the last: {outcome.error}")


class Asker:
    """`ask` for one sample: adds the model and its sampling, replays or sends, and journals."""

    __slots__ = ("_engine", "_sample_id", "_work", "finish_reason", "keys")

    def __init__(self, engine: Engine, work: Work, sample_id: str) -> None:
        self._engine = engine
        self._work = work
        self._sample_id = sample_id
        self.keys: list[str] = []
        self.finish_reason = ""

    async def __call__(
        self,
        messages: Asked,
        role: str = "model",
        optional: Mapping[str, Any] | None = None,
        **params: Any,
    ) -> Response:
        pool, work = self._engine.pools[role], self._work
        if role != "model":
            body = Form().body(pool.model, messages, params)
            return await self._answer(pool, self._request(role, body, optional or {}))
        body = work.form.body(pool.model, messages, {**params, **work.params})
        if isinstance(messages, Continuation):
            request = self._request(role, body, {}, len(messages.text))
        else:
            request = self._request(role, body, {**NEUTRAL, **(optional or {})})
        response = await self._answer(pool, request)
        if work.mode == "generate":  # in the others a reply of one token is not cut off
            self.finish_reason = response.finish_reason
        return work.form.read(messages, response)

    def _request(
        self, role: str, body: dict[str, Any], optional: Mapping[str, Any], scored: int = 0
    ) -> Request:
        name, nth = self._work.benchmark.name, 0
        asked = name, self._sample_id, role, body
        while (request := Request(*asked, nth, optional, scored)).key in self.keys:
            nth += 1
        self.keys.append(request.key)
        return request

    async def _answer(self, pool: Pool, request: Request) -> Response:
        engine = self._engine
        if recorded := engine.journal.get(request):
            engine.replayed += 1
            return recorded
        response = await pool.send(request)
        engine.journal.add(request, response)
        engine.sent += 1
        engine.emit(response)
        return response


def status(score: Score | None, finish_reason: str) -> Status:
    """Where a sample ended: an unreadable reply that was cut off is called truncated."""
    if score is None:
        return "error"
    if score.answer is not None:
        return "scored"
    return "truncated" if finish_reason == "length" else "unparsed"


def ordered(work: Iterable[Work]) -> Iterator[tuple[Work, Sample]]:
    """One stream of all work, longest expected replies first: the tail is then short ones."""
    longest_first = sorted(work, key=lambda w: w.params.get("max_tokens", 0), reverse=True)
    return ((work, sample) for work in longest_first for sample in work.samples)


def first(errors: BaseExceptionGroup[EvaluatorError]) -> EvaluatorError:
    """The first error of a group, however deep."""
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    assert isinstance(error, EvaluatorError)
    return error
