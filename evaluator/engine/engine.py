"""Samples to outcomes: workers over one stream of work, every response journalled as it arrives.

Resume is replay: a request that the journal knows is answered from it, so `solve` must be
deterministic given its responses.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from evaluator.client.pool import Pool
from evaluator.digest import digest
from evaluator.engine.form import Form, going_along
from evaluator.engine.precision import Precise
from evaluator.engine.repeats import combined
from evaluator.engine.work import Work, ordered
from evaluator.errors import EvaluatorError, RequestError, RunStopped, Unjudged, first_of
from evaluator.extract.cleaning import cleaned, only_thinks
from evaluator.journal import Journal
from evaluator.types import (
    Asked,
    Continuation,
    Emit,
    Outcome,
    Request,
    Response,
    Sample,
    Score,
    Status,
)

MOST_AWAY = 4096  # samples that wait for another role while the model goes on; bounds the memory
ROOM_EVERY = 0.002  # seconds between looks whether there is room
HOPELESS = 50  # this many errors in a row, and nothing else, end a run early
REPEAT = 1_000  # the numbers `nth` of a sample's second repeat start here, of its third at twice it


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
    _away: int = field(default=0, init=False)
    _replace: Callable[[], object] = field(default=lambda: None, init=False)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def run(self, work: Iterable[Work]) -> None:
        """Ends every sample in one outcome, which is emitted.

        Raises RunStopped, ServerError or JournalError; the journal then holds what was answered.
        """
        stream = ordered(work)
        try:
            async with asyncio.TaskGroup() as group:
                self._replace = lambda: group.create_task(self._work(stream))
                for _ in range(max(pool.capacity for pool in self.pools.values())):
                    self._replace()
        except* EvaluatorError as errors:
            raise first_of(errors) from None

    async def _work(self, stream: Iterator[tuple[Work, Sample]]) -> None:
        for work, sample in stream:
            if isinstance(work.samples, Precise) and not await self._still_wanted(work.samples):
                continue
            place = Place()
            outcome = await self.repeated(work, sample, place)
            self.emit(outcome)
            self._count(outcome)
            if place.handed_on:
                self._away -= 1
                return

    async def _still_wanted(self, precise: Precise) -> bool:
        """Whether a benchmark goes on, once there is room for another of its requests.

        Requests that queue in the pool could not be called back when it is precise enough.
        """
        pool = self.pools.get("model") or next(iter(self.pools.values()))
        async with self._turn:  # one waits for room, and all the others for it
            while pool.open >= pool.all_slots and not precise.stopped:  # noqa: ASYNC110  a pool knows no one outside
                await asyncio.sleep(ROOM_EVERY)
        return not precise.stopped

    def hand_on(self, place: "Place") -> None:
        """Hands a worker's place on, because its sample goes to another role than the model.

        So a slow judge never keeps the model waiting, unless too many wait for it already.
        """
        if place.handed_on or self._away >= MOST_AWAY:
            return
        place.handed_on = True
        self._away += 1
        self._replace()

    async def repeated(self, work: Work, sample: Sample, place: "Place") -> Outcome:
        """The sample's outcome from all its repeats, which are asked at once."""
        if work.repeats == 1:
            return await self.solve(work, sample, place)
        async with asyncio.TaskGroup() as group:
            repeats = [
                group.create_task(self.solve(work, sample, place, repeat))
                for repeat in range(work.repeats)
            ]
        return combined([repeat.result() for repeat in repeats])

    async def solve(self, work: Work, sample: Sample, place: "Place", repeat: int = 0) -> Outcome:
        """The outcome of one repeat.  Only errors that end the whole run are raised."""
        asker = Asker(self, work, sample.id, place, repeat)
        score, error = None, ""
        unjudged = False
        try:
            score = await work.benchmark.solve(sample, asker)
        except Unjudged as unread:
            error, unjudged = str(unread), True
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
            "judge_unparsed" if unjudged else status(score, asker.finish_reason),
            score,
            error,
            sample.target,
            asker.keys,
            asker.prompt,
            leaked=asker.leaked,
            ran_on=asker.went_on if score and "in_format" in score.dimensions else asker.ran_on,
            sample=sample,
            requests=asker.requests,
            responses=asker.responses,
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


