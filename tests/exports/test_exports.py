"""`evaluator export`: a run in the forms of other tools, which read it again."""

import csv
import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.conftest import Cli
from tests.stub import StubServer


@pytest.fixture
def run(cli: Cli, stub: StubServer) -> str:
    """Five samples of ARC, and five of GSM8K, whose replies would be formulas in a spreadsheet."""
    stub.reply = lambda body: '=HYPERLINK("http://x")\nAnswer: B'
    at = ("--model", "stub", "--base-url", stub.base_url, "--data", "builtin", "--limit", 5)
    called = ("--tag", "baseline", "--tag", "zh", "--note", "before tuning")
    quiet = ("--no-smoke", "--progress", "none", "--out", "run")
    done = cli("run", "arc", "gsm8k", *at, *called, *quiet)
    assert done.returncode == 0, done.stderr
    return "run"


def test_csv_has_a_row_a_sample_and_no_formula(cli: Cli, run: str) -> None:
    done = cli("export", run, "--to", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))

    assert done.returncode == 0, done.stderr
    assert len(rows) == 10
    assert {row["reply"] for row in rows} == {'\'=HYPERLINK("http://x")\nAnswer: B'}
    assert {row["benchmark"] for row in rows} == {"arc", "gsm8k"}
    assert all(row["question"] in row["prompt"] for row in rows)
    assert {(row["run_tags"], row["run_note"]) for row in rows} == {
        ("baseline, zh", "before tuning")
    }
    assert {row["dimension.strict"] for row in rows if row["benchmark"] == "arc"} <= {"0.0", "1.0"}


def test_parquet_has_the_same_with_texts_as_they_are(cli: Cli, run: str, tmp_path: Path) -> None:
    import pyarrow.parquet

    done = cli("export", run, "--to", "parquet", "--benchmark", "arc", "-o", "run.parquet")
    rows = pyarrow.parquet.read_table(tmp_path / "run.parquet").to_pylist()

    assert done.returncode == 0, done.stderr
    assert [row["reply"][0] for row in rows] == ["="] * 5
    assert {type(row["value"]) for row in rows} == {float}


def test_the_datasets_library_loads_the_parquet_file(
    cli: Cli, run: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("export", run, "--to", "parquet", "-o", "run.parquet")
    read = (
        "from datasets import load_dataset\n"
        "rows = load_dataset('parquet', data_files='run.parquet', split='train')\n"
        "print(len(rows), rows.features['value'].dtype, set(rows['run_note']))"
    )
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    done = subprocess.run(
        [sys.executable, "-c", read], cwd=tmp_path, capture_output=True, text=True
    )

    assert done.stdout == "10 float64 {'before tuning'}\n", done.stderr


def test_a_table_as_latex_and_the_report_as_markdown(cli: Cli, run: str) -> None:
    latex = cli("export", run, "--to", "latex").stdout
    markdown = cli("export", run, "--to", "markdown", "--benchmark", "arc").stdout

    assert latex.startswith("% stub, run run\n\\begin{tabular}{lrrrrrrrr}\n")
    assert "\ngsm8k & 5 & " in latex
    assert "| arc | 5 |" in markdown
    assert "gsm8k" not in markdown


def test_inspect_ai_reads_its_logs(cli: Cli, run: str, tmp_path: Path) -> None:
    cli("export", run, "--to", "inspect", "-o", "logs")
    again = cli("import", "inspect", "logs", "--as-recorded", "-o", "again")
    logs = [orjson.loads(path.read_bytes()) for path in sorted((tmp_path / "logs").iterdir())]

    assert [log["eval"]["task"] for log in logs] == ["arc", "gsm8k"]
    assert all(log["status"] == "success" and len(log["samples"]) == 5 for log in logs)
    assert again.returncode == 0, again.stderr
    assert values(tmp_path / "again") == values(tmp_path / "run")


def values(folder: Path) -> list[float]:
    report = orjson.loads((folder / "report.json").read_bytes())
    return sorted(each["value"] for each in report["benchmarks"].values())


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of lm-eval's own modules
def test_lm_evals_files_come_back_as_the_same_run(cli: Cli, run: str, tmp_path: Path) -> None:
    cli("export", run, "--to", "lm-eval", "-o", "out")
    from lm_eval.utils import make_table

    again = cli("import", "lm-eval", "out", "--data", "builtin", "-o", "again")
    (path,) = (tmp_path / "out/stub").glob("results_*.json")
    results: dict[str, Any] = orjson.loads(path.read_bytes())

    assert again.returncode == 0, again.stderr
    assert values(tmp_path / "again") == values(tmp_path / "run")
    assert results["n-samples"]["arc"]["effective"] == 5
    assert orjson.loads(cli("export", run, "--to", "lm-eval").stdout) == results
    table = make_table(results)
    assert "|arc  " in table
    assert "|none  |     0|acc" in table


def test_a_model_card_is_one_that_the_hub_takes(cli: Cli, run: str, tmp_path: Path) -> None:
    from huggingface_hub import ModelCard

    card = tmp_path / "README.md"
    card.write_text("---\nlicense: mit\n---\n# My model\n")
    printed = cli("export", run, "--to", "model-card").stdout
    for _ in range(2):
        assert cli("export", run, "--to", "model-card", "-o", "README.md").returncode == 0
    loaded = ModelCard.load(card)
    found = loaded.data.eval_results

    assert found is not None
    assert [each.dataset_name for each in found] == [
        "ARC (built-in samples)",
        "GSM8K (built-in samples)",
    ]
    assert "95 % interval" in str(found[0].metric_name)
    assert found[0].metric_args == {"tags": ["baseline", "zh"], "note": "before tuning"}
    assert (loaded.data.license, loaded.text.strip()) == ("mit", "# My model")
    assert ModelCard(printed).data.eval_results == found


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--to", "parquet"), "--to parquet is no single text; give -o FILE"),
        (("--to", "inspect"), "give -o FOLDER, or --benchmark NAME for one log"),
        (("--to", "csv", "--benchmark", "ceval"), "not in 'run', which has arc, gsm8k"),
        (("--to", "csv", "-o", "missing/x.csv"), "cannot write 'missing/x.csv'"),
        (("--to", "excel"), "excel"),
    ],
)
def test_what_cannot_be_exported_is_told_in_a_line(
    cli: Cli, run: str, more: tuple[str, ...], told: str
) -> None:
    done = cli("export", run, *more)

    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_sample_that_was_not_measured_has_no_score(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    stub.faults = [400] * 50
    at = ("--model", "stub", "--base-url", stub.base_url, "--data", "builtin", "--limit", 2)
    cli("run", "arc", *at, "--no-smoke", "--progress", "none", "--out", "run")
    (row, _) = csv.DictReader(io.StringIO(cli("export", "run", "--to", "csv").stdout))
    log = orjson.loads(cli("export", "run", "--to", "inspect").stdout)

    assert (row["status"], row["value"]) == ("error", "")
    assert [sample["scores"] for sample in log["samples"]] == [{}, {}]
    assert log["samples"][0]["error"]["message"]
