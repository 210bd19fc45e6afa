"""Throughput runs against a stub server over HTTP, and `evaluator perf` as a person uses it."""

import csv
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from io import StringIO
from pathlib import Path
from threading import Thread
from typing import Any

import orjson
import pytest
from rich.console import Console

from evaluator.errors import EvaluatorError, RunStopped, ServerError, UsageError
from evaluator.perf.accuracy import Questions
from evaluator.perf.load import Traffic, Trip
from evaluator.perf.options import options
from evaluator.perf.progress import Progress
from evaluator.perf.record import held
from evaluator.perf.report import markdown, renewed, terminal
from evaluator.perf.sweep import measure
from evaluator.types import Ask, Benchmark, Request, Response, Sample, Score
from tests.conftest import Cli
from tests.report.test_escaping import HOSTILE, steers
from tests.stub import Fault, Reply, StubServer
from tests.stub.replies import Body, words

Measured = Callable[..., Any]
QUIET = ("--progress", "none", "--out", "r")
SHORT = ("--prompt-tokens", 20, "--output-tokens", 4, *QUIET)


@pytest.fixture
def server(stub: StubServer) -> StubServer:
    """Says as many tokens as are asked for."""
    stub.reply = words
    return stub


@pytest.fixture
def measured(server: StubServer, tmp_path: Path) -> Measured:
    """A run in this process with short prompts; gives what perf.json holds."""

    def run(**given: Any) -> Any:
        usual = {"model": "stub", "base_url": [server.base_url], "out": tmp_path / "r"}
        prompts = {"prompt_tokens": "20", "output_tokens": "4"}
        if {"with_accuracy", "benchmark", "workload"} & set(given):
            prompts = {}
        chosen = options({**usual, **prompts, "progress": "none", **given})
        return measure(chosen, Console(stderr=True))

    return run


def perf(folder: Path) -> Any:
    return orjson.loads((folder / "perf.json").read_bytes())


def bodies(stub: StubServer) -> list[Any]:
    return [request.body for request in stub.requests]


def test_a_sweep_ends_in_tables_and_its_files(cli: Cli, server: StubServer, tmp_path: Path) -> None:
    command = ("perf", "--model", "stub", "--base-url", server.base_url, *SHORT, "--csv", "p.csv")
    done = cli(*command, "--concurrency", "1,4", "--requests", 8, "--repeats", 2)

    assert done.returncode == 0, done.stderr
    data = perf(tmp_path / "r")
    found = [(p["load"], p["repeat"], p["requests"], p["failed"]) for p in data["points"]]
    assert found == [
        *[("1 at once", 1, 8, 0), ("1 at once", 2, 8, 0)],
        *[("4 at once", 1, 8, 0), ("4 at once", 2, 8, 0)],
    ]
    for point in data["points"]:
        assert point["prompt_tokens"] == {"mean": 20.0, "min": 20, "max": 20}
        assert point["output_tokens"] == {"mean": 4.0, "min": 4, "max": 4}
        assert point["peak_concurrency"] == point["concurrency"]
        assert point["server"]["prompt_tokens"] == 8 * 20  # the warm-up is not counted
        assert point["server"]["output_tokens"] == 8 * 4
        assert point["ttft"]["p50"] <= point["latency"]["p50"]
    assert server.count == 2 * (8 + 1) + 2 * (8 + 4)  # a warm-up request a slot
    rows = list(csv.DictReader((tmp_path / "p.csv").read_text().splitlines()))
    assert [row["output_tokens.mean"] for row in rows] == ["4.0"] * 4
    assert "4 at once" in (tmp_path / "r/perf.md").read_text()
    for text in ("out tok/s", "TTFT", "prompts 20.0 (20 to 20)", "fewer than 3 repeats"):
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
    assert {point["cache"] for point in data["points"]} == {"salt"}


def test_a_warm_cache_is_only_left_so_when_asked(measured: Measured, server: StubServer) -> None:
    data = measured(concurrency="1", requests=2, repeats=1, warm_cache=True)

    assert "cache_salt" not in bodies(server)[0]
    assert "prefix cache: left as it is" in markdown(data)