@dataclass(slots=True)
class Place:
    """A worker's place in the stream of work."""

    handed_on: bool = False


class Asker:
    """`ask` for one sample: adds the model and its sampling, replays or sends, and journals."""

    __slots__ = (
        "_engine",
        "_first",
        "_place",
        "_sample_id",
        "_work",
        "finish_reason",
        "keys",
        "leaked",
        "prompt",
        "ran_on",
        "requests",
        "responses",
        "went_on",
    )

    def __init__(
        self, engine: Engine, work: Work, sample_id: str, place: "Place", repeat: int
    ) -> None:
        self._engine = engine
        self._work = work
        self._sample_id = sample_id
        self._place = place
        self._first = repeat * REPEAT
        self.keys: list[str] = []
        self.requests: list[Request] = []
        self.responses: dict[str, Response] = {}  # as they are read, by the key of the request
        self.finish_reason = ""
        self.prompt = ""
        self.leaked = self.ran_on = self.went_on = 0

    async def __call__(
        self,
        messages: Asked,
        role: str = "model",
        schema: Mapping[str, Any] | None = None,
        optional: Mapping[str, Any] | None = None,
        **params: Any,
    ) -> Response:
        pool, work = self._engine.pools[role], self._work
        request = partial(self._request, role, schema=schema)
        sampling = work.sampling(role, params)
        if role != "model":
            return await self._answer(pool, request(Form().body(pool.model, messages, sampling)))
        body = work.form.body(pool.model, messages, sampling)
        # Only the first question: later ones hold the model's own words.
        self.prompt = self.prompt or fingerprint(body, params)
        scored = len(messages.text) if isinstance(messages, Continuation) else 0
        question = work.form.question(messages)
        optional = going_along(messages, optional, sampling)
        asked = request(body, scored=scored, optional=optional, question=question)
        response = await self._answer(pool, asked)
        self.responses[asked.key] = response = work.form.read(messages, response)
        # In the other modes a reply of one token is not cut off.
        return self._generated(response) if work.mode == "generate" else response

    def _generated(self, response: Response) -> Response:
        """The response as it is scored: one that was cut off while it only thought says nothing."""
        self.finish_reason = response.finish_reason
        reply = cleaned(response.text)
        self.leaked += reply.leaked
        self.ran_on += reply.ran_on
        self.went_on += cleaned(response.text, one_answer=True).ran_on  # if it is to hold but one
        cut = response.finish_reason == "length" and not response.reasoning
        return replace(response, text="") if cut and only_thinks(response.text) else response

    def _request(self, role: str, body: dict[str, Any], **more: Any) -> Request:
        name, nth = self._work.benchmark.name, self._first
        asked = name, self._sample_id, role, body
        while (request := Request(*asked, nth, **more)).key in self.keys:
            nth += 1
        self.keys.append(request.key)
        self.requests.append(request)
        return request

    async def _answer(self, pool: Pool, request: Request) -> Response:
        engine = self._engine
        engine.emit(request)
        if recorded := engine.journal.get(request):
            engine.replayed += 1
            self.responses[request.key] = recorded
            return recorded
        if request.role != "model":
            engine.hand_on(self._place)
        response = await pool.send(request)
        engine.journal.add(request, response)
        engine.sent += 1
        self.responses[request.key] = response
        engine.emit(response)
        return response


def fingerprint(body: Mapping[str, Any], params: Mapping[str, Any]) -> str:
    """A name for the question in a body that is the same for every model it is put to."""
    asked = body.get("messages") or body["prompt"]
    return digest([asked, params])


def status(score: Score | None, finish_reason: str) -> Status:
    """Where a sample ended: an unreadable reply that was cut off is called truncated."""
    if score is None:
        return "error"
    if score.answer is not None:
        return "scored"
    return "truncated" if finish_reason == "length" else "unparsed"
