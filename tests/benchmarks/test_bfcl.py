"""BFCL: the official rules as tables, the reading of calls, native tools, and the totals."""

import asyncio
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from evaluator.agents.calls import Tool, ToolCall
from evaluator.agents.python_calls import python_calls
from evaluator.agents.tool_rows import api_name, json_schema, tools_of
from evaluator.agents.tool_solve import tool_solve
from evaluator.benchmarks import BENCHMARKS
from evaluator.benchmarks.bfcl.rules import Truth, calls_match, first_accepted, value_matches
from evaluator.benchmarks.bfcl.totals import summarize
from evaluator.data import Source, samples
from evaluator.errors import DataError, MissingData
from evaluator.results.names import Status
from evaluator.results.outcomes import OutcomeRecord
from evaluator.types import Score
from tests.benchmarks.damaged_calls import COSTS, builtin, damaged, mean_scores, replying, scored

BFCL = BENCHMARKS["bfcl"]
CALLING = {s.id: s for s in builtin("bfcl") if "truth" in s.fields}
LISTS = {"type": "array", "items": {"type": "float"}}
BOOKS = {"type": "array", "items": {"type": "dict"}}
VALUES = [  # schema, accepted, right values, wrong values
    ({"type": "integer"}, [10], [10], [10.0, "10", True, None, 11]),
    ({"type": "float"}, [2.5, 3.0], [2.5, 3, 3.0], ["2.5", 2]),
    ({"type": "boolean"}, [True], [True], [1, "true", False]),
    (
        {"type": "string"},
        ["New York, NY", ""],
        ["New York, NY", "new york ny", "New-York/NY.", ""],
        ["New York", "New York! NY", 3],
    ),
    ({"type": "string"}, ["it's"], ["It's", 'it"s'], ["its"]),
    ({"type": "any"}, ["x"], ["X"], [1]),
    (LISTS, [[1.0, 2.5]], [[1.0, 2.5]], [[2.5, 1.0], [1, 2.5], (1.0, 2.5), [], "1, 2.5"]),
    ({"type": "tuple", "items": {"type": "integer"}}, [[1, 2]], [(1, 2), [1, 2]], [(2, 1)]),
    ({"type": "array", "items": {"type": "string"}}, [["A b"]], [["a-b"]], [["a", "b"], ["c"]]),
    (
        {"type": "dict"},
        [{"title": ["Dune"], "year": [1965, ""]}],
        [{"title": "dune"}, {"year": 1965, "title": "Dune"}],
        [{}, {"title": "Dune", "by": "x"}, {"title": "Dune", "year": 1966}, "Dune"],
    ),
    (BOOKS, [[{"n": [1]}, {"n": [2]}]], [[{"n": 1}, {"n": 2}]], [[{"n": 2}, {"n": 1}], [{"n": 1}]]),
    ({"type": "integer"}, ["n"], ["n"], ["N", 1]),  # a variable is compared as it is
]


@pytest.mark.parametrize(("schema", "accepted", "right", "wrong"), VALUES)
def test_a_value_is_compared_by_its_type(
    schema: dict[str, Any], accepted: list[Any], right: list[Any], wrong: list[Any]
) -> None:
    found = [value_matches(value, accepted, schema) for value in right + wrong]

    assert found == [True] * len(right) + [False] * len(wrong)


LAMP = Tool(
    "lamp.set",
    "",
    {
        "properties": {"room": {"type": "string"}, "percent": {"type": "integer"}},
        "required": ["room"],
    },
)
HALL, BATH = ({"lamp.set": {"room": [room], "percent": ["", 50]}} for room in ("hall", "bath"))


@pytest.mark.parametrize(
    ("calls", "truths", "right"),
    [
        ([{"room": "hall"}], [HALL], True),
        ([{"room": "hall", "percent": 50}], [HALL], True),
        ([{"room": "hall", "percent": 60}], [HALL], False),
        ([{"percent": 50}], [HALL], False),
        ([{"room": "hall", "colour": "red"}], [HALL], False),
        ([], [HALL], False),
        ([{"room": "bath"}, {"room": "hall"}], [HALL, BATH], True),
        ([{"room": "hall"}, {"room": "hall"}], [HALL, BATH], False),
        ([{"room": "hall"}, {"room": "bath"}], [HALL], False),
        ([{"room": "hall"}], [{"lamp.set": {"room": ["hall"], "percent": [50]}}], False),
    ],
)
def test_each_expected_call_is_made_once(
    calls: list[dict[str, Any]], truths: list[Any], right: bool
) -> None:
    made = [ToolCall("lamp.set", arguments) for arguments in calls]

    assert calls_match([LAMP], made, truths) is right
    assert not calls_match([LAMP], [ToolCall("lamp_set", each.arguments) for each in made], truths)


