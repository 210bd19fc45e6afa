"""The page of a run: what it says, and that nothing from outside gets a foot in it."""

import re
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from evaluator.options.command_line import run_words
from evaluator.options.complaints import read
from evaluator.options.settings import Settings
from evaluator.pages import sample_files, vega
from evaluator.pages.run_page import run_page
from evaluator.report.build import build
from evaluator.results.run import read_run
from tests.conftest import Cli
from tests.stub import StubServer
from tests.written_runs import Said, write_run

HOSTILE = (
    "</script><script>alert(1)</script></textarea></pre><img src=x onerror=alert(2)> "
    "{{ 7 * 7 }} {% raw %} javascript:alert(3) \x1b[31m \u202eabc\n\nAnswer: B"
)


@pytest.fixture
def run_folder(cli: Cli, stub: StubServer, tmp_path: Path) -> Path:
    stub.reply = lambda body: HOSTILE
    stub.models = ["<b>m</b>"]
    asked = ("run", "arc", "gsm8k", "--data", "builtin", "--param", "temperature=0.5")
    at = ("--model", "<b>m</b>", "--base-url", stub.base_url, "--progress", "none")
    done = cli(*asked, *at, "--out", "runs/one")
    assert done.returncode == 0, done.stderr
    return tmp_path / "runs" / "one"


def test_the_page_is_written_with_every_run(run_folder: Path) -> None:
    page = (run_folder / "report.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;m&lt;/b&gt;" in page
    assert "<b>m</b>" not in page
    assert page.count("<script") == page.count("</script>") == 9
    assert len(page) < 3_000_000
    assert "evaluator run arc gsm8k" in page
    assert "--param temperature=0.5" in page


def test_replies_that_were_there_before_are_not_requests(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    asked = ("run", "gsm8k", "--data", "builtin", "--limit", "3", "--model", "stub", "--out", "r")
    shown = []
    for again in ((), ("--replay",)):
        cli(*asked, "--base-url", stub.base_url, "--progress", "none", *again)
        page = (tmp_path / "r/report.html").read_text(encoding="utf-8")
        shown.append(re.search(r"(\d+) (requests sent|replayed)</small>", page))

    assert [found and found[2] for found in shown] == ["requests sent", "replayed"]


def test_only_the_pages_own_scripts_may_run(run_folder: Path) -> None:
    page = (run_folder / "report.html").read_text(encoding="utf-8")
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', page)
    assert "default-src &#39;none&#39;" in policy
    assert policy.count("sha256-") == 6
    assert "unsafe-eval" not in policy


def test_samples_lie_beside_it_as_they_are(run_folder: Path) -> None:
    lines = [
        line
        for line in (run_folder / "samples.jsonl").read_bytes().splitlines()
        if b'"head":' not in line.partition(b',"id":')[0]
    ]
    (file,) = run_folder.glob("report_samples/[0-9]*.js")
    call = file.read_bytes().removeprefix(b"evaluatorSamples.file(0,\n").removesuffix(b");\n")
    assert orjson.loads(call) == list(map(orjson.loads, lines))
    index = (run_folder / "report_samples" / "index.js").read_text(encoding="utf-8")
    assert index.startswith("evaluatorSamples.index([[")


def test_more_samples_than_a_page_can_show_are_counted(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample_files, "MOST", 3)
    monkeypatch.setattr(sample_files, "EACH", 2)
    found = sample_files.write_sample_files(run_folder, tmp_path / "few", {}, 60)
    assert (found["shown"], found["folder"], found["each"]) == (3, "few", 2)
    assert found["samples"] == 60
    assert {file.name for file in (tmp_path / "few").iterdir()} == {"index.js", "0.js", "1.js"}


def test_a_report_alone_makes_the_page_again(cli: Cli, run_folder: Path) -> None:
    before = (run_folder / "report.html").read_text(encoding="utf-8")
    (run_folder / "report.html").unlink()
    assert cli("report", run_folder).returncode == 0
    assert (run_folder / "report.html").read_text(encoding="utf-8") == before


def test_the_command_gives_the_settings_back() -> None:
    given = read(
        Settings,
        {
            "benchmarks": ["arc", "ceval"],
            "model": "a model",
            "base_url": ["http://h/v1"],
            "out": Path("runs/one"),
            "limit": 5,
            "smoke": False,
            "param": {"temperature": 0.5, "stop": ["\n"]},
            "judge_model": ["one", "two"],
            "dataset_args": {"arc": {"few_shot_num": 2}},
        },
    )
    words = run_words(given.recorded())
    assert words[:2] == ["arc", "ceval"]
    assert "--no-smoke" in words
    assert words[words.index("--model") + 1] == "a model"
    assert [words[i + 1] for i, word in enumerate(words) if word == "--param"] == [
        "temperature=0.5",
        'stop=["\\n"]',
    ]
    assert [words[i + 1] for i, word in enumerate(words) if word == "--judge-model"] == [
        "one",
        "two",
    ]


def test_the_library_is_bundled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: tmp_path / name)
    made: list[str] = []
    monkeypatch.setattr(vega, "bundled", lambda: made.append("") or "source")
    for _ in range(2):
        vega.library.cache_clear()
        assert vega.library() == "source"
    vega.library.cache_clear()
    assert len(made) == 1


def many(folder: Path, count: int) -> str:
    """The page of a run of so many benchmarks."""
    written = write_run(folder, [Said(str(i), float(i % 2), group=f"g{i % 3}") for i in range(12)])
    report, info = build(written), read_run(written)
    names = [f"exam {i}" for i in range(count)]
    benchmarks = dict.fromkeys(names, report.benchmarks["exam"])
    asked = dict.fromkeys(names, info.benchmarks["exam"])
    return run_page(replace(report, benchmarks=benchmarks), replace(info, benchmarks=asked))


def test_many_benchmarks_have_one_card_and_folded_sections(tmp_path: Path) -> None:
    few, page = many(tmp_path / "few", 12), many(tmp_path / "many", 60)

    assert few.count('class="card"') == 12 + 2
    assert "<h2>exam 7</h2>" in few
    assert page.count('class="card"') == 1 + 2
    assert "<h2>exam 7</h2>" not in page
    assert "<summary>exam 7</summary>" in page


def test_a_benchmark_without_a_measured_sample_says_so(tmp_path: Path) -> None:
    failed = [Said(str(i), None, answer=None, status="error") for i in range(5)]
    folder = write_run(tmp_path / "failed", failed)
    page = run_page(build(folder), read_run(folder))

    assert "none of 5 samples measured" in page
    assert "all right" not in page
