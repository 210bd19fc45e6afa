"""The command line as a person uses it: a process of its own against a server over HTTP."""

import random
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import orjson
import pytest

from evaluator.benchmarks import BENCHMARKS
from evaluator.data import BUILTIN
from tests.conftest import Cli
from tests.processes import started
from tests.stub import Fault, StubServer, random_faults
from tests.waiting import wait_until

BASICS = ("--model", "stub", "--data", "builtin", "--progress", "none")


def report(folder: Path) -> Any:
    return orjson.loads((folder / "report.json").read_bytes())


def outcomes(folder: Path) -> list[Any]:
    lines = (folder / "outcomes.jsonl").read_bytes().splitlines()
    return sorted(map(orjson.loads, lines), key=lambda o: (o["benchmark"], o["id"]))


def test_a_run_ends_in_a_table_and_its_files(cli: Cli, stub: StubServer, tmp_path: Path) -> None:
    done = cli("run", "arc", "ceval", "gsm8k", *BASICS, "--base-url", stub.base_url, "--limit", 20)

    assert done.returncode == 0, done.stderr
    for name in ("arc", "ceval", "gsm8k", "built-in samples", "60 requests sent"):
        assert name in done.stdout
    folder = tmp_path / "runs/stub"
    rows = report(folder)["benchmarks"]
    assert {name: row["samples"] for name, row in rows.items()} == dict.fromkeys(rows, 20)
    assert rows["arc"]["value"] == sum(o["target"] == "B" for o in outcomes(folder)[:20]) / 20
    assert {f.name for f in folder.iterdir()} == {
        "run.json",
        "responses.jsonl",
        "outcomes.jsonl",
        "samples.jsonl",
        "report.json",
        "report.md",
        "report.html",
        "report_samples",
    }


