"""`evaluator view` on the command line."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from tests.conftest import Cli
from tests.processes import started
from tests.viewer.serving import served


def test_it_prints_its_address_and_ends_by_ctrl_c(measured: Path) -> None:
    command = [sys.executable, "-m", "evaluator", "view", str(measured)]
    with started(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().strip()
        assert "Results" in httpx2.get(url).text
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=30)
    assert (process.returncode, error) == (0, "")


def test_the_usual_folder_is_runs(measured: Path, cli: Cli) -> None:
    done = cli("view")
    assert done.returncode == 2
    assert "there is no folder 'runs'; name a folder with runs" in done.stderr


def test_a_token_opens_it(measured: Path) -> None:
    with served(measured, "--token", "auto") as url:
        home = url.partition("?")[0]
        assert len(url.partition("?token=")[2]) >= 32
        assert httpx2.get(home).status_code == 403
        with httpx2.Client(follow_redirects=True) as client:
            assert "Results" in client.get(url).text
            assert client.get(home).status_code == 200


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--host", "0.0.0.0"], "others could read the results; give --token auto"),
        (["--host", "192.0.2.1"], "others could read the results; give --token auto"),
        (["--host", "192.0.2.1", "--token", "auto"], "cannot listen on 192.0.2.1"),
        (["--host", "no.such.name.invalid", "--token", "auto"], "cannot listen on no.such"),
        (["--token", "short"], "--token: 5 characters could be guessed"),
        (["--token", ""], "--token: 0 characters could be guessed"),
        (["--port", "70000"], "--port"),
        (["--port", "none"], "--port"),
    ],
)
def test_mistakes_are_said_in_a_line(measured: Path, cli: Cli, words: list[str], line: str) -> None:
    done = cli("view", measured, *words)
    assert done.returncode == 2
    assert line in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "short" not in done.stderr


def test_a_port_in_use_is_said(measured: Path, cli: Cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = cli("view", measured, "--port", taken.getsockname()[1])
    assert done.returncode == 2
    assert "give another --port" in done.stderr


def test_help_waits_for_no_server() -> None:
    code = (
        "import sys, evaluator.cli.view; print(sorted({'starlette', 'uvicorn'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
