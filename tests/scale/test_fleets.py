"""Fleets on a real Slurm and a real Ray: the stub serves, tasks and nodes are killed meanwhile."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.launch.launching import living
from tests.scale.conftest import ROOT, Launch, Machines, server_pids

pytestmark = pytest.mark.scale

PATIENCE = 120.0
SAMPLES = 120
SERVER = f"{sys.executable} -m tests.scale.server {{host}} {{port}} {{name}}"
LEASE = 8.0
FLEET = (
    *("--config", "fleet.toml", "--lease", str(LEASE)),
    *("--engine", "command", "--engine-command", SERVER),
)
EVALUATE = (
    *(sys.executable, "-m", "evaluator", "run", "qa:questions.csv", "--concurrency", "2"),
    *("--out", "runs/{model}", "--progress", "none"),
)


@pytest.fixture
def work(tmp_path: Path, machines: Machines) -> Path:
    """The folder of the commands."""
    folder = tmp_path / "work"
    folder.mkdir(exist_ok=True)
    (folder / "fleet.toml").write_text('[[server]]\nmodel = "x/a"\nname = "a"\nreplicas = 2\n')
    rows = [f"What is the number {i}?,B" for i in range(SAMPLES)]
    (folder / "questions.csv").write_text("\n".join(["question,answer", *rows, ""]))
    return folder


def until(true: Callable[[], object], work: Path) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, messages(work)
        time.sleep(0.1)


def messages(work: Path) -> str:
    return (work / "messages").read_text()


def answered(work: Path) -> int:
    file = work / "runs/a/responses.jsonl"
    return file.read_text().count("\n") if file.exists() else 0


def test_what_a_cancelled_task_and_a_killed_node_had_in_hand_is_asked_elsewhere(
    machines: Machines, launch: Launch, work: Path
) -> None:
    """They are started again, on the third node too; every sample is answered once."""
    process = launch("fleet", "--on", machines.name, *FLEET, "--", *EVALUATE)
    until(lambda: messages(work).count(" answers at ") == 2 and answered(work), work)
    machines.cancel_one()
    until(lambda: messages(work).count(" answers at ") == 3, work)
    machines.kill_a_node()
    until(lambda: messages(work).count(" answers at ") == 4, work)
    before = answered(work)
    (work / "fast").touch()
    process.communicate(timeout=PATIENCE)

    said = messages(work)
    assert process.returncode == 0, said
    assert before < SAMPLES
    assert said.count(" was lost: ") == 2
    assert said.count("it is started again (1 of 2)") in (1, 2)  # the same server twice, or not
    lines = (work / "runs/a/outcomes.jsonl").read_text().splitlines()
    assert len({json.loads(line)["id"] for line in lines}) == SAMPLES
    report = json.loads((work / "runs/a/report.json").read_text())
    (rows,) = report["benchmarks"].values()
    assert (rows["samples"], rows["errors"], rows["value"]) == (SAMPLES, 0, 1.0)
    until(lambda: not machines.jobs and not living(server_pids(work)), work)


def test_no_server_outlives_a_launcher_that_was_killed(
    machines: Machines, launch: Launch, work: Path
) -> None:
    process = launch(machines.name, *FLEET, "--", *EVALUATE)
    until(lambda: answered(work), work)
    process.send_signal(signal.SIGKILL)

    until(lambda: not machines.jobs and not living(server_pids(work)), work)


def test_no_server_outlives_a_launcher_whose_terminal_is_cut(
    machines: Machines, launch: Launch, work: Path
) -> None:
    """It ends them itself: the lease alone would last longer than this test."""
    ours, its = os.openpty()
    reader = subprocess.Popen(["cat"], stdin=ours, stdout=subprocess.DEVNULL)
    os.close(ours)
    lease = ("--lease", "3600")
    process = launch(machines.name, *FLEET, *lease, "--", *EVALUATE, terminal=its)
    os.close(its)
    until(lambda: answered(work), work)
    reader.kill()
    reader.wait()
    process.send_signal(signal.SIGHUP)

    until(lambda: not machines.jobs and not living(server_pids(work)), work)


def test_a_fleet_that_is_submitted_is_found_again_and_ended(
    machines: Machines, launch: Launch, work: Path
) -> None:
    (work / "fast").touch()
    submitted = launch("fleet", "--on", machines.name, "--submit", *FLEET)
    printed, _ = submitted.communicate(timeout=PATIENCE)
    assert submitted.returncode == 0, messages(work)
    exports = dict(line.removeprefix("export ").split("=", 1) for line in printed.splitlines())
    status = ""
    end = time.monotonic() + PATIENCE
    while "2 of 2 answer" not in status:
        assert time.monotonic() < end, status
        status, _ = launch("status").communicate()
    endpoints = Path(exports["EVALUATOR_ENDPOINTS"])
    served = json.loads(endpoints.read_text())["endpoints"]
    down = launch("down", "fleet")
    down.communicate(timeout=PATIENCE)

    assert down.returncode == 0, messages(work)
    assert [each["api_key_env"] for each in served] == ["EVALUATOR_FLEET_KEY"] * 2
    assert "fleet" in status
    assert "key" not in endpoints.with_name("messages.log").read_text()
    assert not endpoints.with_name("key").exists()
    until(lambda: not machines.jobs and not living(server_pids(work)), work)
    assert str(ROOT) not in endpoints.read_text()
