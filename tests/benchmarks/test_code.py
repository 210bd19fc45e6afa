"""HumanEval and MBPP: code is read in every shape, run where it is allowed, and not otherwise."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from evaluator.benchmarks import BENCHMARKS
from evaluator.data import Builtin, Mirror, Source, samples
from evaluator.errors import Unjudged
from evaluator.results.outcomes import outcomes_of
from evaluator.sandbox import Sandbox, code_solve
from evaluator.types import Asked, Response, Sample, Score
from tests.conftest import Cli
from tests.sandbox.programs import needs_sandbox
from tests.stub import StubServer

REAL = os.environ.get("EVALUATOR_DATA_DIR")  # read here, as tests run without it
real_data = pytest.mark.skipif(not REAL, reason="EVALUATOR_DATA_DIR names no data")
SHAPES = {  # of a right reply to HumanEval, from the function's head and its body
    "body": "{body}",
    "body without its first indentation": "{stripped}",
    "body in a fence": "```python\n{body}```",
    "body, then another function": "{body}\n\ndef other():\n    return 1\n",
    "function": "{head}{body}",
    "function in a fence": "Here it is:\n\n```python\n{head}{body}```\n\nIt works.",
    "function after thinking": "<think>def no(): pass</think>\n```python\n{head}{body}```",
    "function, then its use": "```python\n{head}{body}```\nUse:\n```python\nprint(1)\n```",
}


def loaded(name: str, source: Source | None = None, shots: int = 0) -> list[Sample]:
    return list(samples(BENCHMARKS[name], source or Builtin(), shots))


def scored(name: str, sample: Sample, reply: str) -> Score:
    async def ask(messages: Asked, role: str = "model", **params: Any) -> Response:
        return Response("key", reply)

    async def solve() -> Score:
        code = code_solve(BENCHMARKS[name])
        assert code
        return await code.within(Sandbox())(sample, ask)

    return asyncio.run(solve())


@needs_sandbox
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("sample", loaded("humaneval"), ids=lambda sample: sample.id)
def test_a_right_function_passes_in_every_shape(sample: Sample, shape: str) -> None:
    head, body = sample.fields["head"], sample.target
    reply = SHAPES[shape].format(head=head, body=body, stripped=body.strip())
    score = scored("humaneval", sample, reply)

    assert (score.value, score.note) == (1.0, "")


@needs_sandbox
@pytest.mark.parametrize(
    ("reply", "note"),
    [
        ("    return 7", "AssertionError"),
        ("    return words.nothing", "AttributeError"),
        ("```python\ndef other(x):\n    return x\n```", "AssertionError"),
        ("    return (", "SyntaxError"),
        ("    raise SystemExit(0)", "SystemExit"),
    ],
)
def test_a_wrong_function_fails_with_what_stopped_it(reply: str, note: str) -> None:
    score = scored("humaneval", loaded("humaneval")[0], reply)

    assert score.value == 0.0
    assert score.answer is not None
    assert note in score.note


@needs_sandbox
@pytest.mark.parametrize("sample", loaded("mbpp"), ids=lambda sample: sample.id)
def test_a_solution_of_mbpp_passes_its_tests(sample: Sample) -> None:
    right = scored("mbpp", sample, f"```python\n{sample.target}\n```")

    assert (right.value, right.note) == (1.0, "")
    assert scored("mbpp", sample, sample.target).value == 1.0
    assert scored("mbpp", sample, "def nothing():\n    pass").value == 0.0


def test_mbpp_shows_three_worked_examples_and_the_tests() -> None:
    sample = loaded("mbpp", shots=3)[0]

    assert sample.fields["examples"].count("The code:\n```python") == 3
    assert "backwards" in sample.fields["examples"]
    assert "assert vowels('Tree') == 2" in sample.fields["tests"]


def test_no_code_is_run_by_a_benchmark_that_is_bound_to_no_sandbox() -> None:
    async def ask(messages: Asked, role: str = "model", **params: Any) -> Response:
        return Response("key", "    return 1")

    async def solve() -> Score:
        return await BENCHMARKS["humaneval"].solve(loaded("humaneval")[0], ask)

    with pytest.raises(Unjudged, match="sandbox"):
        asyncio.run(solve())


@pytest.mark.parametrize("name", ["humaneval", "mbpp"])
def test_without_leave_nothing_is_asked(cli: Cli, stub: StubServer, name: str) -> None:
    ended = cli("run", name, "--model", "m", "--base-url", stub.base_url, "--data", "builtin")

    assert ended.returncode == 2
    assert f"error: {name}: runs the code that the model writes" in ended.stderr
    assert "--allow-code" in ended.stderr
    assert not stub.requests


def test_leave_to_run_code_where_there_is_none_is_told(cli: Cli) -> None:
    at = ("--model", "m", "--base-url", "http://127.0.0.1:9/v1", "--data", "builtin")
    ended = cli("run", "gsm8k", "--allow-code", *at)

    assert ended.returncode == 2
    assert "--allow-code: no code is run in gsm8k" in ended.stderr


def write(path: Path, found: list[Sample], replies: dict[str, str]) -> Path:
    lines = [{"id": each.id, "response": replies.get(each.id, each.target)} for each in found]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return path


@needs_sandbox
def test_recorded_replies_are_run_where_it_is_allowed(cli: Cli, tmp_path: Path) -> None:
    wrong = {"HumanEval/1": "    return 0", "HumanEval/2": "I would not know."}
    replies = write(tmp_path / "replies.jsonl", loaded("humaneval"), wrong)
    words = ("score", "humaneval", "--data", "builtin", "--responses", replies, "--out", "scores")
    ended = cli(*words, "--allow-code")

    assert ended.returncode == 0, ended.stderr
    values = {
        each.id: (each.status, each.value) for each in outcomes_of(tmp_path / "scores", "humaneval")
    }
    assert values == {
        "HumanEval/0": ("scored", 1.0),
        "HumanEval/1": ("scored", 0.0),
        "HumanEval/2": ("unparsed", 0.0),
        "HumanEval/3": ("scored", 1.0),
        "HumanEval/4": ("scored", 1.0),
    }
    assert cli(*words).returncode == 2


@needs_sandbox
@real_data
@pytest.mark.parametrize(("name", "size"), [("humaneval", 164), ("mbpp", 500)])
def test_every_canonical_solution_passes(cli: Cli, tmp_path: Path, name: str, size: int) -> None:
    replies = write(tmp_path / "replies.jsonl", loaded(name, Mirror(Path(REAL or ""))), {})
    given = ("--data-dir", REAL, "--responses", replies, "--out", "scores")
    ended = cli("score", name, "--allow-code", *given)

    assert ended.returncode == 0, ended.stderr
    outcomes = list(outcomes_of(tmp_path / "scores", name))
    assert [each.value for each in outcomes] == [1.0] * size


@needs_sandbox
def test_repeats_give_pass_at_k(cli: Cli, stub: StubServer, tmp_path: Path) -> None:
    at = ("--model", "stub", "--base-url", stub.base_url, "--data", "builtin", "--out", "out")
    ended = cli("run", "humaneval", "--allow-code", "--repeats", "4", "--no-smoke", *at)

    assert ended.returncode == 0, ended.stderr
    assert "pass@4" in ended.stdout
