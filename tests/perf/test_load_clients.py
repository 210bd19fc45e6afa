"""A load by several client processes: what one would send, on one clock, with one end."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from evaluator.errors import ClientDied, UsageError
from evaluator.perf.clients import load_clients
from evaluator.perf.load.generator import TimedRequest
from evaluator.perf.load.schedule import Stride
from evaluator.perf.load.sending import SentPart, merged
from evaluator.perf.load.synthetic_prompts import WORDS, Vocabulary
from evaluator.perf.load.workload import PromptRows, SyntheticPrompts, Workload
from evaluator.perf.option_values import TokenRange
from evaluator.perf.report.figures import most_at_once
from evaluator.perf.report.render import markdown
from evaluator.results.perf import read
from evaluator.results.perf_point import ClientFigures
from tests.processes import started
from tests.stub import StubServer
from tests.stub.replies import words
from tests.waiting import wait_until

from .measuring import SHORT, Measured, bodies

SYNTHETIC = SyntheticPrompts(Vocabulary(WORDS, 3), TokenRange(9, 40), TokenRange(2, 9), {}, 5)
ROWS = PromptRows("file", "w.json", [(str(n), {"n": n}) for n in range(20)], 5)


@pytest.mark.parametrize("workload", [SYNTHETIC, ROWS])
@pytest.mark.parametrize("clients", [2, 3, 7])
def test_clients_together_draw_what_one_draws(workload: Workload, clients: int) -> None:
    one = [drawn for drawn, _ in zip(workload.draw("8 at once/1"), range(20), strict=False)]
    dealt: list[Any] = [None] * 20
    for first in range(clients):
        stride = Stride(first, clients)
        its = zip(workload.draw("8 at once/1", stride), range(stride.share(20)), strict=False)
        dealt[first::clients] = [drawn for drawn, _ in its]

    assert dealt == one
    assert one != [drawn for drawn, _ in zip(workload.draw("other"), range(20), strict=False)]


def test_what_is_divided_is_whole_again() -> None:
    assert [Stride(first, 3).share(8) for first in range(3)] == [3, 3, 2]
    assert [Stride(first, 3).share(2) for first in range(3)] == [1, 1, 0]


def request(sent: float, ended: float) -> TimedRequest:
    return TimedRequest("0", sent, sent, ended)


@pytest.mark.parametrize(
    ("spans", "most"),
    [
        ([], 0),
        ([(0.0, 1.0), (1.0, 2.0)], 1),
        ([(0.0, 1.0), (0.5, 2.0), (0.9, 1.5), (1.6, 3.0)], 3),
    ],
)
def test_the_peak_is_that_of_all_together(spans: list[tuple[float, float]], most: int) -> None:
    assert most_at_once([request(*span) for span in spans]) == most


def test_what_clients_sent_is_one_part_and_the_busiest_speaks_for_all() -> None:
    idle = ClientFigures(cpu=0.2, lag=0.3, bound_share=0.0)
    busy = ClientFigures(cpu=0.9, lag=0.1, bound_share=0.5)
    first = SentPart([request(0.0, 3.0)], [idle], 1, refused={"a": "no"})
    second = SentPart([request(0.0, 2.0)], [busy], 2, down="gone", adapted={"b": "so"})
    found = merged([first, second])

    assert [each.ended for each in found.timed] == [2.0, 3.0]
    assert (found.reconnected, found.down, found.ran_out) == (3, "gone", False)
    assert (found.refused, found.adapted) == ({"a": "no"}, {"b": "so"})
    assert found.client == ClientFigures(cpu=0.9, lag=0.3, bound_share=0.5)
    assert len(found.clients) == 2


@pytest.mark.parametrize("load", [{"concurrency": "5"}, {"rate": "100"}, {"rate": "inf"}])
def test_two_clients_send_and_count_what_one_does(
    measured: Measured, server: StubServer, tmp_path: Path, load: dict[str, Any]
) -> None:
    server.first_token = 0.2
    given = {**load, "requests": 21, "repeats": 1, "prompt_tokens": "20-60", "output_tokens": "2-9"}
    (one,) = measured(out=tmp_path / "one", **given).points
    asked = [body["messages"][0]["content"] for body in bodies(server)]
    limits = sorted(body["max_tokens"] for body in bodies(server))
    server.requests.clear()
    report = measured(out=tmp_path / "two", clients=2, **given)
    (two,) = report.points

    assert sorted(asked) == sorted(body["messages"][0]["content"] for body in bodies(server))
    assert limits == sorted(body["max_tokens"] for body in bodies(server))
    for name in ("requests", "completed", "failed", "prompt_tokens", "output_tokens", "cache"):
        assert getattr(one, name) == getattr(two, name), name
    assert (one.clients, two.clients) == (None, 2)
    if two.concurrency:
        assert 3 < two.peak_concurrency <= 5  # one client has 3 of them
    assert "client: up to 2 processes shared the load" in markdown(report)
    if two.rate:
        assert two.seconds > 0.15  # as long as the schedule of all, not of each


def test_a_load_of_one_at_a_time_has_one_client(measured: Measured, server: StubServer) -> None:
    server.first_token = 0.2
    first, second = measured(concurrency="1,3", requests=4, repeats=1, clients=2).points

    assert (first.clients, second.clients) == (None, 2)
    assert first.peak_concurrency == 1 < second.peak_concurrency <= 3


def test_replicas_are_asked_evenly_by_clients_of_one_request_each(
    measured: Measured, server: StubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from .test_replicas import launched

    with StubServer(reply=words) as other:
        file = launched(tmp_path, server.base_url, other.base_url)
        monkeypatch.setenv("EVALUATOR_ENDPOINTS", str(file))
        server.latency = other.latency = 0.05
        measured(base_url=[], concurrency="2", requests=8, repeats=1, warmup=0, clients=2)
        asked = [sum("cache_salt" in body for body in bodies(each)) for each in (server, other)]

    assert asked == [4, 4]


def test_accuracy_is_that_of_all_replies(measured: Measured, server: StubServer) -> None:
    server.reply = lambda body: "#### 18"
    given = {"with_accuracy": "gsm8k", "data": "builtin", "requests": 10, "repeats": 1}
    (point,) = measured(concurrency="4", clients=2, **given).points

    assert point.accuracy and point.accuracy.samples == 10


def test_a_number_of_seconds_ends_all_clients(measured: Measured, server: StubServer) -> None:
    server.first_token = 0.02
    (point,) = measured(concurrency="4", seconds=0.4, repeats=1, clients=2).points

    assert point.requests > 4
    assert point.failed == 0


def test_auto_adds_a_client_where_those_there_were_busy_and_measures_again(
    measured: Measured, server: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evaluator.processes.cores.BUSY", 0.0)
    monkeypatch.setattr(load_clients, "usable_cores", lambda: 2)
    report = measured(concurrency="1,4", requests=8, repeats=1, warmup=0, clients="auto")

    assert [point.clients for point in report.points] == [None, 2]
    asked = [body["messages"][0]["content"] for body in bodies(server)]
    assert len(asked) == len(set(asked)) == 8 + 2 * 8


def test_auto_stays_with_one_that_keeps_up(measured: Measured, server: StubServer) -> None:
    server.first_token = 0.1
    (point,) = measured(concurrency="2", requests=4, repeats=1, clients="auto").points

    assert point.clients is None


def test_a_client_that_dies_ends_the_measurement_and_costs_no_finished_point(
    measured: Measured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"requests": 4, "repeats": 1, "clients": 2}
    measured(concurrency="2", **given)
    monkeypatch.setattr(load_clients, "COMMAND", (sys.executable, "-c", "exit(7)"))

    with pytest.raises(ClientDied, match=r"with code 7; .*finished points: 1, kept in") as raised:
        measured(concurrency="2,4", **given)

    assert raised.value.exit_code == 3
    assert len(read(tmp_path / "r").points) == 1


def test_a_client_that_is_killed_at_work_ends_the_command(
    server: StubServer, tmp_path: Path
) -> None:
    server.first_token = 0.2
    with running(server, tmp_path) as process:
        first, *others = clients_at_work(process, server)
        first.kill()
        _, said = process.communicate(timeout=60)
        _, alive = psutil.wait_procs(others, 20)

    assert (process.returncode, alive) == (3, [])
    assert "died while it measured, with code -9" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_client_outlives_its_command(
    server: StubServer, tmp_path: Path, how: signal.Signals
) -> None:
    server.first_token = 0.2
    with running(server, tmp_path) as process:
        clients = clients_at_work(process, server)
        process.send_signal(how)
        _, said = process.communicate(timeout=60)
        _, alive = psutil.wait_procs(clients, 20)

    assert alive == []
    assert process.returncode == (-9 if how == signal.SIGKILL else 130)
    assert "Traceback" not in said


def running(server: StubServer, folder: Path) -> Any:
    """A measurement by two clients that takes a while."""
    at = ("--model", "stub", "--base-url", server.base_url, "--clients", "2", "--warmup", "0")
    command = [sys.executable, "-m", "evaluator", "perf", *at, "--concurrency", "4", *SHORT]
    words = [str(word) for word in (*command, "--requests", 400, "--repeats", 1)]
    return started(words, cwd=folder, stderr=subprocess.PIPE, text=True)


def clients_at_work(process: "subprocess.Popen[str]", server: StubServer) -> list[psutil.Process]:
    wait_until(lambda: server.in_flight >= 4 or process.poll() is not None, 60)
    return psutil.Process(process.pid).children()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"clients": 3, "concurrency": "1,2"}, "--clients 3: at most 2 requests are in flight"),
        ({"clients": 0}, "--clients"),
        ({"clients": "many"}, "--clients"),
    ],
)
def test_clients_that_would_do_nothing_are_refused(
    measured: Measured, given: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        measured(**given)
