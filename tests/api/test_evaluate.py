"""The Python API: in a script, in a thread, and within a running event loop."""

import asyncio
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import evaluator
from evaluator import Benchmark, EvaluatorError, JudgeConnection, Sample, Score, evaluate
from evaluator.errors import UsageError
from tests.processes import started
from tests.stub import StubServer
from tests.waiting import wait_until

ROWS = ({"country": "France", "capital": "Paris"}, {"country": "Peru", "capital": "Lima"})


async def solve(sample: Sample, ask: Any) -> Score:
    reply = await ask(f"What is the capital of {sample.fields['country']}?")
    return Score(float(sample.target in reply.text), reply.text)


def load(rows: Any, shots: int) -> Any:
    for row in ROWS:
        yield Sample(row["country"], row, row["capital"])


CAPITALS = Benchmark(
    name="capitals", title="Capitals", dataset="mine", load=load, solve=solve, params={}
)


def asked(stub: StubServer, out: Path, **more: Any) -> dict[str, Any]:
    basics = {"model": "stub", "base_url": stub.base_url, "data": "builtin", "out": out}
    return {**basics, "limit": 3, **more}


def test_a_script_gets_the_report(stub: StubServer, tmp_path: Path) -> None:
    report = evaluate(["arc", "gsm8k"], **asked(stub, tmp_path))

    assert {name: row.samples for name, row in report.benchmarks.items()} == {
        "arc": 3,
        "gsm8k": 3,
    }
    assert evaluator.load_run(tmp_path).benchmarks == report.benchmarks


def test_the_same_call_again_sends_nothing(stub: StubServer, tmp_path: Path) -> None:
    evaluate("arc", **asked(stub, tmp_path))
    evaluate("arc", **asked(stub, tmp_path))

    assert stub.count == 3

    evaluate("arc", **asked(stub, tmp_path), fresh=True)
    assert stub.count == 6
    assert tmp_path.with_name(f"{tmp_path.name}-2").exists()


def test_a_benchmark_of_ones_own_is_passed_as_an_object(stub: StubServer, tmp_path: Path) -> None:
    stub.reply = lambda body: "Paris, of course."
    report = evaluate(["arc", CAPITALS], **asked(stub, tmp_path))

    assert report.benchmarks["capitals"].value == 0.5
    assert report.benchmarks["capitals"].data == "mine via the benchmark itself"
    assert evaluator.load_run(tmp_path).benchmarks["capitals"].value == 0.5


def test_within_a_running_loop_it_works_as_in_a_notebook(stub: StubServer, tmp_path: Path) -> None:
    async def cell() -> dict[str, Any]:
        return evaluate("arc", **asked(stub, tmp_path))

    assert asyncio.run(cell()).benchmarks["arc"].samples == 3


def test_a_thread_of_ones_own_works_too(stub: StubServer, tmp_path: Path) -> None:
    found = []
    thread = threading.Thread(target=lambda: found.append(evaluate("arc", **asked(stub, tmp_path))))
    thread.start()
    thread.join()

    assert found[0].benchmarks["arc"].samples == 3


def test_other_work_goes_on_beside_the_async_form(stub: StubServer, tmp_path: Path) -> None:
    stub.latency = 0.2

    async def both() -> tuple[dict[str, Any], int]:
        running = asyncio.create_task(evaluator.evaluate_async("arc", **asked(stub, tmp_path)))
        ticks = 0
        while not running.done():
            await asyncio.sleep(0.01)
            ticks += 1
        return await running, ticks

    report, ticks = asyncio.run(both())
    assert report.benchmarks["arc"].samples == 3
    assert ticks > 5


def test_cancelled_it_ends_the_run_and_keeps_the_answers(stub: StubServer, tmp_path: Path) -> None:
    stub.latency = 0.3

    async def cancelled() -> None:
        given = asked(stub, tmp_path, limit=30, concurrency=2)
        running = asyncio.create_task(evaluator.evaluate_async("gsm8k", **given))
        await asyncio.to_thread(wait_until, lambda: stub.count >= 3)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(cancelled())
    assert 3 <= stub.count < 30
    assert evaluator.load_run(tmp_path).benchmarks["gsm8k"].planned == 30
    for thread in threading.enumerate():
        if thread.name == "evaluator":
            thread.join(timeout=5)
            assert not thread.is_alive()


