"""UltraTool: its measures as tables, replies in its own form, one call a step, and the totals."""

import asyncio
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from evaluator.agents.reading.literals import Faults
from evaluator.agents.tool_solve import tool_solve
from evaluator.benchmarks import BENCHMARKS
from evaluator.benchmarks.ultratool.benchmark import summarize
from evaluator.benchmarks.ultratool.measures import (
    need_scores,
    parameter_scores,
    similarity,
    steps_in,
)
from evaluator.data import Source, samples
from evaluator.errors import DataError, MissingData
from evaluator.results.outcomes import OutcomeRecord
from evaluator.types import Asked, Response, Sample, Score
from tests.benchmarks.damaged_calls import builtin, mean_scores, replying, scored

ULTRATOOL = BENCHMARKS["ultratool"]
ROWS = {sample.id: sample for sample in builtin("ultratool")}
USAGE, NEEDS = ROWS["zh_tool_usage_0"], ROWS["zh_tool_usage_awareness_1"]
STEP = {"step": "1.1 查询", "param": {"place": "青岛", "day": "周六"}}


@pytest.mark.parametrize(
    ("given", "expected", "score"),
    [
        ("青岛", "青岛", 1),
        ("青岛市", "青岛", 2 / 3),
        ("北京", "青岛", 0),
        ("a\\_b", "a_b", 1),
        (2, "2", 1),
        (["x"], "['x']", 1),
        ("", "", 1),
        ("x", "", 0),
        (None, "x", 0),
        ("x" * 5_000_000, "x", 0),
    ],
)
def test_a_value_scores_by_its_edit_distance(given: Any, expected: str, score: float) -> None:
    assert similarity(given, expected) == pytest.approx(score, abs=1e-6)


@pytest.mark.parametrize(
    ("steps", "score"),
    [
        ([STEP], 1),
        ([{"step": "1.1 other words", "param": STEP["param"]}], 1),
        ([{"step": "1.2 查询", "param": STEP["param"]}], 0),
        ([{"step": "1.1", "param": {"place": "青岛"}}], 0.5),
        ([{"step": "1.1", "param": {"place": "青岛", "day": "周六", "made_up": "x"}}], 1),
        ([{"step": "1.1", "param": {"place": "周六", "day": "青岛"}}], 0),
        ([{"step": "1.1", "param": "place=青岛"}], 0),
        ([{"step": "1.1"}, STEP], 0),
        ([{"tool": "x"}, STEP], 1),
        ([], 0),
    ],
)
def test_a_step_is_found_by_its_number_and_scores_by_its_parameters(
    steps: list[dict[str, Any]], score: float
) -> None:
    assert parameter_scores(steps, [STEP]) == [pytest.approx(score)]


@pytest.mark.parametrize(("said", "score"), [("1", 1), (1, 1), ("0", 0), ("yes", 0), (None, 0)])
def test_the_need_of_a_tool_is_right_or_wrong(said: Any, score: float) -> None:
    assert need_scores([{"step": "1.1 x", "tool": said}], [{"step": "1.1 y", "tool": "1"}]) == [
        score
    ]


LIST = '[{"step": "1.1 x", "tool": "1"}]'


@pytest.mark.parametrize(
    ("text", "read", "in_form"),
    [
        (LIST, True, True),
        (f"```json\n{LIST}\n```", True, False),
        (f"输出：{LIST}", True, False),
        (LIST.replace('"', "'"), True, False),
        (LIST.replace('", "', '"， "').replace(": ", "："), True, False),
        (f"[{LIST}]", True, True),
        (f"We see [1] first. {LIST}", True, False),
        (f"<think>{LIST}</think>", False, True),
        ('{"step": "1.1 x"}', False, True),
        ('[{"step": "1.1 x", ', False, True),
        ("", False, True),
    ],
)
def test_the_list_is_read_however_it_is_wrapped(text: str, read: bool, in_form: bool) -> None:
    faults = Faults()
    steps = steps_in(text, faults)

    assert steps == ([{"step": "1.1 x", "tool": "1"}] if read else None)
    assert not faults.found if in_form else faults.found


def test_replies_of_the_ground_truth_are_all_right() -> None:
    means = mean_scores("ultratool", {id: sample.target for id, sample in ROWS.items()})

    assert (means["value"], means["all_steps"], means["in_format"]) == (1, 1, 1)


def edited(**changes: Any) -> str:
    """The right reply with changes to its first step; a change to None leaves the field out."""
    first, *more = orjson.loads(USAGE.target)
    made = {k: v for k, v in {**first, **changes}.items() if v is not None}
    return orjson.dumps([made, *more]).decode()


