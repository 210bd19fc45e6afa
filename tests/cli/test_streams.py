"""Exit codes and tables hold whatever reads them: a closed pipe, another encoding, a full disk."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.benchmarks.test_alignbench import agreeable
from tests.conftest import Cli
from tests.processes import started
from tests.stub import StubServer
from tests.waiting import wait_until
from tests.written_runs import Said, write_run

BASICS = ("--model", "stub", "--data", "builtin", "--progress", "none", "--limit", "8")
GONE = {
    "list": ["list"],
    "help": ["--help"],
    "help of a command": ["run", "--help"],
    "report": ["report", "a"],
    "compare": ["compare", "a", "b"],
    "a mistake": ["report", "nothing"],
}


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Two runs, called a and b, with a name and a reply in Chinese."""
    for name in "ab":
        said = [Said(str(i), text="答案：B", group="逻辑推理") for i in range(20)]
        write_run(tmp_path / name, said, categories={"逻辑推理": "中文推理"})
    return tmp_path


def evaluator(
    *words: str, cwd: Path, environment: dict[str, str] | None = None, **streams: Any
) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "evaluator", *words]
    told = {**os.environ, **(environment or {})}
    return subprocess.run(command, cwd=cwd, env=told, timeout=60, **streams)


def code_without_a_reader(cwd: Path, *words: str, unbuffered: str = "") -> tuple[int, str]:
    """The exit code where nobody reads what is printed, and what the other stream says."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = evaluator(
            *words,
            cwd=cwd,
            environment={"PYTHONUNBUFFERED": unbuffered},
            stdout=writing,
            stderr=subprocess.PIPE,
        )
    finally:
        os.close(writing)
    return done.returncode, done.stderr.decode()


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("name", GONE)
def test_a_reader_that_has_gone_changes_no_exit_code(
    name: str, unbuffered: str, runs: Path
) -> None:
    code, said = code_without_a_reader(runs, *GONE[name], unbuffered=unbuffered)

    assert code == (2 if name == "a mistake" else 0)
    assert "Traceback" not in said
    assert "Exception" not in said


def test_nor_that_of_a_run_of_an_arena_of_scores_and_of_a_throughput_run(
    stub: StubServer, tmp_path: Path
) -> None:
    at = ("--base-url", stub.base_url)
    judge = ("--judge-model", "stub", "--judge-base-url", stub.base_url)
    stub.reply = lambda body: "[[A]]" if "[[A]]" in str(body["messages"]) else "Answer: B"
    (tmp_path / "r.jsonl").write_text('{"id": "0", "response": "Answer: 1"}')
    load = ("--concurrency", "1", "--requests", "2", "--repeats", "1", "--out", "perf")
    commands = {
        ("run", "arc", *BASICS, *at, "--out", "a"): 0,
        ("run", "arc", *BASICS, *at, "--out", "b", "--param", "seed=2"): 0,
        ("run", "arc", *BASICS, *at, "--out", "a", "--replay"): 0,
        ("run", "arc", *BASICS, *at, "--out", "a", "--dry-run"): 0,
        ("arena", "a", "b", *judge, "--max-errors", "20"): 0,
        ("score", "gsm8k", "--responses", "r.jsonl", "--data", "builtin"): 1,
        ("perf", "--model", "stub", *at, *load): 0,
        ("report", "perf"): 0,
    }

    for words, expected in commands.items():
        code, said = code_without_a_reader(tmp_path, *words)
        assert (words[0], code) == (words[0], expected), said
        assert "Traceback" not in said
    assert (tmp_path / "runs/arena/arena.md").exists()
    assert (tmp_path / "perf/perf.md").exists()


@pytest.mark.parametrize(
    "pauses", [[0.0], [0.05], [0.4], [1.0], [0.0] * 20, [0.001] * 40, [0.01] * 100]
)
def test_an_interrupt_pressed_again_and_again_is_an_interrupt(
    stub: StubServer, tmp_path: Path, pauses: Sequence[float]
) -> None:
    stub.latency = 0.2
    words = ("run", "gsm8k", *BASICS[:-2], "--base-url", stub.base_url, "--concurrency", "2")
    command = [sys.executable, "-m", "evaluator", *words]
    with started(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        wait_until(lambda: stub.count >= 3)
        process.send_signal(signal.SIGINT)
        for pause in pauses:
            time.sleep(pause)
            process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)

    assert process.returncode == 130, said
    assert said.count("error: interrupted") == 1
    assert "Traceback" not in said
    assert (tmp_path / "runs/stub/report.html").exists()


def is_read(fifo: Path) -> bool:
    """Whether a process reads the pipe, which then stays open for it."""
    try:
        os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return False
    return True


def test_an_interrupt_outside_of_a_run_is_one_too(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "q.toml")  # whoever reads it waits
    command = [sys.executable, "-m", "evaluator", "run", "--config", "q.toml"]
    with started(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        wait_until(lambda: is_read(tmp_path / "q.toml") or process.poll() is not None)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)

    assert (process.returncode, said.startswith("error: interrupted")) == (130, True), said


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "gbk", "utf-8:strict"])
def test_a_terminal_of_another_encoding_gets_a_table(encoding: str, runs: Path) -> None:
    for words in (["report", "a"], ["compare", "a", "b"], ["list"], ["run", "--help"]):
        done = evaluator(
            *words,
            cwd=runs,
            environment={"PYTHONIOENCODING": encoding},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

        assert done.returncode == 0, done.stderr
        text = done.stdout.decode(encoding.partition(":")[0])
        if words == ["report", "a"]:
            known = encoding in ("gbk", "utf-8:strict")
            name = "中文推理" if known else r"\u4e2d\u6587\u63a8\u7406"
            assert name in "".join(text.split())


def test_a_judge_that_speaks_chinese_on_a_terminal_that_does_not(
    stub: StubServer, tmp_path: Path
) -> None:
    stub.reply = agreeable
    words = ("run", "alignbench", *BASICS, "--base-url", stub.base_url, "--judge-model", "self")
    done = evaluator(
        *words,
        cwd=tmp_path,
        environment={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )

    assert done.returncode == 0, done.stderr
    assert b"8 replayed" not in done.stdout
    assert b"alignbench" in done.stdout


def test_a_full_disk_behind_the_output_is_said_and_costs_nothing(runs: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = evaluator("report", "a", cwd=runs, stdout=full, stderr=subprocess.PIPE)

    assert done.returncode == 0
    assert done.stderr.endswith(b"output was lost: No space left on device\n")


def test_output_that_is_closed_is_no_mistake(runs: Path) -> None:
    command = f"{sys.executable} -m evaluator report a >&- 2>&-"

    assert subprocess.run(["sh", "-c", command], cwd=runs, check=False).returncode == 0


@pytest.mark.parametrize("encoding", ["gbk", "utf-16"])
def test_a_recipe_of_another_encoding_is_a_line(encoding: str, cli: Cli, tmp_path: Path) -> None:
    text = '# 配置\nbenchmarks = ["arc"]\nsystem = "请用中文回答"\n'
    (tmp_path / "r.toml").write_bytes(text.encode(encoding))
    done = cli("run", "--config", "r.toml", *BASICS)

    assert done.returncode == 2
    assert done.stderr.startswith("error: r.toml: not UTF-8")
    assert len(done.stderr.splitlines()) == 1


def test_a_recipe_may_begin_with_a_byte_order_mark(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    (tmp_path / "r.toml").write_bytes('benchmarks = ["arc"]\n'.encode("utf-8-sig"))
    done = cli("run", "--config", "r.toml", *BASICS, "--base-url", stub.base_url)

    assert done.returncode == 0, done.stderr


def test_a_cell_of_200_000_characters_is_read(cli: Cli, stub: StubServer, tmp_path: Path) -> None:
    long = "word " * 40_000
    (tmp_path / "q.csv").write_text(f'question,answer\n"{long}What?",B\n')
    words = ("run", "qa:q.csv", *BASICS, "--base-url", stub.base_url, "--out", "r")
    stub.max_model_len = 10**6
    done = cli(*words)

    assert done.returncode == 0, done.stderr
    assert len(stub.requests[0].body["messages"][0]["content"]) > 200_000
    assert orjson.loads((tmp_path / "r/report.json").read_bytes())["benchmarks"]["qa:q.csv"][
        "value"
    ]