def test_a_reply_in_a_damaged_line_is_asked_for_again(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    words = ("run", "gsm8k", *BASICS, "--base-url", stub.base_url, "--out", "r")
    cli(*words)
    journal = tmp_path / "r/responses.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b'"text"', b"\0" * 6, 1))
    replayed = cli(*words, "--replay")
    again = cli(*words)

    assert "Traceback" not in replayed.stderr
    assert (replayed.returncode, again.returncode) == (3, 0)
    assert "passed over as if never answered: 1" in again.stdout
    assert stub.count == 31


def test_the_same_run_again_sends_nothing(cli: Cli, stub: StubServer, tmp_path: Path) -> None:
    words = ("run", "gsm8k", *BASICS, "--base-url", stub.base_url, "--out", "r")
    cli(*words)
    first = report(tmp_path / "r")
    again = cli(*words)

    assert again.returncode == 0
    assert stub.count == 30
    second = report(tmp_path / "r")
    assert second["benchmarks"] == first["benchmarks"]
    assert (second["serving"]["requests"], second["serving"]["replayed"]) == (0, 30)
    assert second["serving"]["output_tokens"] == first["serving"]["output_tokens"]


def test_a_server_that_is_gone_leaves_a_finished_report_as_it_was(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    words = ("run", "gsm8k", *BASICS, "--base-url", stub.base_url, "--out", "r")
    cli(*words)
    before = {file.name: file.read_bytes() for file in (tmp_path / "r").iterdir() if file.is_file()}
    stub.stop()
    again = cli(*words, "--limit", 20)

    assert again.returncode == 3
    assert {
        file.name: file.read_bytes() for file in (tmp_path / "r").iterdir() if file.is_file()
    } == before


def test_a_finished_run_is_replayed_without_any_server(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    words = ("run", "gsm8k", *BASICS, "--out", "r")
    missing = cli(*words, "--replay")
    cli(*words, "--base-url", stub.base_url)
    stub.stop()
    replayed = cli(*words, "--replay")

    assert missing.returncode == 3
    assert "run without --replay" in missing.stderr
    assert replayed.returncode == 0
    assert "30 replayed" in replayed.stdout


def test_killing_a_run_at_random_moments_loses_nothing(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    stub.reply = lambda body: f"Answer: {'ABCD'[len(body['messages'][0]['content']) % 4]}"
    words = ("run", "arc", "gsm8k", *BASICS, "--base-url", stub.base_url, "--concurrency", 4)
    cli(*words, "--out", "whole")
    asked_whole, stub.latency = stub.count, 0.03

    for moment in (random.Random(i).uniform(0.45, 0.9) for i in range(10)):
        command = [sys.executable, "-m", "evaluator", *map(str, words), "--out", "killed"]
        with started(command, cwd=tmp_path, stdout=subprocess.DEVNULL):
            time.sleep(moment)  # and it is killed
    done = cli(*words, "--out", "killed")

    assert done.returncode == 0, done.stderr
    assert outcomes(tmp_path / "killed") == outcomes(tmp_path / "whole")
    asked = [record["key"] for record in map(orjson.loads, _lines(tmp_path / "killed"))]
    assert len(asked) == len(set(asked)) == asked_whole
    assert stub.count - asked_whole <= asked_whole + 10 * 4  # only what was in flight, 4 each time


def _lines(folder: Path) -> list[bytes]:
    return (folder / "responses.jsonl").read_bytes().splitlines()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_says_how_to_go_on(
    stub: StubServer, tmp_path: Path, end: signal.Signals
) -> None:
    stub.latency = 0.3
    words = ("run", "gsm8k", *BASICS, "--base-url", stub.base_url, "--concurrency", "2")
    command = [sys.executable, "-m", "evaluator", *words]
    with started(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        wait_until(lambda: stub.count >= 3)
        process.send_signal(end)
        _, errors = process.communicate(timeout=20)

    assert process.returncode == 130
    assert "interrupted" in errors
    assert "evaluator run gsm8k --model stub" in errors
    assert "Traceback" not in errors
    assert report(tmp_path / "runs/stub")["benchmarks"]["gsm8k"]["planned"] == 30


def test_a_second_run_on_the_same_folder_is_refused(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    stub.latency = 0.3
    words = ("run", "gsm8k", *BASICS, "--base-url", stub.base_url, "--concurrency", "2")
    with started([sys.executable, "-m", "evaluator", *words], cwd=tmp_path):
        wait_until(lambda: stub.count >= 1)
        second = cli(*words)

    assert second.returncode == 2
    assert "another run is writing to 'runs/stub'" in second.stderr


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (("gsm9k", *BASICS, "--base-url", "URL"), 2, "did you mean 'gsm8k'?"),
        ((*BASICS, "--base-url", "URL"), 2, "name at least one benchmark"),
        (("gsm8k", *BASICS), 2, "no endpoint: give --base-url"),
        (("gsm9k",), 2, "did you mean 'gsm8k'?"),
        (("gsm8k", "--mode", "logprobs"), 2, "--mode logprobs is for multiple choice"),
        (("gsm8k", "--shots-as-turns", "--shots", "0"), 2, "no worked examples are shown"),
        (("gsm8k", "--audit-judge", "3"), 2, "--audit-judge: nothing to audit in this run"),
        (("alignbench",), 2, "alignbench needs a judge"),
        (("gsm8k", "--base-url", "URL"), 2, "--model is missing"),
        (("gsm8k", *BASICS, "--base-url", "http://127.0.0.1:1/v1"), 3, "is the server up"),
        (("gsm8k", *BASICS, "--base-url", "URL", "--model", "x"), 2, "it serves 'stub'"),
        (
            ("gsm8k", *BASICS, "--base-url", "URL", "--limit", "0"),
            2,
            "--limit '0': give a whole number of 1 or more",
        ),
        (("gsm8k", *BASICS, "--base-url", "URL", "--param", "hot"), 2, "is not KEY=VALUE"),
        (
            ("gsm8k", *BASICS, "--base-url", "URL", "--progress", "x"),
            2,
            "--progress 'x': give auto, live, plain or none",
        ),
        (("gsm8k", *BASICS, "--base-url", "URL", "--api-key-env", "NO"), 2, "'NO' is not set"),
        (("gsm8k", *BASICS, "--base-url", "URL", "--out", "/proc/x"), 2, "choose another --out"),
        (("gsm8k", *BASICS[:2], "--base-url", "URL", "--data-dir", "no"), 2, "no data folder"),
        (("gsm8k", *BASICS, "--base-url", "URL", "--config", "absent.toml"), 2, "cannot read"),
        (("gsm8k", *BASICS, "--base-url", "nonsense"), 2, "'nonsense' is not a URL"),
    ],
)
def test_a_mistake_gets_one_line_and_its_exit_code(
    cli: Cli, stub: StubServer, words: tuple[str, ...], code: int, complaint: str
) -> None:
    stub.models = ["stub"]
    done = cli("run", *(stub.base_url if word == "URL" else word for word in words))

    assert done.returncode == code
    assert complaint in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert stub.count == 0


def test_a_configuration_file_has_the_same_keys(cli: Cli, stub: StubServer, tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text(
        f'benchmarks = ["gsm8k"]\nmodel = "stub"\nbase-url = ["{stub.base_url}"]\n'
        'data = "builtin"\nlimit = 3\nprogress = "none"\n[param]\ntemperature = 0.5\n'
    )
    done = cli("run", "--config", "run.toml", "--limit", 5)

    assert done.returncode == 0, done.stderr
    assert stub.count == 5
    assert stub.requests[0].body["temperature"] == 0.5


def test_an_unknown_key_is_refused_with_the_nearest_one(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text('benchmark = ["gsm8k"]\n')
    done = cli("run", "--config", "run.toml")

    assert done.returncode == 2
    assert "unknown key 'benchmark'; did you mean 'benchmarks'?" in done.stderr


def test_errors_that_are_not_allowed_end_in_exit_code_1(cli: Cli, stub: StubServer) -> None:
    stub.faults = ["too_long"]
    words = ("run", "gsm8k", *BASICS, "--base-url", stub.base_url)
    strict = cli(*words, "--out", "a")
    stub.faults = lambda index, body: None if index % 2 else Fault("too_long")
    lenient = cli(*words, "--out", "b", "--max-errors", "0.9")

    assert strict.returncode == 1
    assert "gsm8k: 1 x status 400: This model's maximum context length" in _joined(strict.stdout)
    assert lenient.returncode == 0


def test_faults_that_pass_change_no_score_and_are_counted(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    stub.reply = lambda body: f"Answer: {'ABCD'[len(body['messages'][0]['content']) % 4]}"
    words = ("run", "arc", "gsm8k", *BASICS, "--base-url", stub.base_url, "--stream")
    cli(*words, "--out", "calm")
    kinds = (429, 500, 503, "reset", "cut", "html", "null_choices", "truncated", "stream_error")
    stub.faults = random_faults(0.3, kinds)
    done = cli(*words, "--out", "stormy")

    assert done.returncode == 0, done.stderr
    calm, stormy = outcomes(tmp_path / "calm"), outcomes(tmp_path / "stormy")
    assert calm == stormy
    faults = report(tmp_path / "stormy")["serving"]["faults"]
    assert sum(faults.values()) == stub.count - 2 * len(calm) > 0
    assert "asked again" in done.stdout


def test_a_full_disk_stops_with_a_clear_line_and_keeps_the_answers(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    words = ["run", "gsm8k", *BASICS, "--base-url", stub.base_url, "--out", "r"]
    # No file may grow beyond 8 KiB: what a full disk looks like to the process.
    limited = f"ulimit -f 8; exec {shlex.join([sys.executable, '-m', 'evaluator', *words])}"
    full = subprocess.run(["bash", "-c", limited], cwd=tmp_path, capture_output=True, text=True)
    kept = len(_lines(tmp_path / "r"))
    done = cli(*words)

    assert full.returncode == 1
    assert "cannot write to" in full.stderr
    assert "make room and run the same command again" in full.stderr
    assert "Traceback" not in full.stderr
    assert kept > 5
    assert done.returncode == 0, done.stderr
    assert report(tmp_path / "r")["serving"]["replayed"] == kept


def test_a_wrong_key_stops_with_one_line(cli: Cli, stub: StubServer) -> None:
    stub.api_key = "right"
    done = cli("run", "gsm8k", *BASICS, "--base-url", stub.base_url)

    assert done.returncode == 3
    assert "refuses the API key" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert stub.count == 0


def test_the_sdk_transport_gives_the_same_outcomes(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    words = ("run", "arc", *BASICS, "--base-url", stub.base_url)
    cli(*words, "--out", "wire")
    done = cli(*words, "--out", "sdk", "--transport", "sdk", "--concurrency", 8)

    assert done.returncode == 0, done.stderr
    assert outcomes(tmp_path / "wire") == outcomes(tmp_path / "sdk")
    assert orjson.loads((tmp_path / "sdk/run.json").read_bytes())["transport"] == ["sdk"]


def _joined(text: str) -> str:
    return " ".join(text.split())


def test_a_dry_run_shows_the_first_prompts_and_sends_nothing(cli: Cli, stub: StubServer) -> None:
    words = ("gsm8k", "ceval", *BASICS, "--base-url", stub.base_url, "--limit", 7)
    done = cli("run", *words, "--dry-run", "--shots", 1)

    rows = (BUILTIN / "openai/gsm8k/main/test.jsonl").read_bytes().splitlines()
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("14 requests to 'stub'")
    assert orjson.loads(rows[0])["question"] in done.stdout
    assert stub.count == len(stub.probes) == 0


def test_the_servers_that_launch_started_are_used(
    cli: Cli, stub: StubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = {"role": "model", "model": "stub", "base_url": stub.base_url}
    (tmp_path / "endpoints.json").write_bytes(orjson.dumps({"endpoints": [entry]}))
    monkeypatch.setenv("EVALUATOR_ENDPOINTS", str(tmp_path / "endpoints.json"))

    done = cli("run", "gsm8k", "--data", "builtin", "--progress", "none")
    other = cli("run", "gsm8k", "--model", "other", "--data", "builtin")

    assert done.returncode == 0, done.stderr
    assert stub.count == 30
    assert other.returncode == 2
    assert "there are 'stub' (model)" in other.stderr


def test_an_api_key_reaches_the_server_and_no_file(
    cli: Cli, stub: StubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub.api_key = "sk-very-secret"
    monkeypatch.setenv("SOME_KEY", "sk-very-secret")
    words = ("run", "gsm8k", *BASICS, "--base-url", stub.base_url, "--api-key-env", "SOME_KEY")
    done = cli(*words)

    assert done.returncode == 0, done.stderr
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert files
    assert not [file for file in files if b"sk-very-secret" in file.read_bytes()]
    assert "sk-very-secret" not in done.stdout + done.stderr


def test_list_and_report_show_what_there_is(cli: Cli, stub: StubServer, tmp_path: Path) -> None:
    cli("run", "gsm8k", *BASICS, "--base-url", stub.base_url)
    (tmp_path / "runs/stub/report.json").unlink()

    listed = cli("list").stdout
    for benchmark in BENCHMARKS.values():
        for fact in (benchmark.name, f"{benchmark.size:,}", benchmark.licence, benchmark.paper):
            assert fact in listed
    assert max(map(len, listed.splitlines())) <= 80
    assert "gsm8k" in cli("report", "runs/stub").stdout
    assert (tmp_path / "runs/stub/report.json").exists()
    assert cli("report", "runs/absent").returncode == 2


def test_progress_in_a_log_is_a_plain_line(cli: Cli, stub: StubServer) -> None:
    stub.latency = 0.2
    done = cli(
        "run",
        "gsm8k",
        "--model",
        "stub",
        "--data",
        "builtin",
        "--base-url",
        stub.base_url,
        "--concurrency",
        4,
    )

    assert "gsm8k 30/30" in done.stderr
    assert "requests/s" in done.stderr
    assert "\x1b" not in done.stderr + done.stdout


def test_help_is_quick_and_heavy_libraries_stay_out() -> None:
    code = "import sys, evaluator.cli; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout

    heavy = {"aiohttp", "datasets", "jinja2", "numpy", "openai", "pydantic", "rich.live", "scipy"}
    assert not heavy & set(loaded.split())
    assert "evaluator.cli" in loaded.split()
