"""A server that dies while COMMAND runs, and a launcher that is killed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.launch.launching import (
    Launch,
    living,
    python,
    server_pids,
    starts_of,
    wait_until,
)

# Kills its server as often as KILLS says, and waits to be told; else notes that all is well.
KILL = """
import json, os, signal, sys, time
(endpoint,) = json.load(open(os.environ["EVALUATOR_ENDPOINTS"]))["endpoints"]
starts = [line.split() for line in open("timeline") if line.startswith("start")]
starts = [words for words in starts if words[2] == endpoint["model"]]
if len(starts) <= int(os.environ.get("KILLS", "1")):
    os.kill(int(starts[-1][1]), signal.SIGKILL)
    while not os.path.exists(endpoint["died"]):
        time.sleep(0.02)
    print(open(endpoint["died"]).read())
    sys.exit(int(os.environ.get("CODE", "3")))
print("measured")
"""


@pytest.fixture
def with_server(launch: Launch) -> Launch:
    """`launch with --model tiny WORDS...` on the fake vLLM."""

    def start(*words: str, **variables: str) -> subprocess.Popen[str]:
        return launch(
            "with", "--model", "tiny", "--vllm-python", "./fake-python", *words, **variables
        )

    return start


def test_a_command_is_told_of_the_death_and_run_again_beside_a_new_server(
    with_server: Launch, tmp_path: Path
) -> None:
    process = with_server(*python(KILL))
    output, messages = process.communicate(timeout=60)

    assert process.returncode == 0, messages
    told, measured = output.splitlines()
    assert "killed by another process" in told and "runs/logs/tiny-" in told
    assert measured == "measured"
    assert "the server died meanwhile: killed by another process" in messages
    assert len(list((tmp_path / "runs/logs").glob("tiny-*.log"))) == 2  # the first tells why
    assert living(server_pids(tmp_path)) == []


def test_a_server_that_dies_again_is_not_started_a_third_time(
    with_server: Launch, tmp_path: Path
) -> None:
    process = with_server("--failure", "why", *python(KILL), KILLS="9")
    _, messages = process.communicate(timeout=60)

    assert process.returncode == 3
    assert starts_of(tmp_path, "tiny") == 2
    assert "the server died 2 times, at last: killed by another process" in messages
    assert (tmp_path / "why").read_text() in messages


@pytest.mark.parametrize("code", ["0", "2"])
def test_a_command_that_needs_no_server_any_more_is_not_run_again(
    with_server: Launch, tmp_path: Path, code: str
) -> None:
    process = with_server(*python(KILL), CODE=code)
    process.communicate(timeout=60)

    assert process.returncode == int(code)
    assert starts_of(tmp_path, "tiny") == 1


def test_the_summary_of_several_models_names_the_cause_and_the_log(
    launch: Launch, tmp_path: Path
) -> None:
    words = ("each", "--models", "a,b", "--gpus", "0,1", "--vllm-python", "./fake-python")
    process = launch(*words, *python(KILL), KILLS="99")
    _, messages = process.communicate(timeout=60)

    lines = [line for line in messages.splitlines() if line.startswith(("a ", "b "))][-2:]
    assert process.returncode == 3
    assert len(lines) == 2
    assert all("no server (exit code 3): the server died 2 times" in line for line in lines)
    assert all("log" in line and "runs/logs/" in line for line in lines)


STAY = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])
with open("command", "w") as file:
    print(os.getpid(), child.pid, file=file, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("gpus", [(), ("--gpus", "0,1")])
def test_a_command_does_not_outlive_a_launcher_that_is_killed(
    launch: Launch, tmp_path: Path, gpus: tuple[str, ...]
) -> None:
    verb = ("each", "--models") if gpus else ("with", "--model")
    process = launch(*verb, "tiny", *gpus, "--vllm-python", "./fake-python", *python(STAY))
    command = tmp_path / "command"
    wait_until(lambda: command.exists() and len(command.read_text().split()) == 2)
    pids = [*map(int, command.read_text().split()), *server_pids(tmp_path)]
    before = living(pids)
    process.kill()

    assert len(before) == 4
    wait_until(lambda: not living(pids))


# The stub in place of vLLM. The first one is killed as soon as three replies are in the journal.
MORTAL_VLLM = f"""#!{sys.executable}
import os, signal, sys, time
from pathlib import Path

if sys.argv[1] == "-c" or sys.argv[1].endswith("hub_snapshot.py"):
    sys.exit(0)
first = not Path("started").exists()
Path("started").touch()
journal = Path("runs/one/responses.jsonl")
if first and not os.fork():
    while not (journal.exists() and journal.read_text().count("\\n") >= 3):
        time.sleep(0.01)
    os.kill(os.getppid(), signal.SIGKILL)
    os._exit(0)
flag = lambda name: sys.argv[sys.argv.index(name) + 1]
words = ["--port", flag("--port"), "--model", flag("--served-model-name"), "--latency", "0.05"]
os.execv(sys.executable, [sys.executable, "-m", "tests.stub", *words])
"""


def test_the_evaluator_ends_at_once_and_goes_on_beside_the_new_server(
    launch: Launch, tmp_path: Path
) -> None:
    fake = tmp_path / "mortal-vllm"
    fake.write_text(MORTAL_VLLM)
    fake.chmod(0o755)
    args = "--args=--progress none --data builtin --no-smoke --concurrency 1"
    words = ("eval", "--model=one", "--benchmarks=arc", "--limit=12", args)
    process = launch(*words, f"--vllm-python={fake}")
    _, messages = process.communicate(timeout=120)  # it would wait for 300 s

    report = json.loads((tmp_path / "runs/one/report.json").read_text())
    assert process.returncode == 0, messages
    assert report["benchmarks"]["arc"]["samples"] == 12
    assert "died: killed by another process" in messages  # the evaluator says it too
    assert len((tmp_path / "runs/one/responses.jsonl").read_text().splitlines()) == 12
