"""ACEBench: the official check and our own reading as tables, special requests, and the totals."""

import asyncio
from typing import Any

import orjson
import pytest

from evaluator.agents.calls import Tool, ToolCall
from evaluator.agents.tool_solve import tool_solve
from evaluator.benchmarks import BENCHMARKS, benchmark
from evaluator.benchmarks.acebench import content, official, special
from evaluator.benchmarks.acebench.benchmark import expected_calls
from evaluator.benchmarks.acebench.totals import AGENT, summarize
from evaluator.data import Source, samples
from evaluator.errors import DataError
from evaluator.results.outcomes import OutcomeRecord
from evaluator.types import Sample
from tests.benchmarks.damaged_calls import COSTS, builtin, damaged, mean_scores, replying, scored

ACEBENCH = BENCHMARKS["acebench"]
EVERY = {sample.id: sample for sample in builtin("acebench")}
ROWS = {id: sample for id, sample in EVERY.items() if sample.fields["category"] not in AGENT}
CALLING = {id: sample for id, sample in ROWS.items() if "expected" in sample.fields}
TEXT, NUMBER, FLAG = {"type": "string"}, {"type": "number"}, {"type": "boolean"}
OBJECT, TEXTS = {"type": "object"}, {"type": "array", "items": TEXT}
OBJECTS = {"type": "array", "items": OBJECT}
VALUES = [  # schema, truth, value, right officially, right to our own reading
    (TEXT, "Ward 3", "ward-3", True, True),
    (TEXT, "Ward 3", "Ward 3, by the lake", True, False),
    (TEXT, "Ward 3", "Ward 4", False, False),
    (TEXT, "李雷", "李雷。", True, True),
    (TEXT, "8:30", "８：３０", False, True),
    (TEXT, "2026-07-05", "2026/7/5", False, True),
    (TEXT, "2026-07-05", "2026年7月5日", False, True),
    (TEXT, "2026-07-05", "2026年7月6日", False, False),
    (TEXT, "1.5", "15", True, False),
    (TEXT, "3", "3.0", True, True),
    (TEXT, "3", 3, False, False),
    (NUMBER, 5, 5, True, True),
    (NUMBER, 5, 7, True, False),  # officially only the type counts
    (NUMBER, 5, 5.0, True, True),
    (NUMBER, 5.5, 5.5, True, True),
    (NUMBER, 5, "5", False, False),
    (NUMBER, "5", 5, True, True),  # the truth is mistyped
    (FLAG, True, True, True, True),
    (FLAG, True, False, True, False),
    (FLAG, True, "true", True, False),
    (FLAG, True, 1, True, False),
    (TEXTS, ["a b", "c"], ["A-b", "C"], True, True),
    (TEXTS, ["a", "b"], ["b", "a"], False, False),
    (TEXTS, ["a", "b"], ["a"], False, False),
    (TEXTS, ["a"], "a", False, False),
    (OBJECT, {"city": "Wyk", "n": 3}, {"n": 3, "city": "wyk"}, True, True),
    (OBJECT, {"city": "Wyk", "n": 3}, {"city": "Wyk auf Föhr", "n": 13}, True, False),
    (OBJECT, {"city": "Wyk"}, {"city": "Wyk", "n": 3}, False, False),
    (OBJECT, {"a": {"b": "x"}}, {"a": {"b": "y"}}, False, False),
    (OBJECT, {"a": {"b": True}}, {"a": {"b": "true"}}, True, False),
    (OBJECTS, [{"a": "x"}, {"a": "y"}], [{"a": "x"}, {"a": "y"}], True, True),
    (OBJECTS, [{"a": "x"}, {"a": "y"}], [{"a": "y"}, {"a": "x"}], False, False),
    (OBJECTS, [{"a": "x"}], [], False, False),
]


@pytest.mark.parametrize(("schema", "truth", "value", "officially", "ours"), VALUES)
def test_values_by_the_official_check_and_by_our_own(
    schema: dict[str, Any], truth: Any, value: Any, officially: bool, ours: bool
) -> None:
    assert official.value_matches(value, truth, schema) is officially
    assert content.same(value, truth, schema) is ours


