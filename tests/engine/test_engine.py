from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evaluator.client.pool import Pool
from evaluator.client.wire import Wire
from evaluator.engine.engine import Engine
from evaluator.engine.form import NEUTRAL
from evaluator.engine.giving_up import GivingUp
from evaluator.engine.task import Task, ordered
from evaluator.errors import RunStopped, Unauthorized
from evaluator.journal import Journal
from evaluator.types import Ask, Benchmark, Emit, Event, Outcome, Sample, Score
from tests.stub import Fault, Reply, StubServer

pytestmark = pytest.mark.anyio

SAMPLES = [Sample(str(i), {"question": f"question {i}"}, "B", "main") for i in range(20)]


async def solve(sample: Sample, ask: Ask) -> Score:
    response = await ask(sample.fields["question"])
    answer = response.text.removeprefix("Answer: ") if "Answer" in response.text else None
    return Score(float(answer == sample.target), answer)


def task(solver: Any = solve, samples: list[Sample] = SAMPLES, **params: Any) -> Task:
    benchmark = Benchmark("b", "B", "here", lambda rows, shots: samples, solver)
    return Task(benchmark, solver, samples, len(samples), params=params)


@asynccontextmanager
async def engine(
    stub: StubServer, folder: Path, emit: Callable[[Event], None]
) -> AsyncIterator[Engine]:
    pool = Pool("stub", [Wire(stub.base_url)], slots=4, retries=0)
    try:
        with Journal(folder / "responses.jsonl") as journal:
            yield Engine({"model": pool}, journal, emit)
    finally:
        await pool.close()


async def outcomes(
    stub: StubServer, folder: Path, *tasks: Task, give_up: Emit = lambda event: None
) -> list[Outcome]:
    events: list[Event] = []

    def emit(event: Event) -> None:
        events.append(event)
        give_up(event)

    async with engine(stub, folder, emit) as running:
        await running.run(tasks)
    return [event for event in events if isinstance(event, Outcome)]


async def test_every_sample_ends_in_one_outcome(stub: StubServer, tmp_path: Path) -> None:
    ended = await outcomes(stub, tmp_path, task())

    assert sorted(int(o.sample_id) for o in ended) == list(range(20))
    assert {(o.status, o.score.value if o.score else None) for o in ended} == {("scored", 1.0)}
    assert all(len(o.response_keys) == 1 for o in ended)


async def test_the_same_work_again_asks_nothing(stub: StubServer, tmp_path: Path) -> None:
    first = await outcomes(stub, tmp_path, task())
    again = await outcomes(stub, tmp_path, task())

    assert stub.count == 20
    assert sorted(first, key=repr) == sorted(again, key=repr)


async def test_only_what_is_new_is_asked(stub: StubServer, tmp_path: Path) -> None:
    await outcomes(stub, tmp_path, task(samples=SAMPLES[:5]))
    await outcomes(stub, tmp_path, task())
    assert stub.count == 20

    await outcomes(stub, tmp_path, task(temperature=0.5))
    assert stub.count == 40


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (Reply("Answer: B"), "scored"),
        (Reply("no idea"), "unparsed"),
        (Reply("so let us see", finish_reason="length"), "truncated"),
        (Reply("Answer: B", finish_reason="length"), "scored"),
        (Reply(""), "unparsed"),
    ],
)
async def test_the_status_says_what_became_of_a_reply(
    stub: StubServer, tmp_path: Path, reply: Reply, status: str
) -> None:
    stub.reply = reply

    ended = await outcomes(stub, tmp_path, task(samples=SAMPLES[:1]))

    assert [o.status for o in ended] == [status]


async def test_a_failed_request_is_an_error_without_a_score_and_asked_again_next_time(
    stub: StubServer, tmp_path: Path
) -> None:
    stub.faults = ["too_long"]
    first = await outcomes(stub, tmp_path, task())
    again = await outcomes(stub, tmp_path, task())

    failed = [o for o in first if o.status == "error"]
    assert len(failed) == 1
    assert failed[0].score is None
    assert "maximum context length" in failed[0].error
    assert [o.status for o in again] == ["scored"] * 20
    assert stub.count == 21


async def test_a_benchmark_that_breaks_on_one_reply_loses_only_that_sample(
    stub: StubServer, tmp_path: Path
) -> None:
    async def fragile(sample: Sample, ask: Ask) -> Score:
        score = await solve(sample, ask)
        return score if sample.id != "7" else Score(float([][0]))

    ended = await outcomes(stub, tmp_path, task(fragile))

    assert [o.error for o in ended if o.status == "error"] == [
        "b failed on this sample: IndexError: list index out of range"
    ]
    assert sum(o.status == "scored" for o in ended) == 19


