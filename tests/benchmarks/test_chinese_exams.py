"""AGIEval and GAOKAO-Bench: one or several right options, blanks to fill, points of an exam."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evaluator.benchmarks import BENCHMARKS
from evaluator.benchmarks.gaokao import credit, summarize
from evaluator.data import Builtin, Mirror, Source, samples
from evaluator.errors import DataError
from evaluator.results.names import Status
from evaluator.results.outcomes import OutcomeRecord
from evaluator.tasks.question import Question
from evaluator.types import Ask, Asked, Response, Sample, Score

REAL = os.environ.get("EVALUATOR_DATA_DIR")  # read here, as tests run without it
real_data = pytest.mark.skipif(not REAL, reason="EVALUATOR_DATA_DIR names no data")
LETTERED = ["(A)甲", "(B)乙", "(C)丙", "(D)丁"]
AGIEVAL = {
    "passage": None,
    "question": "哪些正确?",
    "options": LETTERED,
    "answer": None,
    "other": None,
}
GAOKAO = {"year": "2020", "category": "", "analysis": "", "index": 3}


class OneConfig(Source):
    """Rows of a single config."""

    label = "memory"

    def __init__(self, config: str, *rows: Any) -> None:
        super().__init__()
        self.config, self.all = config, rows

    def read(self, dataset: str, config: str, split: str) -> Iterator[tuple[str, Any]]:
        yield from (("here", row) for row in self.all if config == self.config)


def sample_of(name: str, config: str, row: dict[str, Any]) -> Sample:
    return next(samples(BENCHMARKS[name], OneConfig(config, row), 0))


def replying(text: str) -> Ask:
    async def ask(messages: Asked, role: str = "model", **params: Any) -> Response:
        return Response("key", text)

    return ask


def scored(name: str, sample: Sample, reply: str) -> Score:
    async def solve() -> Score:
        return await BENCHMARKS[name].solve(sample, replying(reply))

    return asyncio.run(solve())


CASES = [  # task, row, target, right replies, wrong replies
    ("gaokao-history", {"label": "B"}, "B", ["答案：B", "所以选乙。"], ["答案：A", "我不知道"]),
    ("logiqa-en", {"label": "C"}, "C", ["Answer: C"], ["Answer: B"]),
    (
        "jec-qa-ca",
        {"label": ["A", "C"]},
        "AC",
        ["答案：AC", "答案：A、C", "A、C正确，B、D错误。"],
        ["答案：A", "答案：ACD", "答案是A或C。"],
    ),
    ("jec-qa-kd", {"label": ["B"]}, "B", ["答案：B", "本题选B。"], ["答案：BC"]),
    ("jec-qa-ca", {"label": ["A", "D", "。"]}, "AD", ["答案：DA"], ["答案：D"]),
    ("gaokao-physics", {"label": "D"}, "D", ["故选D。"], ["故选AD。"]),
    ("gaokao-mathqa", {"label": "A B D"}, "ABD", ["答案：ABD"], ["答案：A"]),
    (
        "gaokao-mathcloze",
        {"label": None, "options": None, "answer": r"$\frac{1}{2}$"},
        r"\frac{1}{2}",
        [r"\boxed{0.5}", "答案是 $1/2$。"],
        [r"\boxed{2}"],
    ),
    (
        "gaokao-mathcloze",
        {"label": None, "options": None, "answer": "$5$;$10$"},
        "5, 10",
        [r"\boxed{5, 10}", r"\boxed{5；10}", r"\boxed{5},\boxed{10}"],
        [r"\boxed{5}", r"\boxed{5, 11}"],
    ),
    (
        "gaokao-mathcloze",
        {"label": None, "options": None, "answer": r"$\textcircled{1}\textcircled{3}$"},
        "①③",
        [r"\boxed{①③}"],
        [r"\boxed{①②}"],
    ),
]


@pytest.mark.parametrize(("task", "row", "target", "right", "wrong"), CASES)
def test_a_task_of_agieval_is_graded_by_its_kind(
    task: str, row: dict[str, Any], target: str, right: list[str], wrong: list[str]
) -> None:
    sample = sample_of("agieval", task, AGIEVAL | row)
    values = [scored("agieval", sample, reply).value for reply in right + wrong]

    assert sample.target == target
    assert values == [1.0] * len(right) + [0.0] * len(wrong)


@pytest.mark.parametrize(
    ("options", "read"),
    [
        (["(A)甲", "(B)乙", "(C)丙"], ["甲", "乙", "丙"]),
        (["  A．甲", "B. 乙 ", " C、丙"], ["甲", "乙", "丙"]),
        (["A 甲", "B 乙", "C 丙"], ["甲", "乙", "丙"]),
        (["A few names", "(B)all names", "(C)no name"], ["A few names", "all names", "no name"]),
        (["(A)甲", "C．乙", "(C)丙"], ["甲", "乙", "丙"]),
        (["A. D. Smith", "B. A. Jones"], ["D. Smith", "A. Jones"]),
    ],
)
def test_options_of_agieval_lose_their_own_letters_alone(
    options: list[str], read: list[str]
) -> None:
    sample = sample_of("agieval", "logiqa-zh", AGIEVAL | {"options": options, "label": "B"})

    assert sample.fields["options"] == read


def test_a_question_of_agieval_without_an_answer_is_left_out() -> None:
    rows = OneConfig("jec-qa-kd", AGIEVAL | {"label": []}, AGIEVAL | {"label": ["A"]})

    assert [s.id for s in samples(BENCHMARKS["agieval"], rows, 0)] == ["jec-qa-kd/1"]


def test_what_agieval_asks_for_is_told_in_the_language_of_the_task() -> None:
    loaded = {s.group: s for s in samples(BENCHMARKS["agieval"], Builtin(), 0)}
    asked = {group: str(Question("agieval", s.fields)) for group, s in loaded.items()}

    assert "所有正确选项的字母" in asked["jec-qa-kd"]
    assert "只有一个选项正确" in asked["gaokao-history"]
    assert r"\boxed{}" in asked["gaokao-mathcloze"]
    assert asked["gaokao-mathcloze"].count("\n\n") == 1
    assert "Answer: <letter>" in asked["logiqa-en"]
    assert asked["logiqa-zh"].startswith("材料：\n")
    assert Question("agieval", loaded["logiqa-en"].fields).plain().endswith("\nAnswer:")
    assert Question("agieval", loaded["gaokao-mathcloze"].fields).plain().endswith("\n答案：")


PHYSICS = "2010-2022_Physics_MCQs"
TEXT = "1．（6分）下列说法正确的是（　　）\nA．甲对\nB．乙对  C．丙对\nD．丁对\n"


@pytest.mark.parametrize(
    ("reply", "value", "earned"),
    [
        ("答案：AC", 1.0, 1.0),
        ("答案：A", 0.0, 0.5),
        ("答案：AB", 0.0, 0.0),
        ("答案：ABC", 0.0, 0.0),
        ("我不会。", 0.0, 0.0),
    ],
)
def test_some_of_the_right_letters_earn_half_of_the_points(
    reply: str, value: float, earned: float
) -> None:
    row = GAOKAO | {"question": TEXT, "answer": ["AC"], "score": 6}
    score = scored("gaokao", sample_of("gaokao", PHYSICS, row), reply)

    assert (score.value, score.dimensions["credit"]) == (value, earned)


def test_credit_of_an_answer_of_one_letter_is_all_or_nothing() -> None:
    assert [credit(answer, "B") for answer in ("B", "A", "AB", "")] == [1.0, 0.0, 0.0, 0.0]


def test_options_within_the_text_of_a_question_are_told_apart() -> None:
    row = GAOKAO | {"question": TEXT, "answer": ["C"], "score": 4}
    sample = sample_of("gaokao", "2010-2022_History_MCQs", row)

    assert sample.fields["stem"] == "1．（6分）下列说法正确的是（　　）"
    assert sample.fields["options"] == ["甲对", "乙对", "丙对", "丁对"]
    assert scored("gaokao", sample, "应该是丙对。").value == 1.0


def test_a_row_with_several_questions_is_as_many_samples() -> None:
    row = GAOKAO | {"question": "1．…A．甲…\n2．…A．乙…", "answer": ["C", "A"], "score": 4}
    rows = OneConfig("2010-2022_Geography_MCQs", row)
    first, second = samples(BENCHMARKS["gaokao"], rows, 0)

    assert [(s.id, s.target) for s in (first, second)] == [
        ("Geography/3.1", "C"),
        ("Geography/3.2", "A"),
    ]
    assert "共有 2 道小题，请只回答按先后顺序的第 2 道小题" in str(
        Question("gaokao", second.fields)
    )
    assert Question("gaokao", second.fields).plain().endswith("第 2 道小题的答案：")


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ({"answer": ["E"], "score": 6}, "answer 'E' is none of the letters"),
        ({"answer": [""], "score": 6}, "answer '' is none of the letters"),
        ({"answer": ["A"], "score": 5}, "a question of 6 points has 5"),
        ({"score": 6}, "no field 'answer'"),
    ],
)
def test_a_row_of_gaokao_that_cannot_be_used_is_named(row: dict[str, Any], complaint: str) -> None:
    with pytest.raises(DataError, match=complaint):
        sample_of("gaokao", PHYSICS, GAOKAO | {"question": TEXT} | row)


def test_points_count_as_in_the_examination() -> None:
    def outcome(group: str, earned: float | None, status: Status = "scored") -> OutcomeRecord:
        dimensions = {} if earned is None else {"credit": earned}
        return OutcomeRecord(
            benchmark="gaokao",
            id="1",
            group=group,
            status=status,
            value=earned,
            dimensions=dimensions,
        )

    right, half, wrong = outcome("Physics", 1.0), outcome("Physics", 0.5), outcome("English", 0.0)
    never = outcome("Math_I", None, "error")
    (total,) = summarize([right, half, wrong, never]).values()

    assert total.value == pytest.approx((6 + 3 + 0) / (6 + 6 + 1))
    assert total.samples == 3


@real_data
def test_the_reference_answers_of_agieval_in_the_format_asked_for_are_right() -> None:
    rows = list(samples(BENCHMARKS["agieval"], Mirror(Path(REAL or "")), 0))

    for sample in rows:
        cloze = sample.fields["kind"] == "cloze"
        reply = rf"\boxed{{{sample.target}}}" if cloze else f"好的。\n\n答案：{sample.target}"
        assert scored("agieval", sample, reply).dimensions["strict"] == 1.0


@real_data
@pytest.mark.parametrize("way", ["、", "，", " ", "和"])
def test_right_letters_are_read_however_they_are_joined(way: str) -> None:
    rows = samples(BENCHMARKS["agieval"], Mirror(Path(REAL or "")), 0)
    several = [sample for sample in rows if sample.fields["kind"] == "several"]

    for sample in several:
        reply = f"分析如下。\n\n故本题选{way.join(sample.target)}。"
        assert scored("agieval", sample, reply).value == 1.0
