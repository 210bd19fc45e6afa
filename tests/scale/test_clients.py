"""The clients of a run as tasks of a real Ray: the same results, whatever of it is killed."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.runs.test_clients import journal, keys, outcomes, some
from tests.scale.ray_machines import PYTHON, RayMachines, ray
from tests.stub import StubServer

pytestmark = pytest.mark.scale

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0
QUESTIONS = 200
IN_FLIGHT = 4


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[RayMachines]:
    folder = tmp_path / "cluster"
    folder.mkdir()
    with ray(folder) as machines:
        yield machines


@pytest.fixture
def work(tmp_path: Path) -> Path:
    rows = [{"question": f"What is {n} modulo 4?", "answer": str(n % 4)} for n in range(QUESTIONS)]
    (tmp_path / "q.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return tmp_path


def command(
    work: Path, cluster: RayMachines, stub: StubServer, *more: object
) -> "subprocess.Popen[str]":
    """`evaluator run` by the Python that has Ray; its messages go to a file."""
    words = ["run", "qa:q.jsonl", "--model", "stub", "--base-url", stub.base_url, "--no-smoke"]
    words += ["--progress", "none", "--concurrency", str(IN_FLIGHT), *map(str, more)]
    with (work / "messages").open("a") as said:
        return subprocess.Popen(
            [str(PYTHON), "-m", "evaluator", *words],
            cwd=work,
            env={**os.environ, **cluster.variables, "PYTHONPATH": str(ROOT)},
            stdout=said,
            stderr=said,
            text=True,
        )


def finished(work: Path, process: "subprocess.Popen[str]") -> None:
    assert process.wait(PATIENCE) == 0, (work / "messages").read_text()


def clients() -> list[psutil.Process]:
    """Those of any run, all over the cluster: Ray names a worker by its task."""
    every = psutil.process_iter(["cmdline"])
    return [each for each in every if "ray::serve" in " ".join(each.info["cmdline"] or ())]


def until(true: Callable[[], object], work: Path) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, (work / "messages").read_text()
        time.sleep(0.1)


def report(folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / "report.json").read_text())["benchmarks"]
    return found


def test_clients_on_ray_find_what_one_client_finds(
    work: Path, cluster: RayMachines, stub: StubServer
) -> None:
    stub.reply = some
    finished(work, command(work, cluster, stub, "--out", "one", "--repeats", 2))
    asked = stub.count
    three = ("--out", "three", "--repeats", 2, "--clients", 3, "--clients-on", "ray")
    finished(work, command(work, cluster, stub, *three))

    assert stub.count == 2 * asked == 4 * QUESTIONS
    assert outcomes(work / "one") == outcomes(work / "three")
    assert sorted(journal(work / "one")) == sorted(journal(work / "three"))
    assert report(work / "one") == report(work / "three")
    until(lambda: not clients(), work)
    more = command(work, cluster, stub, "--out", "x", "--clients", 4, "--clients-on", "ray")
    assert more.wait(PATIENCE) == 2
    assert "--clients 4: the Ray cluster has 3 free cores" in (work / "messages").read_text()


def test_a_client_and_a_machine_that_are_lost_cost_what_was_in_flight(
    work: Path, cluster: RayMachines, stub: StubServer
) -> None:
    """The machine's client goes on where there is room, and what it had said is kept."""
    stub.reply, stub.latency = some, 0.3
    process = command(work, cluster, stub, "--out", "r", "--clients", 2, "--clients-on", "ray")
    until(lambda: stub.count > 20, work)
    clients()[0].kill()
    until(lambda: len(clients()) == 2 and stub.count > 60, work)
    cluster.kill_a_node()
    before = stub.count
    stub.latency = 0.0
    finished(work, process)

    assert before < QUESTIONS
    assert len(outcomes(work / "r")) == QUESTIONS
    assert len(journal(work / "r")) == len(set(journal(work / "r"))) == QUESTIONS
    assert stub.count <= QUESTIONS + 2 * IN_FLIGHT + 4  # and a proof by each client
    until(lambda: not clients(), work)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_no_client_outlives_its_command_and_another_goes_on(
    work: Path, cluster: RayMachines, stub: StubServer, how: signal.Signals
) -> None:
    stub.reply, stub.latency = some, 0.3
    given = ("--out", "r", "--clients", 3, "--clients-on", "ray")
    process = command(work, cluster, stub, *given)
    until(lambda: stub.count > 20, work)
    process.send_signal(how)
    process.wait(PATIENCE)
    until(lambda: not clients(), work)
    asked, stub.latency = stub.count, 0.0
    answered = len(keys(work / "r/responses.jsonl"))
    finished(work, command(work, cluster, stub, *given))

    assert asked - answered <= IN_FLIGHT + 4 + (how == signal.SIGKILL) * IN_FLIGHT
    assert stub.count - asked <= QUESTIONS - answered + 4
    assert len(journal(work / "r")) == len(outcomes(work / "r")) == QUESTIONS
