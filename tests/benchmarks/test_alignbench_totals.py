"""AlignBench's totals against hand-computed ones and the published leaderboard."""

import csv
import os
from pathlib import Path

import pytest

from evaluator.benchmarks.alignbench.totals import LANGUAGE, REASONING, group, summarize, totals
from evaluator.judging.dimensions import RATING
from evaluator.results.figures import Figure
from evaluator.results.names import Status
from evaluator.results.outcomes import OutcomeRecord

ENGLISH = {
    "math": "数学计算",
    "logic": "逻辑推理",
    "fundamental": "基本任务",
    "chinese": "中文理解",
    "open_qa": "综合问答",
    "writing": "文本写作",
    "roleplay": "角色扮演",
    "professional": "专业能力",
}
REAL = os.environ.get("EVALUATOR_DATA_DIR")  # read here, as tests run without it
PUBLISHED = {"reasoning": "中文推理", "language": "中文语言", "overall": "总分"}


def outcome(category: str, value: float | None, status: Status = "scored") -> OutcomeRecord:
    name = group(category, "其他")
    return OutcomeRecord(benchmark="alignbench", id="1", group=name, status=status, value=value)


def one_each(value: float) -> list[OutcomeRecord]:
    return [outcome(category, value) for category in (*REASONING, *LANGUAGE)]


def values(outcomes: list[OutcomeRecord]) -> dict[str, float | None]:
    return {name: of.value for name, of in summarize(outcomes).items()}


@pytest.mark.parametrize(
    ("means", "reasoning", "language", "overall"),
    [
        ((7.39, 6.83, 7.69, 7.07, 8.66, 8.23, 8.08, 8.55), 7.11, 8.0467, 7.5783),
        ((4.0, 2.0, 6, 6, 6, 6, 6, 6), 3.0, 6.0, 4.5),
        ((10, 10, 1, 2, 3, 4, 5, 6), 10.0, 3.5, 6.75),
    ],
)
def test_totals_of_category_means(
    means: tuple[float, ...], reasoning: float, language: float, overall: float
) -> None:
    ratings = {name: [mean] for name, mean in zip(ENGLISH.values(), means, strict=True)}
    made = totals(ratings, RATING)

    assert made["中文推理"].value == pytest.approx(reasoning, abs=5e-5)
    assert made["中文语言"].value == pytest.approx(language, abs=5e-5)
    assert made["总分"].value == pytest.approx(overall, abs=5e-5)


def test_categories_count_alike_however_many_samples_they_have() -> None:
    """数学计算 (9+9+9)/3 and 逻辑推理 3 give 6, not 7.5; the language side is 5."""
    outcomes = [outcome("数学计算", 9.0)] * 3 + [outcome("逻辑推理", 3.0)]
    outcomes += [outcome(category, 5.0) for category in LANGUAGE]

    assert values(outcomes)["中文推理"] == pytest.approx(6.0)
    assert values(outcomes)["总分"] == pytest.approx(5.5)


def test_an_unread_verdict_is_minus_one_officially_and_left_out_strictly() -> None:
    """数学计算 8 and -1: officially 3.5, so 中文推理 is (3.5 + 8) / 2 and 总分 (5.75 + 8) / 2."""
    read = values([*one_each(8.0), outcome("数学计算", None, "judge_unparsed")])

    assert read["中文推理"] == read["总分"] == pytest.approx(8.0)
    assert read["数学计算 (official)"] == pytest.approx(3.5)
    assert read["中文推理 (official)"] == pytest.approx(5.75)
    assert read["总分 (official)"] == pytest.approx(6.875)
    assert read["中文语言 (official)"] == pytest.approx(8.0)


def test_a_failed_sample_is_in_no_total() -> None:
    with_error = [*one_each(8.0), outcome("数学计算", None, "error")]

    assert summarize(with_error) == summarize(one_each(8.0))


def test_a_total_without_one_of_its_categories_has_no_value() -> None:
    some = summarize([each for each in one_each(8.0) if not each.group.startswith("逻辑推理")])

    assert some["中文推理"] == Figure(value=None, ci95=None, samples=1)
    assert some["总分"].value is None
    assert some["中文语言"].value == pytest.approx(8.0)


def test_a_category_without_a_readable_verdict_has_no_strict_total() -> None:
    outcomes = [each for each in one_each(8.0) if not each.group.startswith("数学计算")]
    read = values([*outcomes, outcome("数学计算", None, "judge_unparsed")])

    assert read["总分"] is None
    assert read["中文推理 (official)"] == pytest.approx(3.5)


def test_the_interval_is_that_of_the_weighted_means() -> None:
    """Standard error of 总分 by hand: 数学计算 weighs 1/4 and varies, all else is constant.

    Ten ratings of 4 and ten of 6: s = 1.026, so 1.96 / 4 * 1.026 / sqrt(20) = 0.112 each way.
    """
    outcomes = [each for each in one_each(5.0) if not each.group.startswith("数学计算")]
    outcomes = outcomes * 2 + [outcome("数学计算", 4.0), outcome("数学计算", 6.0)] * 10
    low, high = summarize(outcomes)["总分"].ci95

    assert (low + high) / 2 == pytest.approx(5.0, abs=0.03)
    assert (high - low) / 2 == pytest.approx(0.112, abs=0.02)


def leaderboard() -> list[dict[str, str]]:
    if not REAL:
        pytest.skip("EVALUATOR_DATA_DIR names no mirror of the real data")
    path = Path(REAL) / "THUDM" / "AlignBench" / "published_leaderboard_v1.0.csv"
    if not path.is_file():
        pytest.skip(f"no published leaderboard: {path}")
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_published_leaderboard_reproduces_from_its_category_means() -> None:
    """Its figures are rounded to 0.01, as are the categories' that we compute from."""
    rows = leaderboard()

    assert len(rows) == 34
    for row in rows:
        made = totals({name: [float(row[key])] for key, name in ENGLISH.items()}, RATING)
        for key, name in PUBLISHED.items():
            assert made[name].value == pytest.approx(float(row[key]), abs=0.0101), row["model"]
            assert made[name].value == pytest.approx(float(row[f"recomputed_{key}"]), abs=6e-4)
