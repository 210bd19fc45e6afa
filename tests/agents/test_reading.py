"""Calls in replies: read tolerantly, every fault of form told, nothing ever evaluated."""

import time
from typing import Any

import pytest

from evaluator.agents.protocols import PROTOCOLS
from evaluator.results.names import ProtocolName
from evaluator.types import Response

THOUGHT = "Thought: x\n"
CASES: list[tuple[ProtocolName, str, list[str], list[str]]] = [  # asked, reply, calls, faults
    ("text", "[f(city='北京', days=2), g.h()]", ['f(city="北京", days=2)', "g.h()"], []),
    ("text", "[f(a=[1, -2.5, {'x': None}], b=True)]", ['f(a=[1,-2.5,{"x":null}], b=true)'], []),
    ("text", "[get-it(a=1)]", ["get-it(a=1)"], []),
    ("text", "［f（city＝“北京，天气”）］", ['f(city="北京，天气")'], ["full-width punctuation"]),
    ("text", "f(a=1)", ["f(a=1)"], ["calls outside of a list"]),
    ("text", "[f(a=true)]", ["f(a=true)"], ["true, false or null in a Python call"]),
    ("text", "[f(a=1,)]", ["f(a=1)"], ["a comma at the end"]),
    ("text", "[f(1)]", ["f()"], ["arguments without names"]),
    ("text", "[f(a=Paris)]", ['f(a="Paris")'], ["a value without quotes"]),
    ("text", "[f(a=__import__('os').getcwd())]", None, ["no plain value"]),  # type: ignore[list-item]
    ("text", "Let me see.\n[f(a=1)]", ["f(a=1)"], ["words beside the calls"]),
    ("text", "```python\n[f(a=1)]\n```", ["f(a=1)"], ["a code fence"]),
    ("text", "<tool_call>[f(a=1)]</tool_call>", ["f(a=1)"], ["tags around the calls"]),
    ("text", "[f(a='b'", [], ["cannot be read"]),
    ("text", "Which city (e.g. Rome) do you mean [1]?", [], []),
    ("json", '[{"name": "f", "arguments": {"a": 1}}]', ["f(a=1)"], []),
    ("json", '{"name": "f", "arguments": {"a": 1}}', ["f(a=1)"], []),
    ("json", '```json\n[{"name": "f", "arguments": {}}]\n```', ["f()"], ["a code fence"]),
    ("json", '[{"name": "f", "arguments": {"a": 1,}}]', ["f(a=1)"], ["a comma at the end"]),
    ("json", "[{'name': 'f', 'arguments': {'a': None}}]", ["f(a=null)"], ["not JSON"]),
    ("json", '{"name": "f", "parameters": {"a": 1}}', ["f(a=1)"], ["other keys"]),
    ("json", '{"name":"f","arguments":"{\\"a\\":1}"}', ["f(a=1)"], ["arguments as a text"]),
    ("json", "{“name”：“f”，“arguments”：{“a”：１}}", ["f(a=1)"], ["full-width punctuation"]),
    ("json", '[{"name": "f", "arguments": {"a"', [], ["cannot be read"]),
    ("json", '{"weather": "sunny"}', [], []),
    ("json", '{"name": "f", "parameters": {"type": "object", "properties": {}}}', [], []),
    ("text", "import requests\nresponse.json()", [], []),
    ("text", "f(a=1)\ng()", ["f(a=1)", "g()"], ["calls outside of a list"]),
    ("react", f'{THOUGHT}Action: f\nAction Input: {{"a": 1}}', ["f(a=1)"], []),
    ("react", '思考：x\n行动：f\n行动输入：{"a": 1}', ["f(a=1)"], []),
    ("react", '**Action**: `f`\n**Action Input**: {"a": 1}', ["f(a=1)"], []),
    ("react", 'Action: f\nAction Input:\n```json\n{"a": 1}\n```', ["f(a=1)"], ["a code fence"]),
    (
        "react",
        "Action: f\nAction Input: {}\nObservation: 7\nFinal Answer: 7",
        ["f()"],
        ["an observation of its own"],
    ),
    ("react", "Action: f\nAction Input: Rome", ["f()"], ["arguments that are no object"]),
    ("react", "Action: f", ["f()"], ["an action without its input"]),
    ("react", "It is sunny.", [], ["neither an action nor a final answer"]),
    ("react", "Thought: x\nFinal Answer: sunny", [], []),
    ("react", "[f(a=1)]", ["f(a=1)"], ["in the form text"]),
    ("tools", "[f(a=1)]", ["f(a=1)"], ["in the form text"]),
    (
        "tools",
        '<tool_call>{"name": "f", "arguments": {}}</tool_call>',
        ["f()"],
        ["tags around the calls", "in the form json"],
    ),
    ("tools", "<think>[f(a=1)]</think>Hello.", [], []),
]


