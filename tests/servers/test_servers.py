"""What a user does with an endpoint, on real servers other than vLLM."""

import re
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.servers.conftest import Evaluate
from tests.servers.running import Server

pytestmark = pytest.mark.servers
PATIENCE = 600.0
BRIEF = ("--shots", "0", "--data", "builtin", "--progress", "none")
EIGHT = ("--param", "max_tokens=8")


@dataclass(frozen=True, slots=True)
class Done:
    code: int
    said: str
    complained: str


def ended(process: "subprocess.Popen[str]") -> Done:
    said, complained = process.communicate(timeout=PATIENCE)
    return Done(process.returncode, said, complained)


def report(folder: Path) -> Any:
    return orjson.loads((folder / "report.json").read_bytes())


def test_every_sample_is_measured_and_a_second_time_nothing_is_sent(
    start: Evaluate, tmp_path: Path
) -> None:
    words = ("run", "gsm8k", "arc", "--limit", "2", *BRIEF, *EIGHT, "--out", "r")
    done = ended(start(*words))
    first = report(tmp_path / "r")
    again = ended(start(*words))
    second = report(tmp_path / "r")

    assert done.code == again.code == 0, done.said + done.complained
    for row in first["benchmarks"].values():
        assert (row["samples"], row["errors"]) == (2, 0)
    assert 4 < first["serving"]["output_tokens"] <= 4 * 8
    assert (second["serving"]["requests"], second["serving"]["replayed"]) == (0, 4)
    assert second["benchmarks"] == first["benchmarks"]


def test_a_streamed_reply_is_timed_token_by_token(start: Evaluate, tmp_path: Path) -> None:
    done = ended(start("run", "gsm8k", "--limit", "2", "--stream", *BRIEF, *EIGHT, "--out", "r"))

    assert done.code == 0, done.said + done.complained
    serving = report(tmp_path / "r")["serving"]
    assert report(tmp_path / "r")["benchmarks"]["gsm8k"]["errors"] == 0
    assert 0 < serving["ttft"]["p50"] < serving["latency"]["p50"]


@pytest.mark.parametrize("mode", ["logprobs", "likelihood"])
def test_a_mode_works_or_is_refused_in_one_line(
    server: Server, start: Evaluate, tmp_path: Path, mode: str
) -> None:
    done = ended(start("run", "arc", "--limit", "2", "--mode", mode, *BRIEF, "--out", "r"))

    if server.logprobs:
        assert done.code == 0, done.said + done.complained
        row = report(tmp_path / "r")["benchmarks"]["arc"]
        assert (row["samples"], row["errors"]) == (2, 0)
        return
    assert done.code == 2, done.said + done.complained
    (line,) = done.complained.splitlines()
    assert line.startswith("error: ")
    assert "--mode" in line


def test_an_answer_is_judged_by_the_model_itself_or_counted(
    start: Evaluate, tmp_path: Path
) -> None:
    judge = ("--judge-model", "self", "--judge-param", "max_tokens=16")
    done = ended(start("run", "alignbench", "--limit", "1", *BRIEF, *EIGHT, *judge, "--out", "r"))

    row = report(tmp_path / "r")["benchmarks"]["alignbench"]
    assert (row["samples"], row["errors"]) == (1, 0), done.said
    assert row["scored"] + row["judge_unparsed"] == 1
    assert done.code == int(row["judge_unparsed"] > 0)
    assert any("self-judged" in line for line in row["about"])


def test_its_speed_is_measured(start: Evaluate, tmp_path: Path) -> None:
    load = ("--concurrency", "1", "--requests", "3", "--output-tokens", "4")
    words = ("--prompt-tokens", "60", "--repeats", "1", "--progress", "none", "--out", "p")
    done = ended(start("perf", *load, *words))

    assert done.code == 0, done.said + done.complained
    (point,) = orjson.loads((tmp_path / "p/perf.json").read_bytes())["points"]
    assert point["failed"] == 0
    assert 0 < point["ttft"]["p50"] < point["latency"]["p50"]


def test_check_tells_what_it_can_do(server: Server, start: Evaluate) -> None:
    done = ended(start("check"))

    assert done.code == 0, done.said + done.complained
    works = dict(re.findall(r"^(\S[\w /]*?)  +(yes|no)\b", done.said, re.MULTILINE))
    expected = {
        "models": server.lists_models,
        "chat": True,
        "completions": True,
        "logprobs": server.logprobs,
        "echo": server.logprobs,
        "streaming": True,
    }
    assert {what: works[what] == "yes" for what in expected} == expected, done.said


def test_an_interrupted_run_goes_on_where_it_stopped(start: Evaluate, tmp_path: Path) -> None:
    words = ("run", "gsm8k", "--limit", "6", "--concurrency", "1", *BRIEF, *EIGHT, "--out", "r")
    process, journal = start(*words), tmp_path / "r/responses.jsonl"
    until = time.monotonic() + PATIENCE
    while not (journal.exists() and journal.stat().st_size):
        assert process.poll() is None and time.monotonic() < until
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    stopped = ended(process)
    kept = len(journal.read_bytes().splitlines())
    done = ended(start(*words))

    assert stopped.code == 130, stopped.complained
    assert "Traceback" not in stopped.complained
    assert done.code == 0, done.said + done.complained
    serving = report(tmp_path / "r")["serving"]
    assert 0 < kept < 6
    assert (serving["replayed"], serving["requests"]) == (kept, 6 - kept)
