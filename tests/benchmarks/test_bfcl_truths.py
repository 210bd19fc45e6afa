"""BFCL's rules on all real ground truths: what each accepts is right, and a damaged call is not."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from evaluator.agents.calls import Tool, ToolCall
from evaluator.agents.tool_rows import tools_of
from evaluator.benchmarks import BENCHMARKS
from evaluator.benchmarks.bfcl.rules import calls_match, chosen, first_accepted
from evaluator.data import Mirror, samples
from evaluator.types import Sample
from tests.benchmarks.damaged_calls import extra_argument, wrong_name

REAL = os.environ.get("EVALUATOR_DATA_DIR")  # read here, as tests run without it
pytestmark = pytest.mark.skipif(not REAL, reason="EVALUATOR_DATA_DIR names no data")
Calls = Sequence[ToolCall]


@pytest.fixture(scope="module")
def truths() -> list[Sample]:
    """The questions that expect calls."""
    rows = samples(BENCHMARKS["bfcl"], Mirror(Path(REAL or "")), 0)
    return [sample for sample in rows if "truth" in sample.fields]


def tools(sample: Sample) -> list[Tool]:
    return tools_of(sample.fields["functions"])


def with_call(calls: Calls, number: int, call: ToolCall) -> list[ToolCall]:
    return [*calls[:number], call, *calls[number + 1 :]]


def accepted(sample: Sample) -> Iterator[list[ToolCall]]:
    """The calls with each accepted value of each argument in turn, and without what may lack."""
    calls = first_accepted(tools(sample), sample.fields["truth"])
    schemas = {tool.name: tool.parameters for tool in tools(sample)}
    yield calls
    for number, (call, truth) in enumerate(zip(calls, sample.fields["truth"], strict=True)):
        schema = schemas[call.name]
        for name, values in truth[call.name].items():
            if name not in schema["properties"]:
                continue
            for value in values:
                if value != "":
                    given = {**call.arguments, name: chosen(value)}
                    yield with_call(calls, number, ToolCall(call.name, given))
                elif name not in schema.get("required", ()):
                    given = {key: each for key, each in call.arguments.items() if key != name}
                    yield with_call(calls, number, ToolCall(call.name, given))


def damaged(sample: Sample) -> Iterator[tuple[str, list[ToolCall]]]:
    """The calls with one damage to one of them, for each damage that it can have."""
    calls = first_accepted(tools(sample), sample.fields["truth"])
    schemas = {tool.name: tool.parameters for tool in tools(sample)}
    yield "a call missing", calls[1:]
    yield "a call too many", [*calls, calls[0]]
    for number, call in enumerate(calls):
        made = {"wrong name": wrong_name(call), "extra argument": extra_argument(call)}
        for name in schemas[call.name].get("required", ()):
            rest = {key: value for key, value in call.arguments.items() if key != name}
            made[f"missing {name}"] = ToolCall(call.name, rest)
        for name, value in call.arguments.items():
            other = "text" if isinstance(value, dict) else {"of another": "type"}
            made[f"type of {name}"] = ToolCall(call.name, {**call.arguments, name: other})
        for kind, each in made.items():
            yield kind, with_call(calls, number, each)


def test_every_accepted_value_of_every_ground_truth_is_right(truths: list[Sample]) -> None:
    made = [(each, calls) for each in truths for calls in accepted(each)]
    wrong = {
        sample.id
        for sample, calls in made
        if not calls_match(tools(sample), calls, sample.fields["truth"])
    }

    assert (len(truths), len(made)) == (2349, 15935)
    assert wrong == set()


def test_every_damaged_call_is_wrong(truths: list[Sample]) -> None:
    made = [(each, *kind) for each in truths for kind in damaged(each)]
    right = [
        (sample.id, kind)
        for sample, kind, calls in made
        if calls_match(tools(sample), calls, sample.fields["truth"])
    ]

    assert len(made) == 24495
    assert right == []