def test_a_right_call_is_made_of_few_arguments_and_first_values() -> None:
    tool = Tool("f", "", {"properties": {key: {} for key in "abcd"}, "required": ["a"]})
    truth: Truth = {
        "f": {"a": ["", 1], "b": [2, ""], "c": ["", 3], "d": [[{"x": ["y"]}]], "e": ["z"]}
    }

    assert first_accepted([tool], [truth]) == [ToolCall("f", {"a": 1, "b": 2, "d": [{"x": "y"}]})]


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("[f(a=1), g()]", [ToolCall("f", {"a": 1}), ToolCall("g", {})]),
        ("f(a=-1.5, b=[1, 'x'], c={'k': None}, d=(1, 2))", None),
        ("[a.b.c(x=True)]", [ToolCall("a.b.c", {"x": True})]),
        ("[f(x=true, y=2 * 3 - 1)]", [ToolCall("f", {"x": "true", "y": 5})]),
        ("[f(x=g(y=1), z=h(2))]", [ToolCall("f", {"x": {"g": {"y": 1}}, "z": "h(2)"})]),
        ("[]", []),
        ("[1]", "none"),
        ("I would call [f(a=1)].", "none"),
        ("[f(a=9 ** 9 ** 9)]", "none"),
        ("[f(**{'a': 1 / 0})]", "none"),
        ("[f(a=1 / 0)]", "none"),
        (f"[f(a={'9' * 4000} * {'9' * 4000})]", "none"),
        ("[f(a=(lambda: 1)())]", [ToolCall("f", {"a": "(lambda: 1)()"})]),
        ("[" * 5_000, "none"),
        ("[f(a=" + "-" * 50_000 + "1)]", "none"),
        ("[f(a=1)]" + " " * 200_000, "none"),
    ],
)
def test_calls_are_read_as_python_and_never_evaluated(text: str, calls: Any) -> None:
    if calls is None:
        arguments = {"a": -1.5, "b": [1, "x"], "c": {"k": None}, "d": (1, 2)}
        calls = [ToolCall("f", arguments)]

    assert python_calls(text) == (None if calls == "none" else calls)


def test_replies_of_the_ground_truth_are_all_right() -> None:
    replies = {sample.id: sample.target for sample in CALLING.values()}

    assert mean_scores("bfcl", replies) == {"value": 1, "content": 1, "in_format": 1, "refused": 0}


@pytest.mark.parametrize(("kind", "value", "content", "in_format"), COSTS)
def test_damage_costs_what_the_rules_say(
    kind: str, value: float, content: float, in_format: float
) -> None:
    calls = {
        s.id: first_accepted(tools_of(s.fields["functions"]), s.fields["truth"])
        for s in CALLING.values()
    }
    replies = {id: reply for id, each in calls.items() if (reply := damaged(kind, each))}
    means = mean_scores("bfcl", replies)

    assert replies
    assert (means["value"], means["content"], means["in_format"]) == (value, content, in_format)


@pytest.mark.parametrize(
    ("id", "reply", "value", "answer", "in_format"),
    [
        ("irrelevance_0", "None of them can tell.", 1, "no call", 1),
        ("irrelevance_0", "", 1, "no call", 1),
        ("irrelevance_0", "[]", 1, "no call", 1),
        ("irrelevance_0", "[lamp.set(room='hall', percent=1)]", 0, None, 1),
        ("irrelevance_0", "Sure: [lamp.set(room='hall', percent=1)]", 1, "no call", 0),
        ("live_relevance_0-0-0", "[notes.add(text='anything')]", 1, None, 1),
        ("live_relevance_0-0-0", "I cannot keep notes.", 0, None, 0),
        ("live_relevance_0-0-0", "[]", 0, "no call", 1),
    ],
)
def test_a_needless_call_is_wrong_and_a_missing_one_too(
    id: str, reply: str, value: float, answer: str | None, in_format: float
) -> None:
    sample = next(s for s in builtin("bfcl") if s.id == id)
    score = scored(BFCL, sample, reply)

    assert score.value == value
    assert score.answer == (answer or (reply if "(" in reply else None))
    assert score.dimensions["in_format"] == in_format


def test_names_and_types_are_those_that_apis_take() -> None:
    schema = {
        "type": "dict",
        "properties": {
            "at": {"type": "tuple", "items": {"type": "float"}},
            "type": {"type": "any", "enum": ["a"]},
        },
        "required": ["at"],
    }

    assert json_schema(schema) == {
        "type": "object",
        "properties": {
            "at": {"type": "array", "items": {"type": "number"}},
            "type": {"type": "string", "enum": ["a"]},
        },
        "required": ["at"],
    }
    assert api_name("math.hypot") == "math_hypot"


