"""`evaluator table`: runs side by side, as a person and as a program reads them."""

import csv
import io
from pathlib import Path

import orjson
import pytest

from evaluator.report.build import build
from evaluator.report.latex import inline
from evaluator.report.spreadsheet import cell
from evaluator.results.files import write
from tests.conftest import Cli
from tests.written_runs import Said, write_run


def run(folder: Path, right: int, **about: object) -> Path:
    """Twenty samples, so many of which are right."""
    said = [Said(str(i), float(i < right), prompt=f"{i:02}") for i in range(20)]
    write_run(folder, said, **about)
    write(folder / "report.json", build(folder))
    return folder


@pytest.fixture
def runs(tmp_path: Path) -> list[Path]:
    made = [run(tmp_path / "base", 10), run(tmp_path / "tuned", 15)]
    return [*made, run(tmp_path / "few_shot", 15, shots=4)]


def test_scores_stand_side_by_side_with_intervals(
    cli: Cli, runs: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    done = cli("table", *runs)

    assert done.returncode == 0, done.stderr
    (row,) = (line for line in done.stdout.splitlines() if line.startswith("exam"))
    assert "50.0% (29.9% - 70.1%)" in row
    assert row.count("75.0% (53.1% - 88.8%)") == 2
    assert done.stderr == "differs: few_shot beside base, exam: shots 0 and 4\n"


def test_samples_that_only_one_run_has_are_told(cli: Cli, runs: list[Path]) -> None:
    said = [Said(str(i), prompt=f"{i:02}") for i in range(5, 25)]
    write_run(runs[1], said)
    write(runs[1] / "report.json", build(runs[1]))
    done = cli("table", *runs[:2])

    told = "15 samples measured in both; 5 only in the base, 5 only in the other"
    assert done.stderr == f"differs: tuned beside base, exam: {told}\n"


def test_csv_has_a_row_a_figure_and_run(cli: Cli, runs: list[Path]) -> None:
    done = cli("table", *runs, "--to", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))

    assert [(row["run"], row["figure"], float(row["value"])) for row in rows] == [
        ("base", "score", 0.5),
        ("tuned", "score", 0.75),
        ("few_shot", "score", 0.75),
    ]
    assert float(rows[0]["ci95_low"]) == pytest.approx(0.299, abs=0.001)


def test_markdown_and_latex_say_what_differs(cli: Cli, runs: list[Path]) -> None:
    markdown = cli("table", *runs, "--to", "markdown").stdout
    latex = cli("table", *runs, "--to", "latex").stdout

    assert markdown.splitlines()[0] == "| score | base | tuned | few_shot |"
    assert "- few_shot beside base, exam: shots 0 and 4" in markdown
    assert "% few\\_shot beside base, exam: shots 0 and 4" in latex
    assert r"score & base & tuned & few\_shot \\" in latex
    assert r"50.0\% (29.9\% - 70.1\%)" in latex


def test_a_folder_without_a_report_is_named(cli: Cli, tmp_path: Path) -> None:
    done = cli("table", tmp_path)

    assert done.returncode == 2
    assert "it has no report.json" in done.stderr


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("  =1", "'  =1"),
        ("a=1", "a=1"),
        ("", ""),
        (-1.5, -1.5),
        (None, None),
        ("\x1b[31mred", "\ufffd[31mred"),
    ],
)
def test_no_cell_of_csv_is_a_formula(value: object, shown: object) -> None:
    assert cell(value) == shown


def test_words_from_outside_are_no_command_of_latex() -> None:
    assert inline(r"\input{x} & 5%") == r"\textbackslash{}input\{x\} \& 5\%"


def test_tags_and_notes_stand_below_where_a_run_has_them(cli: Cli, runs: list[Path]) -> None:
    path = runs[1] / "report.json"
    report = orjson.loads(path.read_bytes()) | {"tags": ["zh", "sft"], "note": "=second try"}
    path.write_bytes(orjson.dumps(report))
    shown = cli("table", *runs, "--to", "markdown").stdout.splitlines()
    rows = list(csv.DictReader(io.StringIO(cli("table", *runs, "--to", "csv").stdout)))

    assert "| tags | - | zh, sft | - |" in shown
    assert "| note | - | =second try | - |" in shown
    assert [row["tags"] for row in rows] == ["", "zh, sft", ""]
    assert rows[1]["note"] == "'=second try"  # a spreadsheet computes nothing
    assert "tags" not in cli("table", *runs[::2]).stdout
