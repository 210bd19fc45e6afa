"""compare.json as a file: read as types, also where an earlier version wrote it."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

import orjson
import pytest
from rich.console import Console

from evaluator.comparison.markdown import markdown
from evaluator.comparison.tables import further_figures
from evaluator.comparison.terminal import terminal
from evaluator.errors import DataError
from evaluator.results.benchmark_comparison import TotalComparison
from evaluator.results.comparison import Comparison
from evaluator.results.files import read, write

EARLIER = Path(__file__).parent / "earlier/compare.json"


def test_a_file_of_an_earlier_version_is_read_and_written_the_same(tmp_path: Path) -> None:
    write(tmp_path / "compare.json", read(EARLIER, Comparison))

    assert (tmp_path / "compare.json").read_bytes() == EARLIER.read_bytes()


def test_a_file_of_an_earlier_version_is_shown() -> None:
    comparison = read(EARLIER, Comparison)
    console = Console(width=80, file=StringIO())
    console.print(terminal(comparison))
    screen = console.file.getvalue()  # type: ignore[attr-defined]
    page = markdown(comparison)

    assert "tuned (tuned) compared with base" in screen
    assert "noise floor, base" in screen
    assert "gsm8k: not compared: only in the other" in screen
    assert max(map(len, screen.splitlines())) <= 80
    assert page.startswith("# Comparison with base")
    assert f"### Forgotten: {len(comparison.comparisons[0].forgotten)}" in page


def test_fields_that_came_later_have_defaults(tmp_path: Path) -> None:
    content = orjson.loads(EARLIER.read_bytes())
    for side in content["comparisons"]:
        for item in (*side["forgotten"], *side["learned"]):
            del item["question"]
        for benchmark in side["benchmarks"].values():
            del benchmark["totals_unknown"]
    (tmp_path / "compare.json").write_bytes(orjson.dumps(content))

    side = read(tmp_path / "compare.json", Comparison).comparisons[0]

    assert side.forgotten[0].question == ""
    assert not side.benchmarks["arc"].totals_unknown


def test_a_damaged_file_is_an_error_that_names_the_place(tmp_path: Path) -> None:
    content = orjson.loads(EARLIER.read_bytes())
    content["comparisons"][0]["rows"][0]["verdict"] = "unsure"
    (tmp_path / "compare.json").write_bytes(orjson.dumps(content))

    with pytest.raises(
        DataError, match=r"compare\.json: comparisons\.0\.rows\.0\.verdict: .*'unsure'"
    ):
        read(tmp_path / "compare.json", Comparison)


def test_a_total_that_one_run_lacks_is_a_dash() -> None:
    comparison = read(EARLIER, Comparison)
    model = comparison.comparisons[0]
    total = TotalComparison(base=8.0, other=None, scale=(1.0, 10.0))
    benchmark = replace(model.benchmarks["alignbench"], totals={"overall": total})

    cells = further_figures(replace(model, benchmarks={"alignbench": benchmark}))

    assert cells.rows[-1] == ["alignbench / overall", "8.00", "-", "-"]
