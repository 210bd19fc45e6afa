"""A run by several processes: the same results as by one, however it is broken off."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zlib import crc32

import orjson
import psutil
import pytest

from evaluator import Benchmark, Sample, Score, evaluate
from evaluator.errors import EvaluatorError
from evaluator.runs.clients import clients
from tests.cli.test_cli import report
from tests.conftest import Cli
from tests.processes import started
from tests.stub import Fault, StubServer
from tests.waiting import wait_until

QUESTIONS = 120
AT = ("--model", "stub", "--progress", "plain", "--no-smoke")


def some(body: Any) -> str:
    """A reply that follows from the question."""
    question = str(body["messages"])
    return f"Answer: {crc32(question.encode()) % 4}"


@pytest.fixture
def questions(tmp_path: Path) -> str:
    rows = [{"question": f"What is {n} modulo 4?", "answer": str(n % 4)} for n in range(QUESTIONS)]
    (tmp_path / "q.jsonl").write_bytes(b"\n".join(map(orjson.dumps, rows)))
    return "qa:q.jsonl"


def outcomes(folder: Path) -> dict[str, Any]:
    lines = (folder / "outcomes.jsonl").read_bytes().splitlines()
    found = {line["id"]: line for line in map(orjson.loads, lines)}
    assert len(found) == len(lines)
    return found


def journal(folder: Path) -> list[str]:
    """The keys of all replies."""
    assert not list(folder.glob("responses.*.jsonl"))
    return keys(folder / "responses.jsonl")


def keys(path: Path) -> list[str]:
    """The keys of the whole lines of a journal."""
    lines = path.read_bytes().splitlines(keepends=True)
    return [orjson.loads(line)["key"] for line in lines if line.endswith(b"\n")]


@contextmanager
def running(folder: Path, *words: object) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "evaluator", "run", *map(str, words)]
    with started(command, cwd=folder, stderr=subprocess.PIPE, text=True) as process:
        yield process


def clients_of(process: "subprocess.Popen[str]", count: int) -> list[psutil.Process]:
    def found() -> list[psutil.Process]:
        clients: list[psutil.Process] = psutil.Process(process.pid).children()
        return clients if len(clients) >= count else []

    return wait_until(found)


def test_several_clients_find_what_one_finds(
    cli: Cli, stub: StubServer, tmp_path: Path, questions: str
) -> None:
    stub.reply = some
    words = ("run", questions, *AT, "--base-url", stub.base_url, "--repeats", 2)
    one = cli(*words, "--out", "one")
    asked = stub.count
    three = cli(*words, "--out", "three", "--clients", 3)

    assert (one.returncode, three.returncode) == (0, 0), three.stderr
    assert stub.count == 2 * asked == 4 * QUESTIONS
    assert outcomes(tmp_path / "one") == outcomes(tmp_path / "three")
    assert sorted(journal(tmp_path / "one")) == sorted(journal(tmp_path / "three"))
    first, second = report(tmp_path / "one"), report(tmp_path / "three")
    assert first["benchmarks"] == second["benchmarks"]
    assert second["serving"]["requests"] == asked
    samples = (tmp_path / "three/samples.jsonl").read_bytes().splitlines()
    assert sum(b'"exchanges"' in line for line in samples) == QUESTIONS


def test_a_judge_is_asked_by_all_clients(cli: Cli, stub: StubServer, tmp_path: Path) -> None:
    words = ("run", "mtbench", *AT, "--data", "builtin", "--base-url", stub.base_url)
    with StubServer(reply="Rating: [[7]]", models=["judge"]) as judge:
        words = (*words, "--judge-model", "judge", "--judge-base-url", judge.base_url)
        one = cli(*words, "--out", "one")
        two = cli(*words, "--out", "two", "--clients", 2)

    assert (one.returncode, two.returncode) == (0, 0), two.stderr
    assert outcomes(tmp_path / "one") == outcomes(tmp_path / "two")
    verdicts = [(tmp_path / name / "mtbench.jsonl").read_bytes() for name in ("one", "two")]
    assert verdicts[0] == verdicts[1] != b""
    assert report(tmp_path / "two")["serving"]["roles"]["judge"]["replies"] == judge.count // 2


def test_a_run_goes_on_with_another_number_of_clients(
    cli: Cli, stub: StubServer, tmp_path: Path, questions: str
) -> None:
    stub.reply = some
    words = ("run", questions, *AT, "--base-url", stub.base_url, "--out", "r")
    for more, asked in (
        (("--limit", 30), 30),
        (("--limit", 70, "--clients", 3), 70),
        ((), QUESTIONS),
        (("--clients", 2), QUESTIONS),
    ):
        done = cli(*words, *more)

        assert done.returncode == 0, done.stderr
        assert stub.count == len(set(journal(tmp_path / "r"))) == asked
    assert report(tmp_path / "r")["serving"]["replayed"] == QUESTIONS


def test_a_client_that_is_killed_is_replaced(
    stub: StubServer, tmp_path: Path, questions: str
) -> None:
    stub.reply, stub.latency = some, 0.1
    words = (questions, *AT, "--base-url", stub.base_url, "--out", "r")
    with running(tmp_path, *words, "--clients", 2, "--concurrency", 4) as process:
        wait_until(lambda: stub.count >= 20)
        clients_of(process, 2)[0].kill()
        _, said = process.communicate(timeout=60)

    assert process.returncode == 0, said
    assert len(outcomes(tmp_path / "r")) == len(set(journal(tmp_path / "r"))) == QUESTIONS
    assert len(journal(tmp_path / "r")) == QUESTIONS
    assert stub.count <= QUESTIONS + 2  # what it had in flight


def test_clients_that_keep_dying_end_the_run(
    stub: StubServer, tmp_path: Path, questions: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evaluator.runs.clients.place.COMMAND", (sys.executable, "-c", "exit(7)"))
    given = {"base_url": stub.base_url, "out": tmp_path / "r", "clients": 2, "progress": "none"}

    with pytest.raises(EvaluatorError, match=r"clients ended before .* the last with code 7"):
        evaluate(f"qa:{tmp_path}/q.jsonl", model="stub", **given)


def test_no_client_outlives_its_run(
    cli: Cli, stub: StubServer, tmp_path: Path, questions: str
) -> None:
    stub.reply, stub.latency = some, 0.1
    words = (questions, *AT, "--base-url", stub.base_url, "--out", "r", "--concurrency", 4)
    with running(tmp_path, *words, "--clients", 2) as process:
        wait_until(lambda: stub.count >= 20)
        orphans = clients_of(process, 2)
        process.kill()
        _, alive = psutil.wait_procs(orphans, 20)

    assert not alive
    answered = {key for shard in (tmp_path / "r").glob("responses.*.jsonl") for key in keys(shard)}
    asked = stub.count
    assert len(answered) >= asked - 4  # but for what was in flight
    done = cli("run", *words, "--clients", 3)
    assert done.returncode == 0, done.stderr
    assert stub.count - asked == QUESTIONS - len(answered)
    assert len(journal(tmp_path / "r")) == len(outcomes(tmp_path / "r")) == QUESTIONS


@pytest.mark.parametrize("times", [1, 2, 5])
def test_an_interrupt_ends_all_clients_and_keeps_what_they_had(
    cli: Cli, stub: StubServer, tmp_path: Path, questions: str, times: int
) -> None:
    stub.reply, stub.latency = some, 0.1
    words = (questions, *AT, "--base-url", stub.base_url, "--out", "r", "--concurrency", 4)
    with running(tmp_path, *words, "--clients", 2) as process:
        wait_until(lambda: stub.count >= 20)
        orphans = clients_of(process, 2)
        for _ in range(times):
            process.send_signal(signal.SIGINT)
            time.sleep(0.02)
        _, said = process.communicate(timeout=60)
        _, alive = psutil.wait_procs(orphans, 20)

    assert process.returncode == 130, said
    assert not alive
    assert "Traceback" not in said
    assert said.count("error: interrupted") == 1
    asked = stub.count
    answered = len(journal(tmp_path / "r"))
    assert answered >= asked - 4
    assert f"the {answered} answers so far are safe" in said
    assert cli("run", *words).returncode == 0
    assert stub.count - asked == QUESTIONS - answered


def test_clients_share_what_may_be_in_flight(
    cli: Cli, stub: StubServer, tmp_path: Path, questions: str
) -> None:
    stub.latency = 0.05
    words = ("run", questions, *AT, "--base-url", stub.base_url, "--out", "r")
    done = cli(*words, "--clients", 2, "--concurrency", 5)

    assert done.returncode == 0, done.stderr
    assert stub.peak_in_flight <= 5
    assert report(tmp_path / "r")["serving"]["concurrency"]["slots"] == 5


def test_clients_share_a_rate(cli: Cli, stub: StubServer, tmp_path: Path, questions: str) -> None:
    words = ("run", questions, *AT, "--base-url", stub.base_url, "--out", "r", "--limit", 40)
    done = cli(*words, "--clients", 2, "--rpm", 600)

    assert done.returncode == 0, done.stderr
    times = [each.received for each in stub.requests if "modulo" in str(each.body)]
    assert max(times) - min(times) > 2  # seconds, in which 20 pass, after 10 at once for each


def test_a_benchmark_that_is_precise_enough_ends_where_it_ends_with_one_client(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    rows = [{"question": f"Is {n} even?", "answer": "7"} for n in range(600)]
    (tmp_path / "q.jsonl").write_bytes(b"\n".join(map(orjson.dumps, rows)))
    stub.reply = lambda body: "Answer: 7" if crc32(str(body).encode()) % 9 else "Answer: 8"
    words = ("run", "qa:q.jsonl", *AT, "--base-url", stub.base_url, "--precision", 0.05)
    for name, more in (("one", ()), ("two", ("--clients", 2))):
        done = cli(*words, "--out", name, *more)
        assert done.returncode == 0, done.stderr

    assert outcomes(tmp_path / "one") == outcomes(tmp_path / "two")
    one, two = (report(tmp_path / name)["benchmarks"] for name in ("one", "two"))
    assert one == two
    assert 100 <= len(outcomes(tmp_path / "two")) < 600


def test_errors_of_all_clients_together_end_a_run(
    cli: Cli, stub: StubServer, tmp_path: Path, questions: str
) -> None:
    stub.faults = lambda index, body: Fault(400)
    words = ("run", questions, *AT, "--base-url", stub.base_url, "--clients", 2)
    few = cli(*words, "--out", "few", "--max-errors", 7)
    hopeless = cli(*words, "--out", "hopeless")

    assert (few.returncode, hopeless.returncode) == (1, 1)
    assert "8 samples ended as errors, more than --max-errors allows" in few.stderr
    assert "the first 50 samples all failed" in hopeless.stderr
    assert len(outcomes(tmp_path / "few")) in (8, 9)  # the others may end one more each


def test_a_refused_key_ends_the_run_as_it_does_with_one_client(
    cli: Cli, stub: StubServer, questions: str
) -> None:
    stub.faults = lambda index, body: Fault(401) if index > 20 else None
    done = cli("run", questions, *AT, "--base-url", stub.base_url, "--clients", 2)

    assert done.returncode == 3
    assert "Traceback" not in done.stderr


def test_replies_that_promise_nothing_stop_all_clients(
    cli: Cli, stub: StubServer, tmp_path: Path, questions: str
) -> None:
    stub.reply, stub.latency = "", 0.1
    words = ("run", questions, "--model", "stub", "--base-url", stub.base_url, "--out", "r")
    done = cli(*words, "--clients", 2, "--concurrency", 4)

    assert done.returncode == 2
    assert "no answer could be read in any of the first 5 replies" in done.stderr
    assert "modulo 4?" in (tmp_path / "r/smoke.md").read_text(encoding="utf-8")
    assert stub.count < QUESTIONS


def test_an_endpoint_that_is_gone_costs_no_sample(
    cli: Cli, stub: StubServer, tmp_path: Path, questions: str
) -> None:
    stub.reply = some
    with StubServer(reply=some, latency=0.02) as other:
        words = (questions, *AT, "--out", "r", "--clients", 2, "--concurrency", 4)
        urls = ("--base-url", stub.base_url, "--base-url", other.base_url)
        with running(tmp_path, *words, *urls) as process:
            wait_until(lambda: other.count >= 5)
            other.stop()
            _, said = process.communicate(timeout=60)

    assert process.returncode == 0, said
    assert len(outcomes(tmp_path / "r")) == QUESTIONS
    assert report(tmp_path / "r")["benchmarks"][questions]["errors"] == 0


def test_auto_adds_a_client_while_those_there_are_busy(
    stub: StubServer, tmp_path: Path, questions: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evaluator.processes.cores.BUSY", 0.0)
    for name, value in (("BUSY_LOOKS", 1), ("LOOK_EVERY", 0.1)):
        monkeypatch.setattr(clients, name, value)
    monkeypatch.setattr("evaluator.runs.clients.limits.usable_cores", lambda: 2)
    stub.reply, stub.latency = some, 0.2
    given = {"base_url": stub.base_url, "concurrency": 4, "progress": "none"}
    got = evaluate(
        f"qa:{tmp_path}/q.jsonl", model="stub", out=tmp_path / "r", clients="auto", **given
    )

    assert got.serving.client and got.serving.client.processes == 2
    assert len(outcomes(tmp_path / "r")) == stub.count == QUESTIONS
    assert stub.peak_in_flight <= 5  # one more at once, while the shares change


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--clients", 3, "--concurrency", 2), "--concurrency 2 is less than one request"),
        (("--clients", 0), "--clients"),
        (("--clients", "many"), "--clients"),
    ],
)
def test_what_clients_cannot_do_is_refused(
    cli: Cli, stub: StubServer, questions: str, words: tuple[object, ...], said: str
) -> None:
    done = cli("run", questions, *AT, "--base-url", stub.base_url, *words)

    assert done.returncode == 2
    assert said in done.stderr
    assert stub.count == 0


def test_a_benchmark_of_ones_own_code_is_asked_by_one_client(
    stub: StubServer, tmp_path: Path
) -> None:
    async def solve(sample: Sample, ask: Any) -> Score:
        return Score(1.0, "")

    own = Benchmark("own", "Own", "here", lambda rows, shots: [Sample("1", {})], solve)

    with pytest.raises(EvaluatorError, match="passed as objects are asked by one client"):
        evaluate(own, model="stub", base_url=stub.base_url, out=tmp_path / "r", clients=2)


def test_what_a_killed_run_left_is_found_by_those_who_read_it(
    cli: Cli, stub: StubServer, tmp_path: Path, questions: str
) -> None:
    words = ("run", questions, *AT, "--base-url", stub.base_url)
    cli(*words, "--out", "r", "--limit", 20)
    lines = (tmp_path / "r/responses.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "r/responses.jsonl").write_bytes(b"".join(lines[:5]))
    (tmp_path / "r/responses.1.jsonl").write_bytes(b"".join(lines[3:12]))
    (tmp_path / "r/responses.2.jsonl").write_bytes(b"".join(lines[12:]) + lines[0][:40])
    asked = stub.count
    reused = cli(*words, "--out", "other", "--limit", 20, "--reuse", "r")
    again = cli(*words, "--out", "r", "--limit", 20, "--replay")

    assert (reused.returncode, again.returncode) == (0, 0), again.stderr
    assert stub.count == asked
    assert len(journal(tmp_path / "r")) == 20
