"""Benchmarks of one's own: in a file, in a module, offered by an installed package."""

import re
from pathlib import Path
from typing import get_args

import orjson
import pytest

from evaluator.benchmarks import benchmark
from evaluator.errors import UsageError
from evaluator.results.names import Topic
from tests.conftest import Cli
from tests.stub import StubServer

PAGE = (Path(__file__).parents[2] / "docs/own-benchmarks.md").read_text(encoding="utf-8")
EXAMPLE, *_ = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The example of docs/own-benchmarks.md, and a mirror with its rows."""
    (tmp_path / "capitals.py").write_text(EXAMPLE, encoding="utf-8")
    rows = tmp_path / "mirror/me/capitals/default/test.jsonl"
    rows.parent.mkdir(parents=True)
    places = [("Peru", "Lima", "America"), ("Chad", "N'Djamena", "Africa")]
    lines = [dict(zip(("country", "capital", "continent"), each, strict=True)) for each in places]
    rows.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    return tmp_path


@pytest.mark.parametrize("name", ["capitals.py:CAPITALS", "capitals:CAPITALS"])
def test_a_benchmark_of_ones_own_is_run_resumed_and_compared(
    cli: Cli, stub: StubServer, folder: Path, name: str
) -> None:
    stub.reply = "Lima."
    words = ("run", name, "--model", "stub", "--base-url", stub.base_url, "--data-dir", "mirror")
    done = cli(*words, "--out", "one")
    again = cli(*words, "--out", "one")
    other = cli(*words, "--out", "two")
    compared = cli("compare", "one", "two")
    row = orjson.loads((folder / "one/report.json").read_bytes())["benchmarks"][name]

    assert done.returncode == 0, done.stderr
    assert (row["value"], row["samples"], list(row["groups"])) == (0.5, 2, ["Africa", "America"])
    assert row["data"].startswith("me/capitals test via local mirror")
    assert "0 requests sent · 2 replayed" in again.stdout
    assert other.returncode == compared.returncode == 0, compared.stderr


def test_worked_examples_of_one_that_says_nothing_of_any_are_refused(
    cli: Cli, stub: StubServer, folder: Path
) -> None:
    words = ("run", "capitals.py:CAPITALS", "--model", "stub", "--data-dir", "mirror")
    done = cli(*words, "--base-url", stub.base_url, "--shots", 2)

    assert (done.returncode, stub.count) == (2, 0)
    assert "no worked examples to show in capitals.py:CAPITALS" in done.stderr


def test_one_that_a_package_offers_is_found_and_listed(cli: Cli, folder: Path) -> None:
    package = folder / "offering-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: offering\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text(
        "[evaluator.benchmarks]\ncapitals = capitals:CAPITALS\n"
    )
    words = ("run", "capitals", "--model", "m", "--base-url", "http://h/v1", "--data-dir", "mirror")
    done = cli(*words, "--dry-run")  # `python -m` has the folder on its path

    assert done.returncode == 0, done.stderr
    assert "2 requests to 'm'" in done.stdout
    assert "capitals:CAPITALS" in cli("list").stdout


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("absent.py:X", "there is no file 'absent.py'"),
        ("broken.py:X", "broken.py cannot be loaded: ZeroDivisionError"),
        ("capitals.py:OTHER", "no Benchmark 'OTHER' in .*; there are CAPITALS"),
        (
            "no_such_module:X",
            "No module named 'no_such_module'; a file is named as my_file.py:NAME",
        ),
        ("gsm8", "did you mean 'gsm8k'"),
    ],
)
def test_what_is_wrong_with_a_name_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    monkeypatch.chdir(folder)
    (folder / "broken.py").write_text("1 / 0\n")

    with pytest.raises(UsageError, match=said):
        benchmark(name)


def test_the_list_is_there_for_programs(cli: Cli) -> None:
    rows = orjson.loads(cli("list", "--json").stdout)

    assert {"arc", "gsm8k"} <= {row["name"] for row in rows}
    assert next(row["size"] for row in rows if row["name"] == "gsm8k") == 1319


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (
            ("--kind", "judge", "--language", "zh"),
            {"alignbench", "cfbench", "chinese_simpleqa", "followbench"},
        ),
        (("--kind", "agent", "--language", "en"), {"acebench", "bfcl", "toolcall"}),
        (("--search", "Simpleqa"), {"chinese_simpleqa"}),
        (("--search", "tiger-lab/"), {"mmlu_pro"}),
        (("--topic", "code"), {"humaneval", "mbpp"}),
        (("--topic", "law", "--kind", "choice"), {"agieval", "lawbench"}),
        (("--search", "instruct", "--language", "en"), {"followbench", "ifeval"}),
    ],
)
def test_the_list_shows_what_is_asked_for(cli: Cli, words: list[str], names: set[str]) -> None:
    listed = cli("list", *words)

    found = orjson.loads(cli("list", "--json", *words).stdout)
    assert {row["name"] for row in found if "of_lm_eval" not in row} == names
    assert all(name in listed.stdout for name in names)
    assert "FILE" not in listed.stdout


def test_every_benchmark_says_what_it_is_about(cli: Cli) -> None:
    rows = {row["name"]: row["topics"] for row in orjson.loads(cli("list", "--json").stdout)}

    assert rows["agieval"] == ["exam", "law", "logic", "maths"]
    assert all(topics and set(topics) <= {*get_args(Topic)} for topics in rows.values()), rows
    assert "choice · zh, en · exam, law" in cli("list", "--search", "agieval").stdout


def test_a_list_of_nothing_is_a_line(cli: Cli) -> None:
    done = cli("list", "--kind", "judge", "--search", "gsm8k")

    assert done.returncode == 2
    assert done.stderr.startswith("error: no benchmark is so")


def test_the_version_is_told(cli: Cli) -> None:
    done = cli("--version")

    assert (done.returncode, done.stdout.startswith("evaluator 0.")) == (0, True)