WATER = Tool(
    "water",
    "",
    {"properties": {"zone": TEXT, "litres": NUMBER, "tools": TEXTS}, "required": ["zone"]},
)
RIGHT = {"zone": "north", "litres": 3}


@pytest.mark.parametrize(
    ("given", "officially", "ours"),
    [
        ([RIGHT], True, True),
        ([{"zone": "north"}], True, False),  # what the schema does not require may be missing
        ([{"litres": 3}], False, False),
        ([{**RIGHT, "tools": ["can"]}], False, False),
        ([{}], False, False),
        ([], False, False),
        ([RIGHT, RIGHT], False, False),
    ],
)
def test_arguments_by_the_official_check_and_by_our_own(
    given: list[dict[str, Any]], officially: bool, ours: bool
) -> None:
    calls, expected = [ToolCall("water", each) for each in given], [ToolCall("water", RIGHT)]

    assert official.calls_match([WATER], calls, expected) is officially
    assert content.calls_right([WATER], calls, expected) is ours


def test_parallel_calls_match_in_any_order() -> None:
    north, south = (ToolCall("water", {"zone": zone, "litres": 3}) for zone in ("north", "south"))
    pairs = [([south, north], True), ([north, north], False)]

    for calls, right in pairs:
        assert content.calls_right([WATER], calls, [north, south]) is right
        assert official.calls_match([WATER], calls, [north, south]) is right


def test_a_call_that_takes_nothing_and_one_equal_to_the_truth_are_right() -> None:
    stop, empty = Tool("stop", "", {}), ToolCall("water", {"zone": "north", "tools": []})

    assert official.calls_match([stop], [ToolCall("stop", {})], [ToolCall("stop", {})])
    assert not official.calls_match([stop], [ToolCall("stop", {"a": 1})], [ToolCall("stop", {})])
    assert official.calls_match([WATER], [empty], [empty])


def test_a_number_behind_a_name_counts_calls_unless_the_tool_has_it_itself() -> None:
    truth: dict[str, Any] = {"water_1": {}, "water_2": {}, "lamp_2": {}}

    assert [call.name for call in expected_calls(truth, {"water", "lamp_2"})] == [
        *("water", "water", "lamp_2")
    ]
    with pytest.raises(ValueError, match="calls 'lamp', which is none of the functions"):
        expected_calls(truth, {"water"})


MISSING, MOON = {"f": ["day", "place"]}, {"day": ["下个圆月"]}
LACKS, WRONG = "Missing necessary parameters", "There is incorrect value"
SPECIAL: list[tuple[str, Any, str, bool, bool]] = [  # right officially, right to our own reading
    (special.INCOMPLETE, MISSING, f"{LACKS} (day, place) for the api (f)", True, True),
    (special.INCOMPLETE, MISSING, f"{LACKS} (day) for the api (f)", False, False),
    (special.INCOMPLETE, MISSING, "请告诉我 day 和 place。", False, True),
    (special.WRONG_VALUE, MOON, f"{WRONG} (下个圆月) for the parameters (day)", True, True),
    (special.WRONG_VALUE, MOON, f"{WRONG} (date).", False, False),
    (special.WRONG_VALUE, MOON, "“下个圆月”不是日期，请再说一次。", False, True),
    (special.IRRELEVANT, "", "Due to the limitations of the function, I cannot.", True, True),
    (special.IRRELEVANT, "", "抱歉，现有的工具做不到。", False, True),
    (special.IRRELEVANT, "", "All done!", False, False),
]


@pytest.mark.parametrize(("category", "truth", "reply", "officially", "ours"), SPECIAL)
def test_what_is_said_of_a_request_that_cannot_be_met(
    category: str, truth: Any, reply: str, officially: bool, ours: bool
) -> None:
    assert special.officially_right(category, truth, reply) is officially
    assert special.rightly_said(category, truth, reply) is ours


@pytest.mark.parametrize("id", ["zh/special_incomplete_0", "en/special_irrelevant_0"])
def test_a_call_is_wrong_where_the_request_cannot_be_met(id: str) -> None:
    sample = ROWS[id]
    reply = f"{sample.target} [news_brief(topic='x')] cannot"
    score = scored(ACEBENCH, sample, reply)

    assert score.dimensions["content"] == 0


