"""What a sweep measures: loads, arms, the knee, accuracy, as a person sees them."""

import csv
from io import StringIO
from pathlib import Path

from rich.console import Console

from evaluator.perf.report.render import markdown, terminal
from evaluator.results.perf import Knee, read
from evaluator.results.perf_point import Lengths
from tests.conftest import Cli
from tests.report.test_escaping import HOSTILE, steers
from tests.stub import Fault, Reply, StubServer
from tests.stub.replies import Body, words

from .measuring import SHORT, Measured, bodies


def test_a_sweep_ends_in_tables_and_its_files(cli: Cli, server: StubServer, tmp_path: Path) -> None:
    command = ("perf", "--model", "stub", "--base-url", server.base_url, *SHORT, "--csv", "p.csv")
    done = cli(*command, "--concurrency", "1,4", "--requests", 8, "--repeats", 2)

    assert done.returncode == 0, done.stderr
    data = read(tmp_path / "r")
    found = [(p.load, p.repeat, p.requests, p.failed) for p in data.points]
    assert found == [
        *[("1 at once", 1, 8, 0), ("1 at once", 2, 8, 0)],
        *[("4 at once", 1, 8, 0), ("4 at once", 2, 8, 0)],
    ]
    for point in data.points:
        assert point.prompt_tokens == Lengths(mean=20.0, min=20, max=20)
        assert point.output_tokens == Lengths(mean=4.0, min=4, max=4)
        assert point.peak_concurrency == point.concurrency
        assert point.server.prompt_tokens == 8 * 20  # the warm-up is not counted
        assert point.server.output_tokens == 8 * 4
        assert point.ttft.p50 <= point.latency.p50
    assert server.count == 2 * (8 + 1) + 2 * (8 + 4)  # a warm-up request a slot
    rows = list(csv.DictReader((tmp_path / "p.csv").read_text().splitlines()))
    assert [row["output_tokens.mean"] for row in rows] == ["4.0"] * 4
    assert "4 at once" in (tmp_path / "r/perf.md").read_text()
    for text in ("out tok/s", "TTFT", "prompts 20, replies 4", "fewer than 3 repeats"):
        assert text in done.stdout


def test_no_prompt_is_sent_twice_and_every_point_has_a_salt(
    measured: Measured, server: StubServer
) -> None:
    data = measured(concurrency="2", requests=6, repeats=3)

    asked = [body["messages"][0]["content"] for body in bodies(server)]
    assert len(set(asked)) == len(asked) == 3 * (6 + 2)
    salts = [body["cache_salt"] for body in bodies(server)]
    assert [salts.count(salt) for salt in dict.fromkeys(salts)] == [2, 6] * 3
    assert all(salt.isalnum() for salt in salts)  # vLLM refuses / and @
    assert all(body["stream"] and body["ignore_eos"] for body in bodies(server))
    assert {point.cache for point in data.points} == {"salt"}


def test_two_endpoints_take_turns_with_the_same_prompts(
    measured: Measured, server: StubServer
) -> None:
    with StubServer(reply=words, metrics=False) as other:
        urls = [server.base_url, other.base_url]
        data = measured(base_url=urls, concurrency="2", requests=4, warmup=0)
        ours, theirs = (
            sorted(body["messages"][0]["content"] for body in bodies(each))
            for each in (server, other)
        )
        assert ours == theirs
        assert "cache_salt" not in bodies(other)[0]  # not vLLM: it might be refused

    order = [(point.arm, point.repeat) for point in data.points]
    assert order == [("A", 1), ("B", 1), ("B", 2), ("A", 2), ("A", 3), ("B", 3)]
    rows = {row.figure: row for row in data.comparison}
    assert rows["requests/s"].ci95[0] <= rows["requests/s"].ratio
    assert "## B / A" in markdown(data)