@pytest.mark.parametrize(
    ("kind", "reply", "value", "in_format"),
    [
        ("wrong name", edited(tool="other"), 1, 1),  # the plan names the tool
        ("missing argument", edited(param={"place": "青岛"}), 0.75, 1),
        ("extra argument", edited(param={"place": "青岛", "day": "周六", "x": "1"}), 1, 1),
        ("wrong value", edited(param={"place": "青岛", "day": "？？"}), 0.75, 1),
        ("other order", orjson.dumps(orjson.loads(USAGE.target)[::-1]).decode(), 1, 1),
        ("one too many", USAGE.target[:-1] + ', {"step": "9 x", "param": {}}]', 1, 1),
        ("no parameters", edited(param=None), 0.5, 1),
        ("prose only", "好的，我来帮您查询。", 0, 0),
        ("fenced", f"```json\n{USAGE.target}\n```", 1, 0),
        ("full-width", USAGE.target.replace(":", "：").replace("[", "［"), 1, 0),
    ],
)
def test_damage_costs_what_the_rules_say(
    kind: str, reply: str, value: float, in_format: float
) -> None:
    score = scored(ULTRATOOL, USAGE, reply)

    assert (score.value, score.dimensions["in_format"]) == (value, in_format), kind


def test_a_number_as_text_is_the_same_text() -> None:
    sample = ROWS["zh_tool_usage_1"]

    assert scored(ULTRATOOL, sample, sample.target.replace('"2"', "2")).value == 1


def by_step(
    protocol: Any, replies: dict[str, str], sample: Sample = USAGE
) -> tuple[Score, list[str]]:
    """The score of these replies to the steps, by a part of each step's text; what was asked."""
    asked: list[str] = []

    async def ask(messages: Asked, role: str = "model", **params: Any) -> Response:
        asked.append(str(messages))
        found = (text for step, text in replies.items() if f"现在执行这一步：{step}" in asked[-1])
        return Response("key", next(found, "我不知道。"))

    solve = tool_solve(ULTRATOOL)
    assert solve
    bound = solve.by(protocol)

    async def run() -> Score:
        return await bound(sample, ask)

    return asyncio.run(run()), asked


def react(tool: str, **arguments: str) -> str:
    return f"Thought: 好\nAction: {tool}\nAction Input: {orjson.dumps(arguments).decode()}"


def test_each_step_is_a_call_in_react() -> None:
    wind = react("wind_forecast", place="青岛", day="周六")
    news = react("club_message", group="风筝社", text="周六上午九点在五四广场集合")
    right, asked = by_step("react", {"1.1": wind, "2.1": news})
    wrong_tool, _ = by_step("react", {"1.1": wind, "2.1": news.replace("club_message", "other")})
    silent, _ = by_step("react", {})

    assert len(asked) == 2
    assert (right.value, right.dimensions["in_format"]) == (1, 1)
    assert (wrong_tool.value, wrong_tool.dimensions["in_format"]) == (0.5, 1)
    assert (silent.value, silent.answer, silent.dimensions["in_format"]) == (0, None, 0)


def test_whether_tools_are_needed_is_asked_in_one_form_whatever_the_protocol() -> None:
    _, asked = by_step("tools", {}, NEEDS)

    assert len(asked) == 1
    assert '写 "1"' in asked[0]


def test_the_prompts_hold_the_plan_and_the_tools() -> None:
    sent = list[Any]()

    async def run() -> None:
        await ULTRATOOL.solve(USAGE, replying("", (), sent))

    asyncio.run(run())
    prompt = sent[0][0]

    assert '{"step":"1.1 查询青岛周六的风力","tool":"wind_forecast","param":""}' in prompt
    assert '"name":"club_message"' in prompt
    assert prompt.startswith("请为计划中的步骤填写工具参数。")


class Mirrored(Source):
    """The rows of some configs."""

    label = "memory"

    def __init__(self, *configs: str) -> None:
        super().__init__()
        self.configs = configs

    def read(self, dataset: str, config: str, split: str) -> Iterator[tuple[str, Any]]:
        if config not in self.configs:
            raise MissingData(f"no {config}")
        fields = USAGE.fields if config.endswith("usage") else NEEDS.fields
        return iter([("here", dict(fields))])


def test_english_is_scored_where_it_is_there_and_chinese_must_be() -> None:
    chinese = "zh_tool_usage", "zh_tool_usage_awareness"
    found = list(samples(ULTRATOOL, Mirrored(*chinese, "en_tool_usage"), 0))

    assert [sample.id for sample in found] == [f"{each}_0" for each in (*chinese, "en_tool_usage")]
    with pytest.raises(DataError, match="no zh_tool_usage_awareness"):
        list(samples(ULTRATOOL, Mirrored("zh_tool_usage"), 0))


def test_the_totals_count_steps_as_the_paper_does() -> None:
    def outcome(group: str, value: float, steps: int) -> OutcomeRecord:
        dimensions = {"all_steps": float(value == 1), "steps": float(steps), "in_format": 1.0}
        return OutcomeRecord(
            benchmark="ultratool",
            id="1",
            group=group,
            status="scored",
            value=value,
            dimensions=dimensions,
        )

    needs = "zh_tool_usage_awareness"
    totals = summarize(
        [outcome("zh_tool_usage", 0.5, 1), outcome(needs, 1, 1), outcome(needs, 0.5, 4)]
    )

    assert {name: figure.value for name, figure in totals.items()} == {
        "zh usage, local": 0.5,
        "zh awareness, local": pytest.approx(0.6),
        "zh awareness, global": 0.5,
    }