@pytest.mark.parametrize(("asked", "reply", "calls", "faults"), CASES)
def test_calls_and_faults_of_a_reply(
    asked: ProtocolName, reply: str, calls: list[str] | None, faults: list[str]
) -> None:
    reading = PROTOCOLS[asked].read(Response("", reply))

    assert calls is None or [*map(str, reading.calls)] == calls
    assert list(reading.faults) == faults


ODD_CALLS: list[tuple[Any, list[str], list[str]]] = [  # function, calls, faults
    ({"name": "f", "arguments": '{"a": 1}'}, ["f(a=1)"], []),
    ({"name": "f", "arguments": {"a": 1}}, ["f(a=1)"], []),
    ({"name": "f", "arguments": ""}, ["f()"], []),
    ({"name": "f", "arguments": None}, ["f()"], []),
    ({"name": "f", "arguments": '{"a": '}, ["f()"], ["not JSON", "cannot be read"]),
    ({"name": "f", "arguments": "[1]"}, ["f()"], ["arguments that are no object"]),
    (
        {"name": "f", "arguments": '{"a": "' + "y" * 1_000_000 + '"}'},
        ["f()"],
        ["too long to be read"],
    ),
    ({"name": "f", "arguments": '{"a": "\\ud800"}'}, ['f(a="?")'], []),
    ({"name": None}, [], ["cannot be read"]),
    (None, [], ["cannot be read"]),
]


@pytest.mark.parametrize(("function", "calls", "faults"), ODD_CALLS)
def test_calls_of_the_api_in_any_shape(function: Any, calls: list[str], faults: list[str]) -> None:
    reading = PROTOCOLS["tools"].read(Response("", "", tool_calls=[{"function": function}]))

    assert ([*map(str, reading.calls)], list(reading.faults)) == (calls, faults)


def test_words_beside_the_calls_are_kept() -> None:
    reading = PROTOCOLS["json"].read(Response("", 'Wait. {"name": "f", "arguments": {}} Done.'))

    assert reading.text == "Wait. Done."


HOSTILE = [
    "[" * 100_000,
    "“" * 100_000,
    "[a(" * 30_000,
    "[a(x=" + "-" * 19_000 + "1)]",
    "[a(x=" + "(" * 9_000 + ")" * 9_000 + ")]",
    "[a(x=" + "1+" * 9_000 + "1)]",
    "[a(x=" + "a." * 9_000 + "b)]",
    "Action: " * 20_000,
    '{"name": "a", "arguments": ' + '{"a":' * 5_000 + "}" * 5_001,
    "[a(x='" + "\\" * 30_001,
    "[a(x=" + "9" * 10_000 + ")]",
]


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_a_model_writes_takes_long_or_raises(
    protocol: ProtocolName, text: str
) -> None:
    began = time.process_time()
    PROTOCOLS[protocol].read(
        Response("", text, tool_calls=[{"function": {"name": "a", "arguments": text}}])
    )
    PROTOCOLS[protocol].read(Response("", text))

    assert time.process_time() - began < 30  # seconds: a slow machine's, and no hang
