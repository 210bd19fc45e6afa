"""The life of a server, from the command line: a small fake takes the place of vLLM's Python."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from launch.processes import process_tree
from tests.launch.launching import Launch, living, python, server_pids, wait_until


@pytest.fixture
def with_server(launch: Launch, tmp_path: Path) -> Launch:
    """`launch with --model tiny WORDS...` on the fake vLLM."""

    def start(*words: str, **variables: str) -> subprocess.Popen[str]:
        fake = ("--vllm-python", str(tmp_path / "fake-python"))
        return launch("with", "--model", "tiny", *fake, *words, **variables)

    return start


SHOW_ENDPOINTS = """
import os
print(open(os.environ["EVALUATOR_ENDPOINTS"]).read())
raise SystemExit(7)
"""


def test_a_command_finds_its_server_and_nothing_is_left(
    with_server: Launch, tmp_path: Path
) -> None:
    process = with_server("--role", "judge", *python(SHOW_ENDPOINTS))
    output, messages = process.communicate()

    (endpoint,) = json.loads(output)["endpoints"]
    assert process.returncode == 7  # COMMAND's own
    assert (endpoint["role"], endpoint["model"]) == ("judge", "tiny")
    assert endpoint["base_url"].startswith("http://127.0.0.1:")
    assert "runs/logs/tiny-" in messages
    assert len(server_pids(tmp_path)) == 2
    assert living(server_pids(tmp_path)) == []


def test_a_reader_of_the_messages_that_has_gone_ends_nothing(
    with_server: Launch, tmp_path: Path
) -> None:
    process = with_server(*python("print('all of it')"))
    assert process.stderr
    process.stderr.close()
    output, _ = process.communicate()

    assert (process.returncode, output) == (0, "all of it\n")
    assert living(server_pids(tmp_path)) == []


def test_a_nested_with_adds_its_server_to_the_outer_ones(
    with_server: Launch, tmp_path: Path
) -> None:
    inner = ("--model", "small", "--role", "judge", "--vllm-python", str(tmp_path / "fake-python"))
    command = (sys.executable, "-m", "launch", "with", *inner, *python(SHOW_ENDPOINTS))
    process = with_server("--", *command)
    output, _ = process.communicate()

    found = [(each["role"], each["model"]) for each in json.loads(output)["endpoints"]]
    assert found == [("model", "tiny"), ("judge", "small")]
    assert living(server_pids(tmp_path)) == []


def test_a_server_that_dies_shows_its_last_words_and_the_cause(
    with_server: Launch, tmp_path: Path
) -> None:
    process = with_server(*python(""), FAKE_MODE="dies")
    _, messages = process.communicate()

    assert process.returncode == 3
    assert "exit code 1: out of memory" in messages
    assert "RuntimeError: CUDA out of memory." in messages
    assert "Traceback" not in messages
    assert living(server_pids(tmp_path)) == []


def test_a_server_that_names_another_model_is_refused(with_server: Launch) -> None:
    process = with_server(*python(""), FAKE_MODE="stranger")
    _, messages = process.communicate()

    assert process.returncode == 3
    assert "names ['stranger'], not 'tiny'" in messages


def test_a_server_that_takes_too_long_is_given_up(with_server: Launch, tmp_path: Path) -> None:
    process = with_server("--startup-timeout", "0.4", *python(""), FAKE_MODE="loads")
    _, messages = process.communicate()

    assert process.returncode == 3
    assert "not ready after 0.4 s" in messages
    assert living(server_pids(tmp_path)) == []


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_while_loading_leaves_no_process(
    with_server: Launch, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    process = with_server(*python(""), FAKE_MODE="loads")
    wait_until(lambda: len(server_pids(tmp_path)) == 2)
    os.killpg(process.pid, number)
    _, messages = process.communicate()

    assert process.returncode == code
    assert f"stopped by {number.name}" in messages
    assert living(server_pids(tmp_path)) == []


WAIT_FOR_SIGNAL = """
import os, signal, sys, time
def leave(number, frame):
    assert os.path.exists(os.environ["EVALUATOR_ENDPOINTS"])
    sys.exit(40 + number)