def test_a_cache_that_stays_warm_is_said_where_prompts_come_again(
    measured: Measured, server: StubServer, tmp_path: Path
) -> None:
    (tmp_path / "w.jsonl").write_text('{"prompt": "One?"}\n{"prompt": "Two?"}')
    given = {"concurrency": "1", "requests": 2, "repeats": 1}
    cold = markdown(measured(workload=tmp_path / "w.jsonl", **given))
    server.metrics = False
    warm = markdown(measured(workload=tmp_path / "w.jsonl", out=tmp_path / "w", **given))
    unique = markdown(measured(out=tmp_path / "s", **given))

    warning = "can be neither emptied nor salted here, and every point draws from the same prompts"
    assert [warning in said for said in (cold, warm, unique)] == [False, True, False]
    promise = "no prompt is sent twice in a run"
    assert [promise in said for said in (cold, warm, unique)] == [False, False, True]


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

    order = [(point["arm"], point["repeat"]) for point in data["points"]]
    assert order == [("A", 1), ("B", 1), ("B", 2), ("A", 2), ("A", 3), ("B", 3)]
    rows = {row["figure"]: row for row in data["comparison"]}
    assert rows["requests/s"]["ci95"][0] <= rows["requests/s"]["ratio"]
    assert "## B / A" in markdown(data)


def test_an_open_loop_sends_at_its_rate_and_notes_what_was_late(measured: Measured) -> None:
    data = measured(rate="40,inf", requests=20, repeats=1, burstiness=4.0)

    paced, at_once = data["points"]
    assert (paced["rate"], paced["burstiness"], paced["requests"]) == (40.0, 4.0, 20)
    assert 0.2 < paced["steady"]["seconds"] < 2  # 20 requests in half a second
    assert paced["delay"]["p50"] >= 0
    assert (at_once["load"], at_once["rate"]) == ("all at once", None)
    assert at_once["steady"] is None


def test_a_number_of_seconds_ends_a_point(measured: Measured, server: StubServer) -> None:
    server.first_token = 0.02
    (point,) = measured(concurrency="2", seconds=0.4, repeats=1)["points"]

    assert 2 < point["requests"] < 50
    assert point["failed"] == 0


def test_goodput_and_the_knee(measured: Measured, server: StubServer) -> None:
    def slow_when_crowded(body: Body) -> Reply:
        server.first_token = 0.4 if server.in_flight >= 3 else 0.02
        return words(body)

    server.reply = slow_when_crowded
    data = measured(slo="ttft:200", find_knee=True, repeats=2, requests=8)

    assert data["knees"] == {"stub": {"best": 3, "worse": 4, "met": 2, "repeats": 2}}
    shares = {p["concurrency"]: p["good_share"] for p in data["points"]}
    assert shares[3] == 1.0 > 0.95 > shares[4]
    assert [p["repeat"] for p in data["points"] if p["concurrency"] == 3] == [1, 2]
    assert "3 at once meet the SLO, 4 do not" in markdown(data)


def test_a_knee_that_other_repeats_do_not_bear_out_says_so(
    measured: Measured, server: StubServer
) -> None:
    def slower_and_slower(body: Body) -> Reply:
        server.first_token = 0.0 if server.count < 60 else 0.2
        return words(body)

    server.reply = slower_and_slower
    data = measured(slo="ttft:100", find_knee=True, repeats=3, requests=8)

    (knee,) = data["knees"].values()
    assert knee["met"] < knee["repeats"] == 3
    assert f"(only in {knee['met']} of 3 repeats: the server's speed changes)" in markdown(data)


def test_an_slo_that_nothing_meets(measured: Measured, server: StubServer) -> None:
    server.first_token = 0.02
    said = markdown(measured(slo="ttft:1", find_knee=True, repeats=1, requests=4))

    assert "not even 1 at once meets the SLO" in said
    assert "no request met the SLO at any load" in said


def test_accuracy_and_speed_of_the_same_requests(measured: Measured, server: StubServer) -> None:
    server.reply = lambda body: "#### 18"
    given = {"with_accuracy": "gsm8k", "data": "builtin", "requests": 10, "repeats": 2}
    data = measured(concurrency="2,5", **given)

    assert [row["samples"] for row in data["pareto"]] == [10, 10]
    assert any(row["front"] for row in data["pareto"])
    assert len({point["accuracy"]["value"] for point in data["points"]}) == 1
    assert "accuracy and speed of the same requests" in markdown(data)


