"""One folder, one model, one set of settings: benchmarks add up, and nothing is replaced unsaid."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from evaluator.benchmarks import BENCHMARKS
from evaluator.data import BUILTIN
from evaluator.report.warnings import warnings
from evaluator.results.figures import Figure
from evaluator.runs.noise import asked_again
from evaluator.runs.reporting import write_report
from evaluator.types import Outcomes, Totals
from tests.conftest import Cli
from tests.processes import started
from tests.stub import Fault, StubServer
from tests.waiting import wait_until

BASICS = ("--model", "stub", "--data", "builtin", "--progress", "none", "--limit", 6)


def report(folder: Path) -> Any:
    return orjson.loads((folder / "report.json").read_bytes())


def ids(folder: Path) -> set[tuple[str, str]]:
    lines = map(orjson.loads, (folder / "outcomes.jsonl").read_bytes().splitlines())
    return {(line["benchmark"], line["id"]) for line in lines}


def test_benchmarks_of_one_folder_add_up(cli: Cli, stub: StubServer, tmp_path: Path) -> None:
    url = ("--base-url", stub.base_url, "--out", "so")
    cli("run", "gsm8k", *BASICS, *url)
    first = report(tmp_path / "so")["benchmarks"]["gsm8k"]
    second = cli("run", "arc", *BASICS, *url)
    both = report(tmp_path / "so")
    again = cli("run", "arc", "gsm8k", *BASICS, *url)

    assert second.returncode == again.returncode == 0, second.stderr
    assert list(both["benchmarks"]) == ["gsm8k", "arc"]
    assert both["benchmarks"]["gsm8k"] == first
    assert "gsm8k" in second.stdout
    assert (both["serving"]["requests"], both["serving"]["replayed"]) == (6, 0)
    assert len(ids(tmp_path / "so")) == 12
    assert "gsm8k" in (tmp_path / "so/report.md").read_text()
    assert stub.count == 12  # the third asked nothing
    assert report(tmp_path / "so")["benchmarks"] == both["benchmarks"]


def test_the_default_folder_adds_up_too_and_a_limit_may_change(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    words = (*BASICS[:-2], "--base-url", stub.base_url)
    for limit in (6, 3, 9):
        assert cli("run", "gsm8k", *words, "--limit", limit).returncode == 0
    cli("run", "arc", *words, "--limit", 4)

    rows = report(tmp_path / "runs/stub")["benchmarks"]
    assert {name: row["samples"] for name, row in rows.items()} == {"gsm8k": 9, "arc": 4}
    assert stub.count == 13


@pytest.mark.parametrize(
    ("more", "change"),
    [
        (("--shots", 2), "worked examples 0 there, 2 now"),
        (("--param", "temperature=0.5"), "temperature 0.0 there, 0.5 now"),
        (("--param", "seed=1"), "seed not given there, 1 now"),
        (("--system", "Be brief."), "system prompt '' there, 'Be brief.' now"),
        (("--api", "completions"), "--api 'chat' there, 'completions' now"),
        (("--mode", "logprobs"), "--mode 'generate' there, 'logprobs' now"),
        (
            ("--shots", 2, "--shots-as-turns"),
            "worked examples 0 there, 2 now; arc: --shots-as-turns off there, on now",
        ),
        (("--chat-template", "template.jinja"), "chat template '' there,"),
        (("--data-dir", BUILTIN), "data source 'builtin' there, 'mirror' now"),
        (("--repeats", 1), "repeats 2 there, 1 now"),
        (("--dataset-args", '{"arc": {"subset_list": ["ARC-Easy"]}}'), "subset_list 'all' there"),
    ],
)
def test_other_settings_are_refused_with_what_differs(
    cli: Cli, stub: StubServer, tmp_path: Path, more: Sequence[object], change: str
) -> None:
    (tmp_path / "template.jinja").write_text("{{ messages }}")
    words = ("run", "arc", *BASICS, "--base-url", stub.base_url)
    cli(*words, "--repeats", 2)
    before = {
        file.name: file.read_bytes()
        for file in (tmp_path / "runs/stub").iterdir()
        if file.is_file()
    }
    if "--data-dir" in more:
        words = tuple(word for word in words if word not in ("--data", "builtin"))
    refused = cli(*words, *(() if "--repeats" in more else ("--repeats", 2)), *more)

    assert refused.returncode == 2, refused.stdout
    assert f"arc: {change}" in refused.stderr
    assert "--out" in refused.stderr and "--fresh" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    after = {
        file.name: file.read_bytes()
        for file in (tmp_path / "runs/stub").iterdir()
        if file.is_file()
    }
    assert after == before


def test_what_resuming_allows_is_not_refused(cli: Cli, stub: StubServer, tmp_path: Path) -> None:
    words = ("run", "gsm8k", *BASICS[:-2], "--base-url", stub.base_url)
    first = cli(*words, "--limit", 6)
    more = cli(*words, "--limit", 6, "--repeats", 2, "--concurrency", 3, "--precision", 0.2)

    assert first.returncode == more.returncode == 0, more.stderr
    assert stub.count == 12


def test_another_model_in_the_same_folder_is_refused(cli: Cli, stub: StubServer) -> None:
    stub.models = ["a", "b"]
    words = ("run", "gsm8k", *BASICS[2:], "--base-url", stub.base_url, "--out", "so")
    cli(*words, "--model", "a")
    refused = cli(*words, "--model", "b")
    other = cli("run", "arc", *words[2:], "--model", "b")

    assert refused.returncode == other.returncode == 2
    assert "'so' holds results of 'a', and not of 'b'" in refused.stderr
    assert "'so' holds results of 'a', and not of 'b'" in other.stderr


def test_settings_that_came_to_no_result_may_be_mended(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    stub.faults = lambda index, body: None if body["temperature"] else Fault(400)
    words = ("run", "gsm8k", *BASICS, "--base-url", stub.base_url)
    failed = cli(*words)
    mended = cli(*words, "--param", "temperature=0.5")

    assert (failed.returncode, mended.returncode) == (1, 0), mended.stderr
    assert report(tmp_path / "runs/stub")["benchmarks"]["gsm8k"]["errors"] == 0


def test_errors_of_a_benchmark_that_is_not_run_are_not_this_sessions(
    cli: Cli, stub: StubServer
) -> None:
    stub.faults = lambda index, body: Fault(400) if index == 2 else None
    words = (*BASICS, "--base-url", stub.base_url)
    first = cli("run", "gsm8k", *words)
    second = cli("run", "arc", *words)

    assert (first.returncode, second.returncode) == (1, 0)
    assert "status 400" in second.stdout  # shown all the same


def test_recorded_replies_of_several_benchmarks_add_up_too(cli: Cli, tmp_path: Path) -> None:
    for name, lines in (("gsm8k", ["0", "1"]), ("arc", ["0"])):
        made = (orjson.dumps({"id": each, "response": "Answer: B"}) for each in lines)
        (tmp_path / f"{name}.jsonl").write_bytes(b"\n".join(made))
    words = ("--data", "builtin", "--out", "so", "--max-errors", 0.99)
    first = cli("score", "gsm8k", "--responses", "gsm8k.jsonl", *words)
    second = cli("score", "arc", "--responses", "arc.jsonl", *words)

    assert first.returncode == second.returncode == 0, second.stderr
    rows = report(tmp_path / "so")["benchmarks"]
    assert {name: row["samples"] for name, row in rows.items()} == {"gsm8k": 2, "arc": 1}
    assert len((tmp_path / "so/scored.jsonl").read_bytes().splitlines()) == 1


def test_a_second_asking_knows_its_own_limit_for_each_benchmark(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    words = (*BASICS, "--base-url", stub.base_url, "--out", "so", "--noise-floor")
    cli("run", "gsm8k", *words, 2)
    cli("run", "arc", *words, 4)
    assert asked_again(tmp_path / "so") == 2
    cli("compare", "so", "so", "--noise-floor", 3)

    assert asked_again(tmp_path / "so") == 3
    assert stub.count == 6 + 2 + 6 + 4 + 1  # one more of gsm8k; of arc the replies were there


def test_totals_of_a_benchmark_that_is_not_known_any_more_are_kept(
    stub: StubServer, tmp_path: Path
) -> None:
    def summarize(outcomes: Outcomes) -> Totals:
        return {"weighted": Figure(value=0.25, ci95=(0.0, 0.5), samples=len(outcomes))}

    from rich.console import Console

    from evaluator.options.settings import Settings
    from evaluator.runs.run import run

    outside = replace(BENCHMARKS["gsm8k"], name="outside", summarize=summarize)
    given = {
        "benchmarks": ["outside"],
        "own": {"outside": outside},
        "model": "stub",
        "base_url": [stub.base_url],
    }
    more = {"data": "builtin", "limit": 3, "progress": "none", "out": tmp_path / "r"}
    made = run(Settings(**given, **more), Console(quiet=True))
    later = write_report(tmp_path / "r")
    about = orjson.loads((tmp_path / "r/run.json").read_bytes())
    del about["benchmarks"]["outside"]["totals"]  # as of a run that was killed before its end
    (tmp_path / "r/run.json").write_bytes(orjson.dumps(about))
    lost = write_report(tmp_path / "r")

    totals = made.benchmarks["outside"].totals
    assert totals["weighted"].samples == 3
    assert later.benchmarks["outside"].totals == totals
    assert any("outside: its own totals are those of its run" in line for line in warnings(later))
    assert lost.benchmarks["outside"].totals == {}
    assert any("outside: its own totals are missing" in line for line in warnings(lost))


@pytest.mark.parametrize(
    "words",
    [
        (
            "run",
            "gsm8k",
            "--model",
            "m",
            "--base-url",
            "http://127.0.0.1:9/v1",
            "--data",
            "builtin",
        ),
        ("show",),
        ("report",),
        ("compare",),
    ],
    ids=lambda words: words[0],
)
@pytest.mark.parametrize("place", ["afile", "broken"])
def test_a_folder_that_holds_no_run_is_said_in_a_line(
    cli: Cli, tmp_path: Path, words: tuple[str, ...], place: str
) -> None:
    (tmp_path / "afile").touch()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/run.json").write_text('{"a"')
    done = cli(*words, *(("--out",) if words[0] == "run" else ()), place)

    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--model", "other"), 2),
        (("--model", "stub", "--reuse", "absent"), 2),
        (("--model", "stub", "--replay"), 3),
        (("--model", "stub", "--base-url", "http://127.0.0.1:9/v1"), 3),
    ],
)
def test_a_command_that_is_refused_before_anything_is_asked_leaves_no_new_folder(
    cli: Cli, stub: StubServer, tmp_path: Path, words: Sequence[str], code: int
) -> None:
    stub.models = ["stub"]
    at = () if "--base-url" in words or "--replay" in words else ("--base-url", stub.base_url)
    done = cli("run", "gsm8k", *BASICS[2:], *at, *words, "--out", "new/r")

    assert done.returncode == code, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_was_there_stays(cli: Cli, stub: StubServer, tmp_path: Path) -> None:
    stub.models = ["stub"]
    (tmp_path / "r").mkdir()
    cli("run", "gsm8k", *BASICS[2:], "--base-url", stub.base_url, "--model", "b", "--out", "r")

    assert (tmp_path / "r").is_dir()


def test_requests_that_all_failed_were_sent(cli: Cli, stub: StubServer, tmp_path: Path) -> None:
    stub.faults = lambda index, body: Fault(400)
    done = cli("run", "gsm8k", *BASICS, "--base-url", stub.base_url, "--out", "r")

    assert done.returncode == 1
    assert "6 requests sent · 0 replayed" in " ".join(done.stdout.split())
    assert report(tmp_path / "r")["serving"]["requests"] == 6


def test_replies_of_a_file_were_not_sent(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_text('{"id": "0", "response": "Answer: 1"}')
    words = ("--data", "builtin", "--out", "r", "--max-errors", 0.99)
    done = cli("score", "gsm8k", "--responses", "r.jsonl", *words)

    assert done.returncode == 0, done.stderr
    assert "0 requests sent · 1 replayed" in " ".join(done.stdout.split())


def test_a_folder_that_is_deleted_meanwhile_is_said_and_not_made_anew(
    stub: StubServer, tmp_path: Path
) -> None:
    stub.latency = 0.1
    words = ("run", "gsm8k", *BASICS[:-2], "--base-url", stub.base_url, "--concurrency", "2")
    command = [sys.executable, "-m", "evaluator", *words, "--out", "new/r"]
    with started(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        wait_until(lambda: stub.count >= 8)
        shutil.rmtree(tmp_path / "new")
        _, said = process.communicate(timeout=30)

    assert process.returncode == 1, said
    assert "was deleted while the run wrote to it" in said
    assert "are lost: run the same command again" in said
    assert stub.count < 30
    assert not (tmp_path / "new").exists()


def test_a_noise_floor_is_shown_by_the_run_that_asks_for_it(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    stub.reply = lambda body: "Answer: 1" if stub.count <= 6 else "Answer: 2"
    words = (*BASICS, "--base-url", stub.base_url, "--concurrency", 8)
    done = cli("run", "gsm8k", *words, "--noise-floor", 4)

    assert done.returncode == 0, done.stderr
    told = "noise floor of gsm8k: asked again with 2 in flight instead of 8, "
    assert told in done.stdout
    assert "of 4 samples got another value" in done.stdout
    assert "and 4 another answer" in done.stdout


def test_a_mirror_cannot_be_a_file(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "afile").touch()
    done = cli("data", "fetch", "gsm8k", "--data-dir", "afile")

    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