async def test_a_repeated_question_is_asked_anew_each_time(
    stub: StubServer, tmp_path: Path
) -> None:
    async def twice(sample: Sample, ask: Ask) -> Score:
        first, second = await ask("the same"), await ask("the same")
        return Score(float(first.key != second.key), "both")

    ended = await outcomes(stub, tmp_path, task(twice, SAMPLES[:1]))
    replayed = await outcomes(stub, tmp_path, task(twice, SAMPLES[:1]))

    assert stub.count == 2
    assert ended == replayed
    assert ended[0].score == Score(1.0, "both")


async def test_the_users_sampling_wins(stub: StubServer, tmp_path: Path) -> None:
    await outcomes(stub, tmp_path, task(samples=SAMPLES[:1], temperature=0.75, max_tokens=256))

    sent = stub.requests[0].body
    assert (sent["model"], sent["temperature"], sent["max_tokens"]) == ("stub", 0.75, 256)
    assert sent["messages"] == [{"role": "user", "content": "question 0"}]


async def test_too_many_errors_stop_the_run(stub: StubServer, tmp_path: Path) -> None:
    stub.faults = lambda index, body: Fault(500)

    with pytest.raises(RunStopped, match="4 samples ended as errors"):
        await outcomes(stub, tmp_path, task(), give_up=GivingUp(3))


async def test_a_hopeless_run_is_given_up(stub: StubServer, tmp_path: Path) -> None:
    stub.faults = lambda index, body: Fault(500)
    many = [Sample(str(i), {"question": "?"}) for i in range(1000)]

    with pytest.raises(RunStopped, match="the first 50 samples all failed"):
        await outcomes(stub, tmp_path, task(samples=many), give_up=GivingUp())

    assert stub.count < 60


async def test_a_wrong_key_stops_the_run(stub: StubServer, tmp_path: Path) -> None:
    stub.api_key = "secret"

    with pytest.raises(Unauthorized):
        await outcomes(stub, tmp_path, task())


def test_long_replies_come_first_and_samples_keep_their_order() -> None:
    short, long = task(max_tokens=1, samples=SAMPLES[:2]), task(max_tokens=9, samples=SAMPLES[:2])

    assert [(w is long, s.id) for w, s in ordered([short, long])] == [
        (True, "0"),
        (True, "1"),
        (False, "0"),
        (False, "1"),
    ]


def test_the_first_samples_of_each_come_before_all_others() -> None:
    short, long = task(max_tokens=1, samples=SAMPLES[:7]), task(max_tokens=9, samples=SAMPLES[:7])
    order = [(w is long, s.id) for w, s in ordered([short, long])]

    assert order[:10] == [(which, str(n)) for which in (True, False) for n in range(5)]
    assert order[10:] == [(True, "5"), (True, "6"), (False, "5"), (False, "6")]


async def warm(sample: Sample, ask: Ask) -> Score:
    response = await ask(sample.fields["question"], temperature=0.9, top_p=0.8)
    return Score(1.0, response.text)


@pytest.mark.parametrize(
    ("default", "given", "sent"),
    [
        ({"temperature": 0.0, "max_tokens": 9}, {}, {"temperature": 0.9, "top_p": 0.8}),
        ({"temperature": 0.0}, {"temperature": 0.2}, {"temperature": 0.2, "top_p": 0.8}),
        ({}, {"temperature": None}, {"temperature": None, "top_p": 0.8}),
        ({}, {"top_p": None}, {"temperature": 0.9, "top_p": None}),
    ],
)
async def test_a_call_goes_before_the_default_and_the_user_before_both(
    default: dict[str, Any],
    given: dict[str, Any],
    sent: dict[str, Any],
    stub: StubServer,
    tmp_path: Path,
) -> None:
    asked = replace(task(warm, SAMPLES[:1], **default), given={"model": given})
    await outcomes(stub, tmp_path, asked)

    body = stub.requests[0].body
    assert {name: body.get(name) for name in sent} == sent
    assert body.get("max_tokens") == default.get("max_tokens")
    assert all(value is not None for value in body.values())


async def consulting(sample: Sample, ask: Ask) -> Score:
    response = await ask("rate it", "judge", temperature=0.9, max_tokens=5)
    return Score(1.0, response.text)


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({}, {"temperature": 0.9, "max_tokens": 5}),
        ({"temperature": 0.2}, {"temperature": 0.2, "max_tokens": 5}),
        ({"max_tokens": None}, {"temperature": 0.9}),
        ({"top_p": 0.5}, {"temperature": 0.9, "max_tokens": 5, "top_p": 0.5}),
    ],
)
async def test_a_judge_is_asked_as_the_user_says_whoever_asks_it(
    given: dict[str, Any], sent: dict[str, Any], stub: StubServer, tmp_path: Path
) -> None:
    asked = replace(task(consulting, SAMPLES[:1], temperature=0.5), given={"judge": given})
    pool = Pool("stub", [Wire(stub.base_url)])
    with Journal(tmp_path / "responses.jsonl") as journal:
        await Engine({"model": pool, "judge": pool}, journal, lambda event: None).run([asked])
    await pool.close()

    body = stub.requests[0].body
    assert {
        name: value for name, value in body.items() if name not in ("model", "messages")
    } == NEUTRAL | sent