def test_replies_of_the_ground_truth_are_all_right() -> None:
    replies = {id: sample.target for id, sample in ROWS.items()}

    assert mean_scores("acebench", replies) == {"value": 1, "content": 1, "in_format": 1}


@pytest.mark.parametrize(("kind", "value", "content", "in_format"), COSTS)
def test_damage_costs_what_the_rules_say(
    kind: str, value: float, content: float, in_format: float
) -> None:
    replies = {
        id: reply
        for id, sample in CALLING.items()
        if (reply := damaged(kind, sample.fields["expected"][0]))
    }
    means = mean_scores("acebench", replies)

    assert replies
    assert (means["value"], means["content"], means["in_format"]) == (value, content, in_format)


def asked(sample: Sample, protocol: Any = "text", *calls: dict[str, Any]) -> tuple[Any, Any, float]:
    """What is asked in the protocol, its parameters, and the value of a reply of these calls."""
    solve, sent = tool_solve(ACEBENCH), list[Any]()
    assert solve

    async def run() -> float:
        return (await solve.by(protocol)(sample, replying("", calls, sent))).value

    value = asyncio.run(run())
    return *sent[0], value


def test_the_prompt_is_in_the_language_of_the_row_and_holds_what_it_has() -> None:
    (system, user), _, _ = asked(ROWS["zh/normal_preference_0"])
    english = asked(ROWS["en/special_incomplete_0"])[0][0]["content"]

    assert "人物画像：\n{'花园'" in system["content"]
    assert '"garden_water"' in system["content"]
    assert user["content"].startswith("截至第 t 步的对话：\nuser: 照我")
    assert "The current time is Monday" in english
    assert '["Missing necessary parameters (key1, key2, ...) for the api (ApiName)"]' in english
    assert "\n\n\n" not in system["content"] + english


def test_native_tools_are_asked_for_and_checked_by_the_same_rules() -> None:
    arguments = orjson.dumps({"zone": "south", "litres": 3}).decode()
    call = {"id": "1", "function": {"name": "garden_water", "arguments": arguments}}
    messages, params, value = asked(ROWS["zh/normal_atom_enum_0"], "tools", call)

    assert value == 1
    assert params["tools"][0]["function"]["name"] == "garden_water"
    assert "[ApiName(" not in messages[0]["content"]


def test_one_language_alone_has_the_ids_of_the_data_set() -> None:
    chinese, english = ({s.id for s in builtin(f"acebench:{code}")} for code in ("zh", "en"))

    assert chinese == english
    assert "normal_atom_bool_0" in chinese
    assert set(EVERY) == {f"{code}/{id}" for code in ("zh", "en") for id in chinese}
    assert benchmark("acebench:zh").size + benchmark("acebench:en").size == ACEBENCH.size


class OneRow(Source):
    """One row in the first category."""

    label = "memory"

    def read(self, dataset: str, config: str, split: str) -> Any:
        row = {
            "id": "normal_0",
            "question": "user: ?",
            "function": [{"name": "f", "description": ""}],
        }
        return iter([("here", row)] if config == "zh_normal_single_turn_single_function" else [])


def test_a_row_without_a_ground_truth_is_named() -> None:
    with pytest.raises(DataError, match="here: not a row of acebench: ValueError: normal_0 has no"):
        list(samples(ACEBENCH, OneRow(), 0))


def outcome(id: str, group: str, value: float) -> OutcomeRecord:
    return OutcomeRecord(benchmark="acebench", id=id, group=group, status="scored", value=value)


def test_a_dialogue_is_right_when_all_its_turns_are() -> None:
    adjust, atom = "zh normal_multi_turn_user_adjust", "zh normal_atom_bool"
    outcomes = [
        outcome("zh/normal_multi_turn_user_adjust_0_0", adjust, 1),
        outcome("zh/normal_multi_turn_user_adjust_0_1", adjust, 0),
        outcome("zh/normal_multi_turn_user_adjust_1_0", adjust, 1),
        outcome("zh/normal_atom_bool_0", atom, 1),
        outcome("zh/special_irrelevant_0", "zh special_irrelevant", 0.0),
    ]
    totals = {name: figure.value for name, figure in summarize(outcomes).items()}

    assert totals == {"zh normal": 0.75, "zh special": 0}
