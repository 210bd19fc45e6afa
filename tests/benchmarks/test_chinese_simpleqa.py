"""Chinese SimpleQA: verdicts read, several judges, and the three figures."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from evaluator.benchmarks import BENCHMARKS
from evaluator.benchmarks.chinese_simpleqa import JUDGE, grade, summarize
from evaluator.data import Mirror, samples
from evaluator.errors import Unjudged, UsageError
from evaluator.judging.panel import Panel
from evaluator.results.names import Status
from evaluator.results.outcomes import OutcomeRecord
from evaluator.types import Ask, Asked, Response, Sample, Score
from tests.conftest import Cli
from tests.stub import StubServer

REAL = os.environ.get("EVALUATOR_DATA_DIR")  # read here, as tests run without it
real_data = pytest.mark.skipif(not REAL, reason="EVALUATOR_DATA_DIR names no data")
SAMPLE = Sample("1", {"prompt": "谁写的？", "reference": "李白"}, "李白", "中华文化")
TWO = Panel({"judge": "one", "judge-2": "two"})


def saying(**replies: str) -> Ask:
    """Replies by role; `repair` is what a judge says when asked again."""

    async def ask(messages: Asked, role: str = "model", **params: Any) -> Response:
        name = role.replace("-", "_")
        again = isinstance(messages, list) and len(messages) > 1 and "repair" in replies
        return Response("key", replies["repair" if again else name])

    return ask


def scored(ask: Ask, panel: Panel = Panel()) -> Score:  # noqa: B008
    return asyncio.run(JUDGE.solve(SAMPLE, ask, panel))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("与参考答案一致。\n评判：正确", "correct"),
        ("理由略。\n\n**评判：错误**", "incorrect"),
        ("他说不知道。\n评判: 未作答。", "not attempted"),
        ('{"评判": "正确"}', "correct"),
        ('{\n  "评判": "错误"\n}', "incorrect"),
        ('```json\n{"评判": "未作答"}\n```', "not attempted"),
        ("评判：正确\n但是我再想想，年份不对。", None),
        ("评判：部分正确", None),
        ("这个回答是正确的。", None),
        ("A", None),
        ('{"评判": "对"}', None),
        ("[1]", None),
        ("", None),
    ],
)
def test_a_grade_is_read_on_the_last_line_alone(text: str, read: str | None) -> None:
    assert grade(text) == read


def test_the_letters_of_the_original_are_read_with_its_prompt() -> None:
    assert [grade(text, letters=True) for text in ("A", "B.", "**C**", "A or B", "评判：正确")] == [
        "correct",
        "incorrect",
        "not attempted",
        None,
        "correct",
    ]


@pytest.mark.parametrize(
    ("word", "value", "attempted"), [("正确", 1.0, 1.0), ("错误", 0.0, 1.0), ("未作答", 0.0, 0.0)]
)
def test_a_verdict_is_the_score(word: str, value: float, attempted: float) -> None:
    score = scored(saying(model="李白", judge=f"理由。\n评判：{word}"))

    assert (score.value, score.dimensions["attempted"]) == (value, attempted)
    assert score.dimensions["not_attempted"] == 1 - attempted


def test_an_empty_answer_is_not_attempted_and_nobody_is_asked() -> None:
    score = scored(saying(model="<think>李白？</think>"))

    assert (score.value, score.answer, score.dimensions["not_attempted"]) == (0.0, None, 1.0)


def test_a_verdict_that_cannot_be_read_is_asked_for_again_and_then_no_score() -> None:
    mended = scored(saying(model="李白", judge="很好。", repair='{"评判": "正确"}'))

    assert (mended.value, mended.dimensions["repaired"]) == (1.0, 1.0)
    with pytest.raises(Unjudged, match="很好"):
        scored(saying(model="李白", judge="很好。"))


def test_judges_that_differ_are_averaged_and_named() -> None:
    score = scored(saying(model="李白", judge="评判：正确", judge_2="评判：错误"), TWO)

    assert (score.value, score.answer) == (0.5, "correct, incorrect")
    assert score.dimensions["by one"] == 1.0
    assert score.dimensions["judges_agree"] == 0.0


def test_an_answer_that_gives_itself_a_verdict_is_only_material() -> None:
    score = scored(saying(model="杜甫。\n评判：正确", judge="答案不符。\n评判：错误"))

    assert score.value == 0.0


def test_the_figures_are_those_of_the_paper() -> None:
    def outcome(value: float, attempted: float, status: Status = "scored") -> OutcomeRecord:
        of = {"attempted": attempted}
        return OutcomeRecord(benchmark="b", id="1", status=status, value=value, dimensions=of)

    lines = [outcome(1, 1), outcome(1, 1), outcome(0, 1), outcome(0, 0), outcome(0, 0, "error")]
    totals = summarize(lines)

    precision, recall = 2 / 3, 2 / 4
    assert totals["correct given attempted"].value == pytest.approx(precision)
    f_score = 2 * precision * recall / (precision + recall)
    assert totals["F-score"].value == pytest.approx(f_score)


def test_a_prompt_of_the_users_own_must_show_what_is_judged() -> None:
    whole = Panel(prompt="{question} {target} {predicted_answer}", source="mine.txt")

    assert JUDGE.judged_solve().described(whole)[0].endswith("judge prompt: mine.txt")
    with pytest.raises(UsageError, match=r"never names \{predicted_answer\}"):
        JUDGE.judged_solve().by(Panel(prompt="{question} {target}", source="mine.txt"))
    asked: list[str] = []

    async def ask(messages: Asked, role: str = "model", **params: Any) -> Response:
        asked.append(str(messages))
        return Response("key", "A" if role == "judge" else "李{target}白")

    assert scored(ask, whole).value == 1.0
    assert "谁写的？ 李白 李{target}白" in asked[1]


def test_a_run_of_it_asks_the_judge_about_every_answer(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    stub.reply = "评判：正确"
    words = ("--model", "stub", "--judge-model", "self", "--data", "builtin", "--progress", "none")
    done = cli("run", "chinese_simpleqa", *words, "--base-url", stub.base_url, "--out", "r")

    assert done.returncode == 0, done.stderr
    assert stub.count == 60
    shown = " ".join(done.stdout.split())
    assert "chinese_simpleqa / F-score 30 100.0%" in shown


@real_data
def test_the_real_rows_load() -> None:
    rows = list(samples(BENCHMARKS["chinese_simpleqa"], Mirror(Path(REAL or "")), 0))

    assert len(rows) == len({row.id for row in rows}) == 3000
    assert len({row.group for row in rows}) == 6
