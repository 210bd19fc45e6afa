"""Replies that decline: counted apart, and never taken for an answer."""

from typing import Any

import pytest

from evaluator.benchmarks import benchmark
from evaluator.benchmarks.bbh import TASKS
from evaluator.data import Builtin, samples
from evaluator.types import Benchmark, Response, Sample

pytestmark = pytest.mark.anyio
DECLINED = ["I'm sorry, but I can't help with that.", "抱歉，我无法回答这个问题。"]


async def solved(of: Benchmark, sample: Sample, text: str) -> Any:
    async def ask(messages: Any, role: str = "model", **params: Any) -> Response:
        return Response("", text)

    return await of.solve(sample, ask)  # type: ignore[arg-type]


def first(name: str) -> tuple[Benchmark, Sample]:
    of = benchmark(name)
    return of, next(iter(samples(of, Builtin(), of.shots)))


@pytest.mark.parametrize("text", DECLINED)
@pytest.mark.parametrize("name", ["arc", "ceval", "cmmlu", "gsm8k", "math500", "mmlu"])
async def test_a_refusal_is_no_answer_and_counted(name: str, text: str) -> None:
    score = await solved(*first(name), text)

    assert (score.value, score.answer, score.dimensions["refused"]) == (0.0, None, 1.0)


@pytest.mark.parametrize("text", DECLINED)
async def test_in_every_shape_of_answer(text: str) -> None:
    of = benchmark("bbh")
    by_task = {sample.group: sample for sample in samples(of, Builtin(), 0)}
    shapes = {TASKS[task].form for task in by_task}
    scores = [await solved(of, sample, text) for sample in by_task.values()]

    assert len(shapes) == 7
    assert [(score.answer, score.dimensions["refused"]) for score in scores] == [
        (None, 1.0) for _ in by_task
    ]


async def test_an_answer_after_an_apology_is_an_answer() -> None:
    of, sample = first("arc")
    score = await solved(of, sample, f"I'm sorry, I can't be sure.\nAnswer: {sample.target}")

    assert (score.value, score.dimensions["refused"]) == (1.0, 0.0)


async def test_thinking_about_refusing_is_no_refusal() -> None:
    of, sample = first("gsm8k")
    text = f"<think>I'm sorry, I can't answer that.</think>Answer: {sample.target}"

    assert (await solved(of, sample, text)).dimensions["refused"] == 0.0