def test_native_tools_are_sent_under_names_of_the_api_and_read_back() -> None:
    sample = next(s for s in builtin("bfcl") if s.id == "parallel_0")
    solve = tool_solve(BFCL)
    assert solve
    sent: list[Any] = []

    def call(room: str, percent: int) -> dict[str, Any]:
        arguments = orjson.dumps({"room": room, "percent": percent}).decode()
        return {"id": room, "function": {"name": "lamp_set", "arguments": arguments}}

    def score(*calls: dict[str, Any], text: str = "") -> Score:
        async def run() -> Score:
            return await solve.by("tools")(sample, replying(text, calls, sent))

        return asyncio.run(run())

    assert score(call("kitchen", 30), call("hall", 10)).value == 1
    assert score(call("kitchen", 30)).value == 0
    as_words = score(text=sample.target)
    assert (as_words.value, as_words.dimensions["content"], as_words.answer) == (0, 1, None)
    messages, params = sent[0]
    assert messages == sample.fields["messages"]
    function = params["tools"][0]["function"]
    assert (function["name"], function["parameters"]["type"]) == ("lamp_set", "object")


def test_a_system_prompt_of_the_question_stands_behind_the_functions() -> None:
    sample = next(s for s in builtin("bfcl") if s.id == "live_simple_0-0-0")
    sent: list[Any] = []

    async def run() -> None:
        await BFCL.solve(sample, replying("", (), sent))

    asyncio.run(run())
    (system, user), _ = sent[0]
    assert system["content"].endswith("You look after a house by the sea.")
    assert '"track_parcel"' in system["content"]
    assert user == sample.fields["messages"][1]


QUESTION: dict[str, Any] = {
    "id": "simple_python_0",
    "question": [[{"role": "user", "content": "?"}]],
}
QUESTION["function"] = [{"name": "f", "description": "", "parameters": {"properties": {}}}]


class OneCategory(Source):
    """A question of one category, and its answer in a split of its own where there is one."""

    label = "memory"

    def __init__(self, row: dict[str, Any], answer: Any = None) -> None:
        super().__init__()
        self.row, self.answer = row, answer

    def read(self, dataset: str, config: str, split: str) -> Iterator[tuple[str, Any]]:
        if split == "answer" and self.answer is None:
            raise MissingData("no such split")
        given = {"id": self.row["id"], "ground_truth": self.answer}
        rows = [self.row if split == "test" else given] if config == "simple_python" else []
        return iter([("here", row) for row in rows])


def test_answers_are_read_from_a_split_of_their_own() -> None:
    (sample,) = samples(BFCL, OneCategory(QUESTION, [{"f": {}}]), 0)

    assert sample.target == "[f()]"


@pytest.mark.parametrize(
    ("truth", "complaint"),
    [(None, "simple_python_0 has no ground_truth"), ([{"g": {}}], "ground_truth calls 'g'")],
)
def test_a_row_that_cannot_be_scored_is_named(truth: Any, complaint: str) -> None:
    with pytest.raises(DataError, match=complaint):
        list(samples(BFCL, OneCategory(QUESTION, truth), 0))


def test_a_row_whose_truth_its_function_refuses_is_left_out() -> None:
    assert not list(samples(BFCL, OneCategory(QUESTION, [{"f": {"unknown": [1]}}]), 0))


def test_an_argument_without_accepted_values_is_empty_or_left_out() -> None:
    listed = {"type": "array", "items": {"type": "string"}}
    function = {"name": "f", "description": "", "parameters": {"properties": {"a": listed}}}
    row = QUESTION | {"function": [function], "ground_truth": [{"f": {"a": []}}]}
    (sample,) = samples(BFCL, OneCategory(row), 0)
    replies = "[f()]", "[f(a=[])]", "[f(a=['x'])]"

    assert [scored(BFCL, sample, reply).value for reply in replies] == [1, 1, 0]


def outcome(group: str, value: float, status: Status = "scored") -> OutcomeRecord:
    return OutcomeRecord(benchmark="bfcl", id="1", group=group, status=status, value=value)


def test_the_totals_are_those_of_the_leaderboard() -> None:
    outcomes = [
        *(outcome("simple_python", value) for value in (1, 1, 1, 0)),
        *(outcome("multiple", value) for value in (1, 0)),
        *(outcome("live_simple", value) for value in (1, 0, 0)),
        *(outcome("live_multiple", 1), outcome("irrelevance", 1), outcome("live_relevance", 0)),
        *(outcome("live_irrelevance", value) for value in (0, 0)),
    ]
    totals = {name: figure.value for name, figure in summarize(outcomes).items()}

    assert totals == pytest.approx(
        {"non-live": 0.625, "live": 0.5, "irrelevance": 0.5, "overall": 0.54166667}
    )


def test_there_is_no_overall_without_one_of_its_parts() -> None:
    totals = summarize([outcome("simple_python", 1), outcome("live_simple", 1)])

    assert "overall" not in totals
    assert totals["irrelevance"].value is None