signal.signal(signal.SIGINT, leave)
signal.signal(signal.SIGTERM, leave)
open("running", "w").close()
time.sleep(60)
"""


def test_ctrl_c_lets_the_command_end_by_itself(with_server: Launch, tmp_path: Path) -> None:
    process = with_server(*python(WAIT_FOR_SIGNAL))
    wait_until((tmp_path / "running").exists)
    os.killpg(process.pid, signal.SIGINT)
    process.communicate()

    assert process.returncode == 40 + signal.SIGINT
    assert living(server_pids(tmp_path)) == []


def test_sigterm_is_passed_on_to_the_command(with_server: Launch, tmp_path: Path) -> None:
    process = with_server(*python(WAIT_FOR_SIGNAL))
    wait_until((tmp_path / "running").exists)
    process.terminate()
    process.communicate()

    assert process.returncode == 40 + signal.SIGTERM
    assert living(server_pids(tmp_path)) == []


def test_the_server_does_not_outlive_a_launcher_that_is_killed(
    with_server: Launch, tmp_path: Path
) -> None:
    process = with_server(*python(WAIT_FOR_SIGNAL))
    wait_until((tmp_path / "running").exists)
    before = living(server_pids(tmp_path))
    process.kill()
    wait_until(lambda: not living(before))

    assert before
    assert not living(server_pids(tmp_path))


@pytest.mark.parametrize(
    ("words", "variables", "code", "message"),
    [
        (("--", "no-such-program"), {}, 2, "no program 'no-such-program'"),
        (("--log", "/dev/null/x", *python("")), {"FAKE_CARDS": " "}, 2, "cannot be written"),
        (python(""), {"EVALUATOR_ENDPOINTS": "missing.json"}, 2, "EVALUATOR_ENDPOINTS names"),
        (("--gpus", "0", *python("")), {"FAKE_MISSING": "1"}, 3, "pip install .[vllm]"),
        (python(""), {"FAKE_MISSING": "1"}, 3, "not installed"),
    ],
)
def test_a_mistake_is_one_clear_line(
    with_server: Launch, words: tuple[str, ...], variables: dict[str, str], code: int, message: str
) -> None:
    process = with_server(*words, **variables)
    _, messages = process.communicate()

    assert process.returncode == code
    assert message in messages
    assert len(messages.strip().splitlines()) == 1


def test_a_taken_port_is_refused_and_its_server_left_alone(with_server: Launch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        process = with_server("--port", port, *python(""))
        _, messages = process.communicate()

    assert process.returncode == 2
    assert f"port {port} cannot be had" in messages


def test_up_stays_until_down(launch: Launch, tmp_path: Path) -> None:
    fake = ("--model", "org/tiny", "--vllm-python", str(tmp_path / "fake-python"))
    up = launch("up", *fake)
    base_url, _ = up.communicate()
    second = launch("up", *fake)
    _, refusal = second.communicate()
    table, _ = launch("status").communicate()
    pids = server_pids(tmp_path)
    alive = living(pids)
    _, farewell = launch("down", "org/tiny").communicate()

    assert up.returncode == 0
    assert base_url.startswith("http://127.0.0.1:")
    assert second.returncode == 2
    assert "is up already" in refusal
    assert "ready" in table
    assert alive == pids
    assert "org/tiny is stopped" in farewell
    assert living(pids) == []
    assert not list((tmp_path / "cache" / "servers").glob("*.json"))


def test_down_of_an_unknown_server_names_the_known_ones(launch: Launch) -> None:
    process = launch("down", "nobody")
    _, messages = process.communicate()

    assert process.returncode == 2
    assert "no server 'nobody'" in messages


STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0 and len(sys.argv) > 1:
    os.setsid()
open(f"ready-{os.getpid()}", "w").close()
time.sleep(60)
"""


@pytest.mark.parametrize("flags", [(), ("own-session",)])
def test_a_family_that_ignores_sigterm_is_killed(tmp_path: Path, flags: tuple[str, ...]) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", STUBBORN, *flags], cwd=tmp_path, start_new_session=True
    )
    leader = process_tree.identity(parent.pid)
    try:
        wait_until(lambda: len(list(tmp_path.glob("ready-*"))) == 2)
        pids = [int(path.name.removeprefix("ready-")) for path in tmp_path.glob("ready-*")]
    finally:
        process_tree.stop(leader, timeout=0.2)

    assert parent.wait() == -signal.SIGKILL
    assert living(pids) == []


def test_a_reused_pid_is_left_alone() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        before = process_tree.ProcessIdentity(stranger.pid, created_at=time.time() - 3600)

        try:
            process_tree.stop(before)

            assert not before.alive
            assert stranger.poll() is None
        finally:
            stranger.communicate(b"\n")
