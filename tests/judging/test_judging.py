"""Verdicts: read, asked for again, given up; and the judge working while the model answers."""

import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from evaluator.client.pool import Pool
from evaluator.client.wire import Wire
from evaluator.dashboard.lines import plain_line
from evaluator.dashboard.meter import Meter
from evaluator.engine.engine import Engine
from evaluator.engine.form import NEUTRAL
from evaluator.engine.task import Task
from evaluator.errors import Unjudged
from evaluator.journal import Journal
from evaluator.judging.panel import judge
from evaluator.types import Ask, Benchmark, Emit, Event, Outcome, Sample, Score
from tests.stub import Fault, StubServer

pytestmark = pytest.mark.anyio

SCHEMA = {"type": "object", "properties": {"rating": {"enum": [1, 2, 3]}}}


def read(text: str) -> float | None:
    found = re.search(r"rating\W+(\d)", text)
    return float(found[1]) if found else None


async def solve(sample: Sample, ask: Ask) -> Score:
    answer = await ask(sample.fields["question"])
    verdict = await judge(ask, f"judge: {answer.text}", read, SCHEMA, repair="again, please")
    if verdict.value is None:
        raise Unjudged(f"no rating in {verdict.text!r}")
    return Score(verdict.value, f"{verdict.value:g}", dimensions={"repaired": verdict.repaired})


def task(n: int, solver: Any = solve, name: str = "b", **params: Any) -> Task:
    samples = [Sample(str(i), {"question": f"question {i}"}, "", "main") for i in range(n)]
    roles = ("model", "judge") if solver is solve else ("model",)
    benchmark = Benchmark(name, "B", "here", lambda rows, shots: samples, solver, roles=roles)
    return Task(benchmark, solver, samples, n, params=params, roles=roles)


@asynccontextmanager
async def engine(
    model: StubServer, judge: StubServer, folder: Path, emit: Emit, slots: int = 8
) -> AsyncIterator[Engine]:
    pools = {
        "model": Pool("stub", [Wire(model.base_url)], slots=slots, retries=2),
        "judge": Pool("judge", [Wire(judge.base_url)], slots=slots, retries=2),
    }
    async with AsyncExitStack() as stack:
        for pool in pools.values():
            stack.push_async_callback(pool.close)
        with Journal(folder / "responses.jsonl") as journal:
            yield Engine(pools, journal, emit)


async def outcomes(
    model: StubServer, judge: StubServer, folder: Path, *tasks: Task, **options: Any
) -> list[Outcome]:
    events: list[Event] = []
    async with engine(model, judge, folder, events.append, **options) as running:
        await running.run(tasks)
    return [event for event in events if isinstance(event, Outcome)]


async def test_a_readable_verdict_is_asked_for_once_at_temperature_0(
    stub: StubServer, tmp_path: Path
) -> None:
    with StubServer(reply="rating: 3") as judging:
        ended = await outcomes(stub, judging, tmp_path, task(2))

    assert [(o.status, o.score and o.score.value) for o in ended] == [("scored", 3.0)] * 2
    assert judging.count == 2
    assert judging.requests[0].body == {
        "model": "judge",
        "messages": [{"role": "user", "content": "judge: Answer: B"}],
        "temperature": 0.0,
        "max_tokens": 2048,
        **NEUTRAL,
    }


def stubborn(body: Any) -> str:
    """Says nothing readable until it is held to a schema."""
    return '{"rating": 2}' if "response_format" in body else "a fine answer"


async def test_an_unreadable_verdict_is_mended_in_the_same_conversation_by_the_schema(
    stub: StubServer, tmp_path: Path
) -> None:
    with StubServer(reply=stubborn) as judging:
        ended = await outcomes(stub, judging, tmp_path, task(1))
        again = await outcomes(stub, judging, tmp_path, task(1))

    assert ended == again
    assert [(o.status, o.score) for o in ended] == [
        ("scored", Score(2.0, "2", dimensions={"repaired": True}))
    ]
    assert judging.count == 2
    sent = judging.requests[1].body
    assert [message["role"] for message in sent["messages"]] == ["user", "assistant", "user"]
    assert sent["messages"][1]["content"] == "a fine answer"
    assert sent["messages"][2]["content"] == "again, please"
    assert sent["response_format"]["json_schema"]["schema"] == SCHEMA


def no_schemas(index: int, body: Any) -> Fault | None:
    return Fault(400) if "response_format" in body else None