def test_a_server_s_message_cannot_steer_the_reader(measured: Measured, server: StubServer) -> None:
    server.faults = lambda index, body: Fault(400, message=HOSTILE) if index == 2 else None
    data = measured(concurrency="1", requests=4, repeats=1, warmup=0)
    console = Console(file=StringIO(), width=400)
    console.print(terminal(data))

    for each in (console.file.getvalue(), markdown(data)):  # type: ignore[attr-defined]
        assert "requests failed: " in each
        assert not steers(each)
    assert "![x]" not in markdown(data)


def test_more_requests_than_prompts_are_refused(measured: Measured, tmp_path: Path) -> None:
    (tmp_path / "w.jsonl").write_text('{"prompt": "One?"}\n{"prompt": "Two?"}')

    with pytest.raises(UsageError, match="there are only 2 prompts"):
        measured(workload=tmp_path / "w.jsonl", requests=3)


def test_fewer_requests_than_slots_are_refused(measured: Measured) -> None:
    with pytest.raises(UsageError, match="3 requests are too few for 4 at once"):
        measured(concurrency="4", requests=3)


@pytest.mark.parametrize(
    ("given", "words_"),
    [
        ({"concurrency": "1,4"}, "4 at once needs 4 prompts, and there are only 3"),
        ({"concurrency": "1,4", "seconds": 1.0}, "4 at once needs 4 prompts"),
        ({"rate": "1,4", "seconds": 1.0}, "4/s needs 4 prompts"),
        ({"concurrency": "1,4", "requests": 3}, "3 requests are too few for 4 at once"),
    ],
)
def test_too_few_prompts_for_a_later_load_are_found_before_the_first(
    measured: Measured, server: StubServer, tmp_path: Path, given: dict[str, Any], words_: str
) -> None:
    (tmp_path / "w.jsonl").write_text('{"prompt": "One?"}\n' * 3)

    with pytest.raises(UsageError, match=words_):
        measured(workload=tmp_path / "w.jsonl", **given)
    assert server.count == 0
    assert not (tmp_path / "r").exists()


