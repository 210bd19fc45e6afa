"""The page of a comparison: its charts, its words, and what hostile text can do in it."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evaluator.comparison import charts, compare, write
from evaluator.comparison.headline import headline
from evaluator.comparison.page import comparison_page, spread
from evaluator.comparison.word_diff import Piece, word_diff
from evaluator.results.benchmark_comparison import ItemChange
from evaluator.results.comparison import Comparison
from evaluator.results.files import read
from tests.pages.drawn import rows
from tests.pages.test_run_page import HOSTILE
from tests.written_runs import Said, write_run

EARLIER = Path(__file__).parent / "earlier/compare.json"
CATEGORIES = {"law": "humanities", "physics": "science"}


def said(value: float, n: int, start: int = 0, **changes: Any) -> list[Said]:
    groups = list(CATEGORIES)
    return [
        replace(Said(str(i), value, group=groups[i % 2]), **changes)
        for i in range(start, start + n)
    ]


@pytest.fixture
def comparison(tmp_path: Path) -> Comparison:
    """One model forgot most of what the base knows, the other learned all of it."""
    base = [*said(1.0, 60), *said(0.0, 60, 60, answer="C", text="我想答案是 C")]
    worse = [*said(0.0, 60, answer=None, status="unparsed", text=HOSTILE), *base[60:]]
    better = said(1.0, 120, text="我想答案是 B")
    runs = {"base": base, "<i>worse</i>": worse, "better": better}
    folders = [
        write_run(tmp_path / str(i), samples, categories=CATEGORIES)
        for i, samples in enumerate(runs.values())
    ]
    found = compare(folders[0], folders[1:])
    named = zip(found.comparisons, list(runs)[1:], strict=True)
    return replace(found, comparisons=[replace(of, model=name) for of, name in named])


def test_the_headline_names_who_gained_and_who_forgot(comparison: Comparison) -> None:
    worse, better = comparison.comparisons
    (forgot,), (gained,) = (list(headline(comparison, of)) for of in (worse, better))

    assert forgot.startswith("<i>worse</i>: forgot on exam, from 50.0 to 0.0, by -50.0 (95 %")
    assert gained.startswith("better: gained on exam, from 50.0 to 100.0, by +50.0 (95 %")
    assert gained.endswith("p <.001)")


def test_differences_have_intervals_and_verdicts(comparison: Comparison) -> None:
    worse, _ = comparison.comparisons
    (row,) = rows(charts.differences(worse))

    assert (row["name"], row["value"], row["verdict"]) == ("exam", -50.0, "forgot")
    assert row["low"] < -50 < row["high"]
    assert [each["series"] for each in rows(charts.all_differences(comparison))] == [
        "<i>worse</i>",
        "better",
    ]


def test_categories_are_sorted_by_what_was_gained(comparison: Comparison) -> None:
    _, better = comparison.comparisons
    uneven = replace(
        better,
        rows=[
            replace(row, difference=0.1 if row.name == "humanities" else 0.2) for row in better.rows
        ],
    )
    found = rows(charts.parts(uneven, "exam", "category"))

    assert [row["name"] for row in found] == ["science", "humanities"]


def test_outcomes_and_causes_are_stacked(comparison: Comparison) -> None:
    worse, _ = comparison.comparisons
    ends = rows(charts.outcomes(comparison, worse))
    (cause,) = rows(charts.causes(worse))

    assert {(row["name"], row["outcome"]): row["samples"] for row in ends} == {
        ("exam · 0", "right"): 60,
        ("exam · 0", "wrong"): 60,
        ("exam · 1", "wrong"): 60,
        ("exam · 1", "unparsed"): 60,
    }
    assert (cause["cause"], cause["points"]) == ("format", -50.0)


def test_a_radar_needs_three_axes_that_all_have(comparison: Comparison) -> None:
    assert charts.benchmark_radar(comparison) is None
    worse, better = comparison.comparisons
    names = ["arc", "exam", "gsm8k", "only in one"]
    more = [replace(worse.rows[0], benchmark=name, name=name) for name in names]
    sides = [replace(worse, rows=more), replace(better, rows=more[:3])]
    found = rows(charts.benchmark_radar(replace(comparison, comparisons=sides)))

    assert [row["axis"] for row in found if row["series"] == "better"] == names[:3]
    assert {row["series"] for row in found} == {"0 (base)", "<i>worse</i>", "better"}


def test_words_that_differ_are_marked_and_chinese_by_character() -> None:
    ours, theirs = word_diff("The answer is B, 我想是猫。", "The answer is C, 我想是狗。")

    assert [piece.text for piece in ours if piece.changed] == ["B", "猫"]
    assert [piece.text for piece in theirs if piece.changed] == ["C", "狗"]
    assert "".join(piece.text for piece in ours) == "The answer is B, 我想是猫。"


def test_replies_with_nothing_in_common_are_not_marked() -> None:
    assert word_diff("one two", "三四五六") == (
        [Piece("one two", False)],
        [Piece("三四五六", False)],
    )
    assert word_diff("", "two") == ([], [Piece("two", False)])


def test_the_samples_of_a_page_are_of_every_benchmark(comparison: Comparison) -> None:
    item: ItemChange = comparison.comparisons[0].forgotten[0]
    items = [replace(item, benchmark=name, id=str(i)) for name in "ab" for i in range(5)]

    assert [f"{each.benchmark}{each.id}" for each in spread(items, 5)] == [
        "a0",
        "a1",
        "a2",
        "b0",
        "b1",
    ]


def test_hostile_words_are_text_and_what_is_left_out_is_said(comparison: Comparison) -> None:
    page = comparison_page(comparison)

    assert "<i>worse</i>" not in page
    assert "&lt;i&gt;worse&lt;/i&gt;" in page
    assert "<script>alert" not in page
    assert "onerror=alert(2)&gt;" in page
    assert "\x1b" not in page
    assert page.count("<script") == page.count("</script>") == 3
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy.count("sha256-") == 2
    assert re.search(r"Forgotten samples: 60</summary>", page)
    assert len(page) < 3_000_000


def test_more_samples_than_a_page_holds_are_counted(
    comparison: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evaluator.comparison.page.MOST_ITEMS", 40)

    page = comparison_page(comparison)

    assert "Forgotten samples: 60; 10 of them here, of every benchmark alike" in page


def test_the_page_of_an_earlier_file_stands_beside_it(tmp_path: Path) -> None:
    write(read(EARLIER, Comparison), tmp_path)

    assert "Compared with base" in (tmp_path / "compare.html").read_text(encoding="utf-8")