IN_A_LOOP = """
import asyncio, sys, evaluator
async def cell():
    try:
        evaluator.evaluate("gsm8k", model="stub", base_url=sys.argv[1], data="builtin",
                           out=sys.argv[2], concurrency=2)
    except evaluator.EvaluatorError as error:
        print(type(error).__name__, error)
asyncio.run(cell())
"""


@pytest.mark.parametrize(
    "code",
    [
        IN_A_LOOP,
        IN_A_LOOP.replace(
            "asyncio.run(cell())",
            """
coroutine = cell()
try: coroutine.send(None)
except StopIteration: pass
""",
        ),
    ],
    ids=["in a loop", "in a script"],
)
def test_an_interruption_ends_it(stub: StubServer, tmp_path: Path, code: str) -> None:
    stub.latency = 0.3
    command = [sys.executable, "-c", code, stub.base_url, tmp_path / "r"]
    with started(command, stdout=subprocess.PIPE, text=True) as process:
        wait_until(lambda: stub.count >= 3)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=20)

    assert "Interrupted interrupted; the " in said
    assert evaluator.load_run(tmp_path / "r").benchmarks["gsm8k"].planned == 30


def test_the_judge_is_an_object_or_options_of_its_own(stub: StubServer, tmp_path: Path) -> None:
    stub.reply = lambda body: "[[5]]"
    stub.models = ["stub", "judge"]
    judge = JudgeConnection(model="judge", base_url=stub.base_url, param={"max_tokens": 9})
    evaluate("mtbench", **asked(stub, tmp_path / "a", limit=1, judge=judge))
    evaluate(
        "mtbench",
        **asked(stub, tmp_path / "b", limit=1),
        judge_model="judge",
        judge_base_url=stub.base_url,
        judge_param=["max_tokens=9"],
    )
    judged = [each.body for each in stub.requests if each.body["model"] == "judge"]

    assert len(judged) == 4
    assert {body["max_tokens"] for body in judged} == {9}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"limt": 3}, "there is no option 'limt'; did you mean 'limit'?"),
        ({"limit": "many"}, "--limit 'many': give a whole number of 1 or more"),
        ({"judge": {"modle": "x"}}, "there is no option 'judge_modle'; did you mean 'judge_model'"),
        ({"judge": 3}, "judge 3: give a JudgeConnection or a table"),
        ({"judge_model": "self"}, "--judge-model: nothing is judged in arc"),
        ({"models": ["a", "b"], "model": None}, "measures one model, and there are a, b"),
    ],
)
def test_a_mistake_is_a_usage_error(options: dict[str, Any], told: str) -> None:
    given = {"model": "m", "base_url": "http://h/v1", "data": "builtin", **options}

    with pytest.raises(UsageError, match=told.replace("?", r"\?")):
        evaluate("arc", **given)


def test_runs_are_compared(stub: StubServer, tmp_path: Path) -> None:
    evaluate("arc", **asked(stub, tmp_path / "a", limit=30))
    stub.reply = lambda body: "Answer: A"
    evaluate("arc", **asked(stub, tmp_path / "b", limit=30))
    comparison = evaluator.compare(tmp_path / "a", tmp_path / "b", force=True)

    assert comparison.base.run == "a"
    with pytest.raises(EvaluatorError):
        evaluator.compare(tmp_path / "a", tmp_path / "absent")


def test_nothing_is_shown_unless_asked_for(
    stub: StubServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    evaluate("arc", **asked(stub, tmp_path / "a"))
    quiet = capfd.readouterr()
    evaluate("arc", **asked(stub, tmp_path / "b"), progress="plain")
    plain = capfd.readouterr()

    assert (quiet.out, quiet.err, plain.out) == ("", "", "")
    assert "arc 3/3" in plain.err


def test_importing_the_package_needs_nothing() -> None:
    code = (
        "import sys, evaluator; assert evaluator.__version__; "
        "print(*{name.partition('.')[0] for name in sys.modules} - set(sys.stdlib_module_names))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    there = {name for name in done.stdout.split() if not name.startswith("_")}

    assert not there & {"pydantic", "rich", "orjson", "numpy", "cyclopts", "aiohttp", "openai"}


def test_everything_named_is_there() -> None:
    assert all(getattr(evaluator, name) for name in evaluator.__all__)
    assert set(evaluator.__all__) <= set(dir(evaluator))
    with pytest.raises(AttributeError, match="no attribute 'evalute'"):
        _ = evaluator.evalute  # type: ignore[attr-defined]
