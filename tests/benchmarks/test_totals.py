"""Figures that are no means over samples, on whatever scale they lie."""

from io import StringIO
from pathlib import Path
from typing import Any

import orjson
import pytest
from rich.console import Console

from evaluator.benchmarks.ifeval.benchmark import summarize
from evaluator.report.build import build
from evaluator.report.markdown import markdown
from evaluator.report.tables import ci, score
from evaluator.report.terminal import terminal
from evaluator.report.warnings import bounds
from evaluator.results.outcomes import OutcomeRecord
from evaluator.statistics.intervals import Running, bootstrap, figure, macro, ratio, wilson


def followed(strict: int, loose: int, asked: int, status: str = "scored") -> dict[str, Any]:
    return {
        "benchmark": "ifeval",
        "id": f"{strict}{loose}{asked}",
        "group": "main",
        "status": status,
        "value": float(strict == asked),
        "error": "",
        "target": ", ".join(["punctuation:no_comma"] * asked),
        "dimensions": {
            "prompt_loose": float(loose == asked),
            "instruction_strict": strict / asked,
            "instruction_loose": loose / asked,
        },
        "response_keys": [],
    }


IFEVAL = [followed(1, 1, 1), followed(0, 1, 3), followed(1, 2, 2), followed(0, 0, 2, "unparsed")]


def test_ifeval_pools_all_instructions() -> None:
    lines = [*IFEVAL, {**followed(3, 3, 3), "status": "error"}]
    totals = summarize([OutcomeRecord(**line) for line in lines])

    assert {name: (row.value, row.samples) for name, row in totals.items()} == {
        "prompt-level loose": (2 / 4, 4),
        "instruction-level strict": (2 / 8, 4),
        "instruction-level loose": (4 / 8, 4),
    }


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """One benchmark with totals of its own, one of ratings from 1 to 10."""
    about = {"samples": 4, "shots": 0, "params": {}, "data": "d", "categories": {}}
    ratings = [
        followed(1, 1, 1) | {"benchmark": "mt", "group": group, "value": value, "dimensions": {}}
        for group, value in (("math", 2.0), ("math", 4.0), ("writing", 8.0))
    ]
    failed = ratings[0] | {"status": "judge_unparsed"}
    run = {
        "run": "r",
        "model": "m",
        "judge": None,
        "started_at": "",
        "seconds": 1.0,
        "requests": 0,
        "replayed": 0,
        "faults": {},
        "benchmarks": {
            "ifeval": about | {"metric": "strict", "scale": [0.0, 1.0]},
            "mt": about | {"metric": "rating", "scale": [1.0, 10.0]},
        },
    }
    (tmp_path / "run.json").write_bytes(orjson.dumps(run))
    lines = b"\n".join(map(orjson.dumps, [*IFEVAL, *ratings, failed]))
    (tmp_path / "outcomes.jsonl").write_bytes(lines)
    (tmp_path / "responses.jsonl").write_bytes(b"")
    return tmp_path


def test_totals_and_the_macro_mean_are_in_the_report_with_their_intervals(run: Path) -> None:
    rows = build(run).benchmarks

    assert rows["ifeval"].totals["instruction-level loose"].value == 0.5
    assert rows["mt"].totals == {}
    assert (rows["mt"].value, rows["mt"].macro) == (pytest.approx(14 / 3), 5.5)
    low, high = rows["mt"].macro_ci95
    assert low < 5.5 < high


def test_ratings_are_shown_as_they_are_and_shares_in_per_cent(run: Path) -> None:
    console = Console(width=80, file=StringIO())
    console.print(terminal(build(run)))
    lines = [" ".join(line.split()) for line in console.file.getvalue().splitlines()]  # type: ignore[attr-defined]

    assert any(line.startswith("mt 4 4.67 ") for line in lines)
    assert any(line.startswith("mt / macro 3 5.50 ") for line in lines)
    assert any(line.startswith("ifeval / instruction-level strict 4 25.0% ") for line in lines)
    assert "ifeval / instruction-level loose | 4 | 50.0% |" in markdown(build(run))


def test_bounds_lie_on_the_scale(run: Path) -> None:
    low, high = bounds(build(run).benchmarks["mt"])

    assert (low, high) == (pytest.approx(15 / 4), pytest.approx(24 / 4))


def test_a_macro_mean_counts_groups_alike() -> None:
    assert macro([[1.0] * 90, [0.0] * 10]).value == 0.5
    assert figure([[1.0] * 90, [0.0] * 10]).value == pytest.approx(0.9)
    assert macro([[], [0.4, 0.6]]).value == 0.5
    assert macro([]).value is None


def test_a_macro_interval_is_two_standard_errors_each_way() -> None:
    groups = [[0.0, 1.0] * 50, [1.0] * 80 + [0.0] * 20]
    error = (0.25 / 99 + 0.16 / 99) ** 0.5 / 2

    low, high = macro(groups).ci95

    assert (low, high) == (
        pytest.approx(0.65 - 1.96 * error, abs=0.01),
        pytest.approx(0.65 + 1.96 * error, abs=0.01),
    )


def test_groups_of_one_are_no_ground_for_certainty() -> None:
    low, high = macro([[1.0], [0.0]] * 10).ci95

    assert high - low > 0.4


def test_all_right_is_not_certain_to_stay_so() -> None:
    assert macro([[1.0] * 10] * 2).ci95 == pytest.approx(wilson(20, 20))
    assert figure([[1.0] * 10] * 3, [1 / 12, 1 / 3, 1 / 7]).ci95[0] < 0.95
    assert ratio([2.0, 1.0], [2.0, 1.0]).ci95 == wilson(2, 2)


def test_a_single_value_that_is_no_share_has_no_interval() -> None:
    assert figure([[6.5]]).ci95 is None


def test_a_ratio_is_as_sure_as_its_samples_not_its_parts() -> None:
    whole, same = ratio([3.0, 0.0] * 50, [3.0] * 100), bootstrap([[1.0, 0.0] * 50])

    assert whole.value == 0.5
    assert whole.ci95 == pytest.approx(same, abs=0.01)


@pytest.mark.parametrize(
    ("value", "around", "scale", "shown"),
    [
        (0.5, (0.4, 0.6), (0.0, 1.0), ("50.0%", "40.0% - 60.0%")),
        (6.521, (6.0, 7.0), (1.0, 10.0), ("6.52", "6.00 - 7.00")),
        (None, None, (1.0, 10.0), ("-", "-")),
    ],
)
def test_figures_in_words(value: Any, around: Any, scale: Any, shown: tuple[str, str]) -> None:
    assert (score(value, scale), ci(around, scale)) == shown


def test_a_running_mean_of_ratings_stays_on_its_scale() -> None:
    running = Running((1.0, 10.0))
    for value in (9.0, 10.0, 10.0):
        running.add(value)

    assert running.mean == pytest.approx(29 / 3)
    assert running.ci95 == (pytest.approx(29 / 3 - 1.96 / 3, abs=0.01), 10.0)