def talkative(body: Any) -> str:
    return "rating: 1" if len(body["messages"]) > 1 else "a fine answer"


async def test_a_server_that_takes_no_schema_is_asked_without_and_only_tried_once(
    stub: StubServer, tmp_path: Path
) -> None:
    with StubServer(reply=talkative, faults=no_schemas) as judging:
        ended = await outcomes(stub, judging, tmp_path, task(5), slots=1)
        asked = judging.count
        again = await outcomes(stub, judging, tmp_path, task(5), slots=1)

    assert {o.status for o in ended} == {"scored"}
    assert sorted(again, key=repr) == sorted(ended, key=repr)
    tried = [r.body["response_format"] for r in judging.requests if "response_format" in r.body]
    assert [each["type"] for each in tried] == ["json_schema", "json_object"]
    assert (asked, judging.count) == (12, 12)  # the same again costs nothing


async def test_a_verdict_that_stays_unreadable_ends_in_a_status_of_its_own(
    stub: StubServer, tmp_path: Path
) -> None:
    with StubServer(reply="") as judging:
        ended = await outcomes(stub, judging, tmp_path, task(3))

    assert [(o.status, o.score, o.error) for o in ended] == [
        ("judge_unparsed", None, "no rating in ''")
    ] * 3
    assert [len(o.response_keys) for o in ended] == [3] * 3
    assert judging.count == 6


async def test_faults_of_the_judge_pass_and_a_parameter_of_none_is_not_sent(
    stub: StubServer, tmp_path: Path
) -> None:
    async def bare(sample: Sample, ask: Ask) -> Score:
        verdict = await judge(ask, "judge this", read, temperature=None, top_p=0.5)
        return Score(verdict.value or 0.0, verdict.text)

    with StubServer(reply="rating: 3", faults=[Fault(503), "reset"]) as judging:
        ended = await outcomes(stub, judging, tmp_path, task(1, bare))

    assert [o.status for o in ended] == ["scored"]
    assert stub.count == 0
    sent = judging.requests[-1].body
    assert sent.keys() == {"model", "messages", "max_tokens", *NEUTRAL}
    assert sent["top_p"] == 0.5


async def test_a_thinking_judges_thoughts_are_no_verdict(stub: StubServer, tmp_path: Path) -> None:
    thinks = "<think>rating: 1, or rather 2?</think>rating: 3"
    with StubServer(reply=thinks) as judging:
        ended = await outcomes(stub, judging, tmp_path, task(1))

    assert ended[0].score
    assert ended[0].score.value == 3.0


async def plain(sample: Sample, ask: Ask) -> Score:
    return Score(1.0, (await ask(f"plain {sample.fields['question']}")).text)


async def test_neither_the_model_nor_the_judge_waits_for_the_other(tmp_path: Path) -> None:
    """40 judged samples: 1 s of answers, 2 s of verdicts; and 40 plain questions, 1 s."""
    with (
        StubServer(latency=0.1) as model,
        StubServer(reply="rating: 3", latency=0.2) as judging,
    ):
        start = time.monotonic()
        judged, other = task(40, max_tokens=9), task(40, plain, "plain")
        ended = await outcomes(model, judging, tmp_path, judged, other, slots=4)
        seconds = time.monotonic() - start
        last_question = model.requests[-1].received - start
        first_verdict = judging.requests[0].received - start

    assert {o.status for o in ended} == {"scored"}
    assert len(ended) == 80
    assert seconds < 3.0  # the sum is 4 s, the longer of the two 2 s
    assert first_verdict < 0.6
    # With workers that stay at the judge, the plain questions would wait for its verdicts.
    assert sum("plain" in json.dumps(r.body) for r in model.requests) == 40
    assert last_question < 2.4


async def test_the_judge_has_slots_and_a_queue_of_its_own_on_the_dashboard(tmp_path: Path) -> None:
    lines: list[str] = []

    def note(event: Event) -> None:
        meter(event)
        lines.append(plain_line(meter))

    with StubServer() as model, StubServer(reply="rating: 3", latency=0.1) as judging:
        async with engine(model, judging, tmp_path, note, slots=4) as running:
            meter = Meter({"b": 30}, running.pools)
            await running.run([task(30)])

    assert any("judge judge: 4 of 4 in flight, 2" in line for line in lines)  # 20 and more wait
    assert "0 of 4 in flight" in lines[-1]
    assert "judge judge: 0 of 4 in flight, 0 waiting · 30 replies" in lines[-1]
