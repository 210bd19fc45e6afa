"""The clients of a run on other machines, which share no folder with it: here a stand-in for Ray.

tests/scale has the real one.
"""

import os
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

from tests.cli.test_cli import report
from tests.conftest import Cli
from tests.runs.test_clients import (
    AT,
    QUESTIONS,
    clients_of,
    journal,
    keys,
    outcomes,
    questions,  # noqa: F401  # a fixture
    running,
    some,
)
from tests.stub import StubServer
from tests.waiting import wait_until

STAND_IN = Path(__file__).parents[1] / "stand_in"
ON = ("--clients", 2, "--clients-on", "ray")


@pytest.fixture(autouse=True)
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, (STAND_IN, STAND_IN.parents[1]))))
    monkeypatch.setenv("CORES", "3")


@pytest.fixture
def words(stub: StubServer, questions: str) -> tuple[object, ...]:  # noqa: F811
    stub.reply = some
    return questions, *AT, "--base-url", stub.base_url


def workers(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    """The clients alone: what multiprocessing starts beside them is none."""
    every = clients_of(process, 3)
    return [each for each in every if "spawn_main" in " ".join(each.cmdline())]


def test_clients_elsewhere_find_what_one_client_finds(
    cli: Cli, stub: StubServer, tmp_path: Path, words: tuple[object, ...]
) -> None:
    one = cli("run", *words, "--repeats", 2, "--out", "one")
    asked = stub.count
    two = cli("run", *words, "--repeats", 2, "--out", "two", *ON)

    assert (one.returncode, two.returncode) == (0, 0), two.stderr
    assert stub.count == 2 * asked == 4 * QUESTIONS
    assert outcomes(tmp_path / "one") == outcomes(tmp_path / "two")
    assert sorted(journal(tmp_path / "one")) == sorted(journal(tmp_path / "two"))
    assert report(tmp_path / "one")["benchmarks"] == report(tmp_path / "two")["benchmarks"]
    assert report(tmp_path / "two")["serving"]["requests"] == asked


def test_they_are_handed_what_a_journal_holds(
    cli: Cli, stub: StubServer, tmp_path: Path, words: tuple[object, ...]
) -> None:
    """Of the run itself, and of one that is reused."""
    for more, asked in (
        (("--out", "r", "--limit", 30), 30),
        (("--out", "r", "--limit", 70, *ON), 70),
        (("--out", "other", "--reuse", "r", *ON), QUESTIONS),
        (("--out", "other"), QUESTIONS),
    ):
        done = cli("run", *words, *more)

        assert done.returncode == 0, done.stderr
        assert stub.count == asked
    assert len(journal(tmp_path / "other")) == QUESTIONS
    assert report(tmp_path / "other")["serving"]["replayed"] == QUESTIONS


def test_one_that_is_killed_is_replaced(
    stub: StubServer, tmp_path: Path, words: tuple[object, ...]
) -> None:
    stub.latency = 0.1
    with running(tmp_path, *words, "--out", "r", *ON, "--concurrency", 4) as process:
        wait_until(lambda: stub.count >= 20)
        workers(process)[0].kill()
        _, said = process.communicate(timeout=60)

    assert process.returncode == 0, said
    assert len(outcomes(tmp_path / "r")) == len(journal(tmp_path / "r")) == QUESTIONS
    assert stub.count <= QUESTIONS + 4  # what it had in flight, and had not said


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_they_end_with_the_command_and_another_goes_on(
    cli: Cli, stub: StubServer, tmp_path: Path, words: tuple[object, ...], how: signal.Signals
) -> None:
    stub.latency = 0.1
    with running(tmp_path, *words, "--out", "r", *ON, "--concurrency", 4) as process:
        wait_until(lambda: stub.count >= 20)
        orphans = workers(process)
        process.send_signal(how)
        process.communicate(timeout=60)
        _, alive = psutil.wait_procs(orphans, 20)
    asked, answered = stub.count, len(keys(tmp_path / "r/responses.jsonl"))
    done = cli("run", *words, "--out", "r", *ON)

    assert not alive
    assert answered >= asked - 8  # what was in flight, and had not been said
    assert done.returncode == 0, done.stderr
    assert stub.count - asked == QUESTIONS - answered
    assert len(journal(tmp_path / "r")) == len(outcomes(tmp_path / "r")) == QUESTIONS


def test_a_key_reaches_them_and_no_file(
    cli: Cli, tmp_path: Path, words: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "sesame-17")
    with StubServer(reply=some, api_key="sesame-17") as locked:
        given = (*words[:-1], locked.base_url, "--api-key-env", "SECRET", "--out", "r")
        done = cli("run", *given, *ON)

    assert done.returncode == 0, done.stderr
    files = [each for each in (tmp_path / "r").rglob("*") if each.is_file()]
    assert not any(b"sesame-17" in each.read_bytes() for each in files)


@pytest.mark.parametrize(
    ("more", "cores", "said"),
    [
        (("--clients-on", "ray"), "3", "give --clients N"),
        (("--clients", "auto", "--clients-on", "ray"), "3", "give --clients N"),
        (("--clients", 4, "--clients-on", "ray"), "3", "the Ray cluster has 3 free cores"),
        ((*ON, "--max-requests", 5), "3", "are counted by clients of one machine"),
        (ON, "", "no Ray cluster answers (Could not find any running Ray instance.)"),
    ],
)
def test_what_clients_elsewhere_cannot_do_is_refused(
    cli: Cli,
    stub: StubServer,
    words: tuple[object, ...],
    more: tuple[object, ...],
    cores: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CORES", cores)
    done = cli("run", *words, *more)

    assert done.returncode == 2
    assert said in done.stderr
    assert stub.count == 0


def test_a_missing_ray_is_told(
    cli: Cli, tmp_path: Path, words: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ray.py").write_text("raise ImportError('No module named ray')")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, (tmp_path, STAND_IN.parents[1]))))
    done = cli("run", *words, *ON)

    assert done.returncode == 2
    assert "pip install 'evaluator[ray]'" in done.stderr
