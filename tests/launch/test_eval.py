"""`launch eval` and `launch perf` from end to end: the stub takes the place of vLLM."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.launch.launching import ROOT, Launch, wait_until
from tests.stub import StubServer

STUB_VLLM = f"""#!{sys.executable}
import json, os, sys

if sys.argv[1] == "-c" or sys.argv[1].endswith("hub_snapshot.py"):  # what is there already
    sys.exit(0)
open("starts", "a").write("start\\n")
flag = lambda name: sys.argv[sys.argv.index(name) + 1]
words = ["--port", flag("--port"), "--model", flag("--served-model-name")]
adapters = [json.loads(word)["name"] for word in sys.argv if word.startswith("{{")]
words += [word for name in adapters for word in ("--model", name)]
os.execv(sys.executable, [sys.executable, "-m", "tests.stub", *words])
"""
QUIET = "--progress none --data builtin --no-smoke"


@pytest.fixture
def stub_vllm(tmp_path: Path) -> Path:
    """Where `launch` looks for vLLM's Python by itself."""
    python = tmp_path / ".venv-vllm/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(STUB_VLLM, encoding="utf-8")
    python.chmod(0o755)
    return python


def starts(directory: Path) -> int:
    path = directory / "starts"
    return len(path.read_text().splitlines()) if path.exists() else 0


def test_models_are_served_measured_and_compared_once(
    launch: Launch, stub_vllm: Path, tmp_path: Path
) -> None:
    words = ("eval", "--models=one two", "--benchmarks=arc", "--limit=3", f"--args={QUIET}")
    install = f'--install={sys.executable} -c \'open("prepared", "w").close()\''
    process = launch(*words, install)
    _, messages = process.communicate()
    again = launch(*words, "--install=false")
    repeated, _ = again.communicate()

    assert process.returncode == 0, messages
    assert (tmp_path / "prepared").exists()
    assert starts(tmp_path) == 2  # and none the second time
    for model in ("one", "two"):
        report = json.loads((tmp_path / "runs" / model / "report.json").read_text())
        assert report["benchmarks"]["arc"]["samples"] == 3
    assert list((tmp_path / "runs").glob("compare-*"))
    assert again.returncode == 0
    assert "one" in repeated and "two" in repeated
    assert messages.count("no process of it is left") == 2


def test_one_judge_judges_the_answers_of_all_models(
    launch: Launch, stub_vllm: Path, tmp_path: Path
) -> None:
    words = ("eval", "--models=one two", "--benchmarks=alignbench", "--judge=j", "--limit=2")
    process = launch(*words, f"--args={QUIET}")
    _, messages = process.communicate(timeout=120)

    assert process.returncode == 1, messages  # the stub's verdicts cannot be read
    assert starts(tmp_path) == 3  # the judge once
    for model in ("one", "two"):
        row = json.loads((tmp_path / "runs" / model / "report.json").read_text())["benchmarks"]
        assert row["alignbench"]["judge_unparsed"] == 2


def test_a_server_that_cannot_be_installed_is_told(
    launch: Launch, stub_vllm: Path, tmp_path: Path
) -> None:
    process = launch(
        *("eval", "--model=one", "--benchmarks=arc", "--limit=3", f"--args={QUIET}"),
        "--install=false",
    )
    _, messages = process.communicate()

    assert process.returncode == 3
    assert "'false cpu' ended with exit code 1" in messages
    assert starts(tmp_path) == 0


def test_the_evaluators_mistakes_end_it_before_a_server_starts(
    launch: Launch, stub_vllm: Path, tmp_path: Path
) -> None:
    process = launch("eval", "--model=one", "--benchmarks=nonsense", f"--args={QUIET}")
    _, messages = process.communicate()

    assert process.returncode == 2
    assert "'nonsense'" in messages
    assert starts(tmp_path) == 0


def test_configurations_of_a_server_are_measured_in_turn(
    launch: Launch, stub_vllm: Path, tmp_path: Path
) -> None:
    (tmp_path / "perf.toml").write_text('[[server]]\nname = "a"\n[[server]]\nname = "b"\n')
    load = "--concurrency 1 --requests 2 --prompt-tokens 32 --output-tokens 4 --progress none"
    process = launch("perf", "--model=one", "--configs=perf.toml", "--out=speed", f"--args={load}")
    _, messages = process.communicate()

    assert process.returncode == 0, messages
    points = json.loads((tmp_path / "speed/perf.json").read_text())["points"]
    assert {point["arm"] for point in points} == {"a", "b"}
    assert starts(tmp_path) == 4


def test_the_help_fits_in_eighty_columns(launch: Launch) -> None:
    verbs = ("eval", "perf", "with", "each", "turns", "up", "down", "status")
    shown = [launch("--help", COLUMNS="80").communicate()[0]]
    shown += [launch(verb, "--help", COLUMNS="80").communicate()[0] for verb in verbs]

    assert all(verb in shown[0] for verb in verbs)
    assert max(len(line) for text in shown for line in text.splitlines()) <= 80


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("wth",), "invalid choice: 'wth'"),
        (("eval", "--limits=3"), "unrecognized arguments: --limits=3"),
        (("eval", "model"), "'model' is no option"),
        (("up",), "--model"),
        (("up", "--model", "m", "--port", "0"), "'0' is no port number"),
        (("turns", "--config", "c", "--rounds", "0"), "'0' is no positive number"),
        (("with", "--model", "m", "--startup-timeout", "-1"), "'-1' is no number of seconds"),
        (("down", "a", "b"), "no server 'a'"),
        (("down",), "a NAME or --all"),
        (("up", "--model", "m", "--tp", "0"), "'0' is no positive number"),
    ],
)
def test_a_mistake_on_the_command_line_is_one_line(
    launch: Launch, words: tuple[str, ...], message: str
) -> None:
    process = launch(*words)
    _, messages = process.communicate()

    assert process.returncode == 2
    assert message in messages
    assert len(messages.splitlines()) == 1


WINDOWS = """
import runpy, sys
sys.platform = "win32"
for name in ("fcntl", "pwd", "grp", "termios"):
    sys.modules[name] = None
runpy.run_module("launch", run_name="__main__")
"""


def test_on_windows_one_line_says_what_to_use(tmp_path: Path) -> None:

    done = subprocess.run(
        [sys.executable, "-c", WINDOWS], cwd=ROOT, capture_output=True, text=True, timeout=60
    )

    assert done.returncode == 2
    assert "WSL 2" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_evaluator_in_order(
    launch: Launch, stub: StubServer, tmp_path: Path, number: signal.Signals
) -> None:
    """With servers that run already, `launch` becomes the evaluator."""
    stub.models, stub.latency = ["one"], 60.0
    words = ("eval", "--model=one", "--benchmarks=arc", "--limit=3", f"--args={QUIET}")
    process = launch(*words, f"--endpoint={stub.base_url}")
    wait_until(lambda: stub.count)
    os.killpg(process.pid, number)
    _, messages = process.communicate(timeout=60)

    assert process.returncode == 130, messages  # the evaluator's own code for both
    assert "Traceback" not in messages
    assert (tmp_path / "runs/one/report.json").exists()