def test_an_open_loop_sends_at_its_rate_and_notes_what_was_late(measured: Measured) -> None:
    data = measured(rate="40,inf", requests=20, repeats=1, burstiness=4.0)

    paced, at_once = data.points
    assert (paced.rate, paced.burstiness, paced.requests) == (40.0, 4.0, 20)
    assert 0.2 < paced.steady.seconds < 2  # 20 requests in half a second
    assert paced.delay.p50 >= 0
    assert (at_once.load, at_once.rate) == ("all at once", None)
    assert at_once.steady is None


def test_a_number_of_seconds_ends_a_point(measured: Measured, server: StubServer) -> None:
    server.first_token = 0.02
    (point,) = measured(concurrency="2", seconds=0.4, repeats=1).points

    assert 2 < point.requests < 50
    assert point.failed == 0


def test_another_burstiness_is_another_load(measured: Measured, server: StubServer) -> None:
    given = {"rate": "200", "requests": 4, "repeats": 1}
    measured(**given)
    data = measured(burstiness=0.5, **given)

    assert [point.load for point in data.points] == ["200/s", "200/s, burstiness 0.5"]


def test_goodput_and_the_knee(measured: Measured, server: StubServer) -> None:
    def slow_when_crowded(body: Body) -> Reply:
        server.first_token = 0.4 if server.in_flight >= 3 else 0.02
        return words(body)

    server.reply = slow_when_crowded
    data = measured(slo="ttft:200", find_knee=True, repeats=2, requests=8)

    assert data.knees == {"stub": Knee(best=3, worse=4, met=2, repeats=2)}
    shares = {p.concurrency: p.good_share for p in data.points}
    assert shares[3] == 1.0 > 0.95 > shares[4]
    assert [p.repeat for p in data.points if p.concurrency == 3] == [1, 2]
    assert "3 at once meet the SLO, 4 do not" in markdown(data)


def test_a_knee_that_other_repeats_do_not_bear_out_says_so(
    measured: Measured, server: StubServer
) -> None:
    def slower_and_slower(body: Body) -> Reply:
        server.first_token = 0.0 if server.count < 60 else 0.2
        return words(body)

    server.reply = slower_and_slower
    data = measured(slo="ttft:100", find_knee=True, repeats=3, requests=8)

    (knee,) = data.knees.values()
    assert knee.met < knee.repeats == 3
    assert f"(only in {knee.met} of 3 repeats: the server's speed changes)" in markdown(data)


def test_an_slo_that_nothing_meets(measured: Measured, server: StubServer) -> None:
    server.first_token = 0.02
    said = markdown(measured(slo="ttft:1", find_knee=True, repeats=1, requests=4))

    assert "not even 1 at once meets the SLO" in said
    assert "no request met the SLO at any load" in said


def test_accuracy_and_speed_of_the_same_requests(measured: Measured, server: StubServer) -> None:
    server.reply = lambda body: "#### 18"
    given = {"with_accuracy": "gsm8k", "data": "builtin", "requests": 10, "repeats": 2}
    data = measured(concurrency="2,5", **given)

    assert [row.samples for row in data.pareto] == [10, 10]
    assert any(row.front for row in data.pareto)
    assert len({point.accuracy.value for point in data.points}) == 1
    assert "accuracy and speed of the same requests" in markdown(data)


def test_failures_are_counted_and_are_no_zeros(measured: Measured, server: StubServer) -> None:
    server.faults = [500, None, None, None] * 3
    data = measured(concurrency="2", requests=12, warmup=0, repeats=1)

    (point,) = data.points
    assert (point.completed, point.failed) == (9, 3)
    assert server.count == 12  # no second attempts
    assert "3 of 12 requests failed: status 500" in markdown(data)


def test_a_server_s_message_cannot_steer_the_reader(measured: Measured, server: StubServer) -> None:
    server.faults = lambda index, body: Fault(400, message=HOSTILE) if index == 2 else None
    data = measured(concurrency="1", requests=4, repeats=1, warmup=0)
    console = Console(file=StringIO(), width=400)
    console.print(terminal(data))

    for each in (console.file.getvalue(), markdown(data)):  # type: ignore[attr-defined]
        assert "requests failed: " in each
        assert not steers(each)
    assert "![x]" not in markdown(data)
