"""Runs of an earlier version are read, shown and written as they are."""

from pathlib import Path

import orjson
import pytest

from evaluator.errors import DataError
from evaluator.perf.load.workload import with_fingerprint
from evaluator.perf.report.conclusions import concluded
from evaluator.perf.report.render import markdown, rewrite, write_csv
from evaluator.results import files
from evaluator.results.perf import PerfReport, read

DATA = Path(__file__).parents[1] / "data/perf"
RUNS = ("scored", "searched", "open")


@pytest.mark.parametrize("run", RUNS)
def test_a_file_is_written_as_it_was_read(run: str, tmp_path: Path) -> None:
    files.write(tmp_path / "perf.json", read(DATA / run))

    there = orjson.loads((DATA / run / "perf.json").read_bytes())
    for arm in there["arms"].values():  # what came since
        arm["replicas"] = []
    assert orjson.loads((tmp_path / "perf.json").read_bytes()) == there
    assert [path.name for path in tmp_path.iterdir()] == ["perf.json"]


@pytest.mark.parametrize("run", RUNS)
def test_its_report_says_the_same(run: str, tmp_path: Path) -> None:
    report = read(DATA / run)
    write_csv(report, tmp_path / "points.csv")

    assert markdown(report) == (DATA / run / "perf.md").read_text()
    assert (tmp_path / "points.csv").read_bytes() == (DATA / run / "points.csv").read_bytes()


@pytest.mark.parametrize("run", RUNS)
def test_its_workload_has_the_same_fingerprint(run: str) -> None:
    workload = read(DATA / run).workload

    assert with_fingerprint(workload) == workload


def test_points_come_to_the_same(tmp_path: Path) -> None:
    report = read(DATA / "scored")

    assert concluded(report) == report


def test_a_run_that_was_killed_before_its_points_were_concluded_is_shown(tmp_path: Path) -> None:
    whole = orjson.loads((DATA / "scored/perf.json").read_bytes())
    points_only = {k: v for k, v in whole.items() if k not in ("summary", "comparison", "pareto")}
    (tmp_path / "perf.json").write_bytes(orjson.dumps(points_only))

    assert rewrite(tmp_path) == read(DATA / "scored")
    assert (tmp_path / "perf.md").read_text() == (DATA / "scored/perf.md").read_text()


def changed(path: str, value: object) -> bytes:
    """The file of a run with another value at a place."""
    data = orjson.loads((DATA / "open/perf.json").read_bytes())
    *parents, last = path.split(".")
    inner = data
    for key in parents:
        inner = inner[int(key)] if key.isdigit() else inner[key]
    inner[last] = value
    return orjson.dumps(data)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", r"perf.json: invalid JSON: "),
        (b"[1]", r"perf.json: "),
        (changed("schema_version", 2), r"perf.json: schema_version: input should be 1, got 2$"),
        (changed("points.1.completed", "all"), r"points.1.completed: .* integer.*, got 'all'$"),
        (changed("points.0.steady", 3), r"points.0.steady: .*, got 3$"),
    ],
)
def test_a_damaged_or_foreign_file_is_a_line_with_the_place(
    content: bytes, complaint: str, tmp_path: Path
) -> None:
    (tmp_path / "perf.json").write_bytes(content)

    with pytest.raises(DataError, match=complaint) as raised:
        files.read(tmp_path / "perf.json", PerfReport)
    assert str(tmp_path) in str(raised.value)
    assert "\n" not in str(raised.value)