def test_a_folder_that_cannot_be_written_is_found_before_anything_is_sent(
    measured: Measured, server: StubServer, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(UsageError, match=r"cannot write to '.*': Not a .*; choose another --out$"):
        measured(out=tmp_path / "file/r", concurrency="1", requests=2)
    assert (server.count, server.probes) == (0, [])


def test_a_point_that_could_not_be_written_is_not_said_to_be_kept(
    measured: Measured, server: StubServer, tmp_path: Path
) -> None:
    def in_the_way(body: Body) -> Reply:
        if server.count == 4:  # in the second point
            shutil.rmtree(tmp_path / "r")
            (tmp_path / "r").touch()
        return words(body)

    server.reply = in_the_way
    with pytest.raises(UsageError, match=r"cannot write .*; choose another --out$"):
        measured(concurrency="1", requests=2, repeats=2)


def test_a_run_whose_server_is_down_says_what_is_kept_of_it(
    measured: Measured, server: StubServer
) -> None:
    given = {"concurrency": "1", "requests": 2}
    measured(**given, repeats=1)
    server.stop()

    with pytest.raises(ServerError, match=r"finished points: 1, kept in .*--out goes on$"):
        measured(**given, repeats=2)


def test_a_mistake_is_not_said_to_go_on(measured: Measured, server: StubServer) -> None:
    given = {"concurrency": "1", "requests": 2, "repeats": 1}
    measured(**given)
    server.models = ["another"]

    with pytest.raises(UsageError, match=r"does not serve 'stub' but 'another'$"):
        measured(**given)


def test_progress_says_where_a_run_is() -> None:
    progress = Progress(points=4)
    first = progress.line()
    traffic = Traffic(never)
    progress.begin("A, 8 at once, repeat 1", traffic, 64)
    progress.done = 2
    progress.started -= 50.0
    traffic.trips += [Trip(str(number), 0.0, 0.0, 1.0) for number in range(32)]

    assert first.startswith("point 1 of 4: starting · 0:00 gone")
    line = progress.line()
    assert "point 3 of 4: A, 8 at once, repeat 1 · 32 of 64 done, 0 in flight" in line
    assert line.endswith("0:50 gone, about 0:30 left")


def test_progress_of_a_search_promises_no_end() -> None:
    progress = Progress(points=None, done=2)

    assert progress.line().startswith("point 3: starting · 0:00 gone")
    assert "left" not in progress.line()


async def never(request: Request) -> tuple[Response, Sequence[float]]:
    raise AssertionError(request)


def test_a_server_that_dies_leaves_the_finished_points(
    measured: Measured, server: StubServer, tmp_path: Path
) -> None:
    stopping = Thread(target=server.stop)

    def dying(body: Body) -> Reply:
        if server.count == 12:
            stopping.start()
        return words(body)

    server.reply = dying
    given = {"concurrency": "1,4", "requests": 8, "repeats": 1}
    with pytest.raises(ServerError, match=r"died at stub, 4 at once.*finished points: 1"):
        measured(**given)
    kept = perf(tmp_path / "r")["points"]
    stopping.join()
    server.start()
    points = measured(**given)["points"]

    assert [point["load"] for point in kept] == ["1 at once"]
    assert [point["load"] for point in points] == ["1 at once", "4 at once"]
    assert points[0] == kept[0]


def interrupted(server: StubServer, folder: Path, *more: str) -> tuple[Path, str]:
    """A run that gets SIGINT after its first point: where it was kept, and what it said."""
    server.first_token = 0.03
    command = [sys.executable, "-m", "evaluator", "perf", "--model", "stub", "--repeats", "500"]
    command += ["--base-url", server.base_url, "--requests", "5", "--concurrency", "1"]
    process = subprocess.Popen([*command, *more], cwd=folder, stderr=subprocess.PIPE, text=True)
    while not (files := list(folder.rglob("perf.json"))):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    return files[0].parent, errors


def test_a_run_that_is_interrupted_keeps_its_points(server: StubServer, tmp_path: Path) -> None:
    kept, errors = interrupted(server, tmp_path, *map(str, SHORT))

    assert "interrupted" in errors and "kept in 'r'" in errors
    assert "Traceback" not in errors
    assert errors.count("--out r") == 1
    assert perf(kept)["summary"]
    assert "1 at once" in report(kept)


def test_the_command_that_goes_on_names_the_folder_that_was_chosen(
    server: StubServer, tmp_path: Path
) -> None:
    kept, errors = interrupted(server, tmp_path, "--output-tokens", "4", "--progress", "none")

    assert errors.endswith(f"--progress none --out {kept.relative_to(tmp_path)}\n")


def report(run: Path) -> str:
    """As `evaluator report` shows it."""
    console = Console(record=True, width=80, file=StringIO())
    console.print(renewed(run))
    return console.export_text()


def test_another_workload_is_not_mixed_in_nor_compared(measured: Measured, tmp_path: Path) -> None:
    given = {"concurrency": "1", "requests": 2, "repeats": 2}
    measured(out=tmp_path / "a", **given)
    with pytest.raises(UsageError, match=r"workload .output_tokens '4' there and '5' here"):
        measured(out=tmp_path / "a", output_tokens="5", **given)
    with pytest.raises(UsageError, match="another workload"):
        measured(out=tmp_path / "b", output_tokens="5", against=tmp_path / "a", **given)
    same = measured(out=tmp_path / "c", against=tmp_path / "a", **given)

    assert "stub / stub in a" in markdown(same)
    assert len(perf(tmp_path / "a")["points"]) == 2


def test_points_of_another_server_are_not_taken_for_this_ones(measured: Measured) -> None:
    given = {"concurrency": "1", "requests": 2, "repeats": 1}
    measured(**given)
    refused = pytest.raises(UsageError, match=r"points of stub with another base_url \('http:")
    with StubServer(reply=words) as other, refused:
        measured(base_url=[other.base_url], **given)


def test_another_burstiness_is_another_load(measured: Measured, server: StubServer) -> None:
    given = {"rate": "200", "requests": 4, "repeats": 1}
    measured(**given)
    data = measured(burstiness=0.5, **given)

    assert [point["load"] for point in data["points"]] == ["200/s", "200/s, burstiness 0.5"]


def test_goodput_by_other_bounds_is_not_compared(measured: Measured, tmp_path: Path) -> None:
    given = {"concurrency": "1", "requests": 2, "repeats": 2}
    measured(out=tmp_path / "a", slo="ttft:1000", **given)
    same = measured(out=tmp_path / "b", slo="ttft:1000", against=tmp_path / "a", **given)
    other = measured(out=tmp_path / "c", slo="ttft:2000", against=tmp_path / "a", **given)

    assert "goodput/s" in {row["figure"] for row in same["comparison"]}
    assert "goodput/s" not in {row["figure"] for row in other["comparison"]}


def test_an_earlier_run_with_nothing_in_common_is_told_before_anything_is_measured(
    measured: Measured, server: StubServer, tmp_path: Path
) -> None:
    given = {"requests": 4, "repeats": 1}
    measured(out=tmp_path / "a", concurrency="1", **given)
    asked = server.count
    with pytest.raises(UsageError, match="it has 1 at once on stub, and this run has 2 at once"):
        measured(out=tmp_path / "b", concurrency="2", against=tmp_path / "a", **given)
    assert server.count - asked <= 40  # words that are looked for, and no point
    assert not (tmp_path / "b/perf.json").exists()

    some = measured(out=tmp_path / "b", concurrency="1,2", against=tmp_path / "a", **given)
    assert "not compared, for want of the same in a: 2 at once on stub" in markdown(some)
    assert {row["load"] for row in some["comparison"]} == {"1 at once"}


def test_prompts_that_end_before_the_time_are_a_line(measured: Measured, tmp_path: Path) -> None:
    (tmp_path / "w.jsonl").write_text('{"prompt": "One?"}\n{"prompt": "Two?"}')

    with pytest.raises(UsageError, match=r"the prompts ran out before the time at .*: 2 of them"):
        measured(workload=tmp_path / "w.jsonl", concurrency="1", seconds=5.0, warmup=0)


def test_two_runs_do_not_write_to_one_folder(measured: Measured, tmp_path: Path) -> None:
    with held(tmp_path / "r"), pytest.raises(UsageError, match="another run is writing to"):
        measured(concurrency="1", requests=2, repeats=1)


@pytest.mark.parametrize("text", ["{}", "[1]", '{"schema_version": 0}'])
def test_a_file_that_is_no_throughput_run_is_a_line(
    measured: Measured, tmp_path: Path, text: str
) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old/perf.json").write_text(text)

    with pytest.raises(UsageError, match="is not of a throughput run of this version"):
        measured(concurrency="1", requests=2, against=tmp_path / "old")


def test_failures_are_counted_and_are_no_zeros(measured: Measured, server: StubServer) -> None:
    server.faults = [500, None, None, None] * 3
    data = measured(concurrency="2", requests=12, warmup=0, repeats=1)

    (point,) = data["points"]
    assert (point["completed"], point["failed"]) == (9, 3)
    assert server.count == 12  # no second attempts
    assert "3 of 12 requests failed: status 500" in markdown(data)


@pytest.mark.parametrize(
    ("given", "kind", "words_"),
    [
        ({"against": Path("nothing")}, UsageError, "no throughput run in 'nothing'"),
        ({"workload": Path("missing.jsonl")}, UsageError, "cannot read 'missing.jsonl'"),
        ({"with_accuracy": "gsm9k"}, UsageError, "gsm9k"),
        ({"base_url": ["http://127.0.0.1:9/v1"]}, ServerError, "no answer from http://127"),
        ({"model": "other"}, UsageError, "does not serve 'other' but 'stub'"),
        ({"prompt_tokens": "1"}, UsageError, "give at least 2"),
    ],
)
def test_what_cannot_be_measured_is_a_line(
    measured: Measured,
    server: StubServer,
    given: dict[str, Any],
    kind: type[EvaluatorError],
    words_: str,
) -> None:
    server.models = ["stub"]

    with pytest.raises(kind, match=words_) as raised:
        measured(**given)
    assert "\n" not in str(raised.value)
    assert server.count == 0


def test_a_mistake_ends_the_command_with_a_line(cli: Cli) -> None:
    done = cli("perf", "--model", "stub", "--rate", "0", *QUIET)

    assert done.returncode == 2
    assert done.stderr.startswith("error: --rate: at 0 a second nothing is sent")


def test_a_slow_server_is_a_timeout_and_not_a_hang(measured: Measured, server: StubServer) -> None:
    server.first_token = 30.0

    with pytest.raises(RunStopped, match=r"every request failed.*no reply within 0.3 s"):
        measured(timeout=0.3, concurrency="1", requests=1, warmup=0)


def test_a_server_without_usage_is_said_and_nothing_is_guessed(
    measured: Measured, server: StubServer, tmp_path: Path
) -> None:
    server.reply = Reply("a b c d", prompt_tokens=0, output_tokens=0)
    data = measured(concurrency="1", requests=4, repeats=1)

    (point,) = data["points"]
    assert point["output_tokens_per_s"] is None and point["tpot"] == {}
    assert point["requests_per_s"] > 0 and point["itl"]["p50"] >= 0
    assert "does not count tokens (no usage)" in markdown(data)
    with pytest.raises(UsageError, match="--find-knee: stub does not count tokens"):
        measured(slo="tpot:50", find_knee=True, requests=2, repeats=1, out=tmp_path / "k")


HTML = b"<!doctype html><title>Nothing here</title>"


@pytest.mark.parametrize("page", [HTML, b"[]", b'"no"', b'{"tokens": 4}', b'{"count": null}'])
def test_prompts_are_counted_by_usage_where_tokenize_has_no_count(
    measured: Measured, server: StubServer, page: bytes
) -> None:
    server.pages = {"/tokenize": page}
    data = measured(concurrency="1", requests=2, repeats=1)

    assert data["points"][0]["prompt_tokens"] == {"mean": 20.0, "min": 20, "max": 20}
    assert any(body["max_tokens"] == 1 for body in bodies(server))


@pytest.mark.parametrize(
    ("page", "cache"),
    [
        (b"", "reset"),
        (b'{"success": true}', "reset"),
        (b'{"success": false}', "salt"),
        (HTML, "salt"),
        (b"[]", "salt"),
    ],
)
def test_a_cache_is_emptied_only_where_the_server_says_that_it_does(
    measured: Measured, server: StubServer, page: bytes, cache: str
) -> None:
    server.pages = {"/reset_prefix_cache": page}
    data = measured(concurrency="1", requests=2, repeats=1)

    assert {point["cache"] for point in data["points"]} == {cache}


def test_a_server_that_has_one_page_for_every_path_is_measured(
    measured: Measured, server: StubServer
) -> None:
    server.pages = dict.fromkeys(("/reset_prefix_cache", "/tokenize", "/metrics"), HTML)
    (point,) = measured(concurrency="1", requests=2, repeats=1)["points"]

    assert (point["cache"], point["server"], point["failed"]) == ("unique", None, 0)


def test_a_field_that_is_left_out_is_not_told_as_neutral(
    measured: Measured, server: StubServer
) -> None:
    given = {"concurrency": "1", "requests": 2, "repeats": 1}
    measured(param=["top_k=null", "temperature=null"], **given)

    assert {name for name in ("top_k", "temperature", "top_p") if name in bodies(server)[-1]} == {
        "top_p"
    }


@pytest.mark.parametrize(("param", "sent"), [([], 0.9), (["temperature=0.3"], 0.3)])
def test_a_question_is_timed_with_its_own_sampling(param: list[str], sent: float) -> None:
    async def solve(sample: Sample, ask: Ask) -> Score:
        return Score(1.0, (await ask("Why?", temperature=0.9)).text)

    benchmark = Benchmark("b", "B", "here", lambda rows, shots: (), solve, {"temperature": 0.0})
    asked = Questions(benchmark, {"1": Sample("1", {})}, "here")
    ((_, body),) = asked.workload(options({"out": Path("r"), "param": param})).rows

    assert body["temperature"] == sent
