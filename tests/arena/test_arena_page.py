"""The page of an arena: ratings, the matrix of wins, and hostile names."""

from dataclasses import replace
from pathlib import Path

import pytest

from evaluator.arena import charts
from evaluator.arena.page import arena_page
from evaluator.results.arena import ArenaReport
from evaluator.results.files import read
from tests.pages.drawn import rows

EARLIER = Path(__file__).parent / "earlier/arena.json"


@pytest.fixture
def report() -> ArenaReport:
    return read(EARLIER, ArenaReport)


def test_the_best_stand_first_with_their_intervals(report: ArenaReport) -> None:
    found = rows(charts.ratings(report))
    rated = [row for row in report.players if row.rating is not None]

    assert len(found) == len(rated)
    assert found[0]["name"] == "medium"
    assert all(row["low"] <= row["value"] <= row["high"] for row in found)


def test_the_matrix_has_a_square_for_each_pair_that_met(report: ArenaReport) -> None:
    found = {(row["row"], row["column"]): row["share"] for row in rows(charts.wins(report))}

    assert len(found) == sum(len(met) for met in report.matrix.values())
    for (one, other), share in found.items():
        assert share + found[other, one] == pytest.approx(1)


def test_hostile_names_are_text(report: ArenaReport) -> None:
    name = "</script><img src=x onerror=alert(1)>"
    first, *others = report.players
    matrix = {**report.matrix, name: report.matrix[first.name]}
    players = [replace(first, name=name), *others]
    page = arena_page(replace(report, judges=[name], players=players, matrix=matrix))

    assert "onerror=alert(1)>" not in page
    assert "onerror=alert(1)&gt;" in page
    assert page.count("<script") == page.count("</script>") == 3
    assert 'href="report.html"' in page


def test_an_arena_without_a_battle_is_a_page_too(report: ArenaReport) -> None:
    unrated = [
        replace(row, rating=None, ci95=None, rank=None, island=None, bound=None, battles=0)
        for row in report.players
    ]
    none = replace(report.battles, judged=0, ties=0, disagreements=0, planned=9, unreadable=9)
    empty = replace(report, players=unrated, matrix={row.name: {} for row in unrated}, battles=none)
    page = arena_page(empty)

    assert charts.ratings(empty) is None
    assert charts.wins(empty) is None
    for told in (
        "No battle was judged",
        "nobody is rated",
        "of 9 planned; 9 left out",
        "9 of 9 battles left out: no readable verdict, even on a second try; another judge",
        "no battle of 9 planned has a result",
    ):
        assert told in page
    for untold in ("highest rating", "Who won against whom", "0 ties", "Bradley-Terry"):
        assert untold not in page


def test_one_battle_is_said_of_one(report: ArenaReport) -> None:
    counts = replace(report.battles, judged=1, planned=1, ties=1, disagreements=1, unreadable=0)
    page = arena_page(replace(report, battles=counts))

    assert "<span>battle judged</span>" in page
    assert "1 battle over questions" in page
    assert "1 tie; the two orders disagreed in 1 battle<" in page


def test_long_names_that_begin_alike_differ_in_charts(report: ArenaReport) -> None:
    names = [f"an-organisation/a-model-of-70-billion-parameters-{n}" for n in range(3)]
    players = [replace(row, name=name) for row, name in zip(report.players, names, strict=False)]
    met = next(each for row in report.matrix.values() for each in row.values())
    matrix = {one: {other: met for other in names if other != one} for one in names}
    long = replace(report, players=players, matrix=matrix)
    shown = {row["name"] for row in rows(charts.ratings(long))}

    assert shown == {f"an-organisat…70-billion-parameters-{n}" for n in range(3)}
    assert {row["row"] for row in rows(charts.wins(long))} == {
        f"an-org…-parameters-{n}" for n in range(3)
    }


def test_a_first_place_that_is_shared_is_said_so(report: ArenaReport) -> None:
    first, second, *rest = sorted(report.players, key=lambda row: -(row.rating or 0.0))
    tied = replace(second, rank=first.rank, rating=first.rating, island=first.island)
    shared = replace(report, players=[first, tied, *rest])

    assert f"highest rating: {first.name}" in arena_page(report)
    assert f"first place, shared: {first.name} and 1 more" in arena_page(shared)
