"""A run that goes on, as the page that follows it hears of it."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest

from evaluator.viewer.live import Follower, LiveProgress
from tests.processes import started
from tests.stub import StubServer
from tests.viewer.conftest import Viewed
from tests.viewer.pages import ids, row
from tests.viewer.serving import served
from tests.waiting import wait_until


def events(lines: Iterator[str]) -> Iterator[Any]:
    """The data of server-sent events."""
    return (orjson.loads(line[6:]) for line in lines if line.startswith("data: "))


def done(progress: LiveProgress) -> int:
    return sum(of["done"] for of in progress["benchmarks"])


def test_a_run_is_followed_to_its_end(tmp_path: Path) -> None:
    held, asked = threading.Event(), []

    def reply(body: dict[str, Any]) -> str:
        asked.append(body)
        if len(asked) > 12:
            held.wait(30)
        return "Answer: <b>B</b>" if len(asked) % 2 else "Answer: B"

    words = ["run", "arc", "--data", "builtin", "--model", "m", "--no-smoke", "--concurrency", "4"]
    words += ["--progress", "none", "--out", "runs/going"]
    (tmp_path / "runs").mkdir()
    with StubServer(reply=reply, models=["m"]) as stub:
        command = [sys.executable, "-m", "evaluator", *words, "--base-url", stub.base_url]
        with (
            started(command, cwd=tmp_path, stderr=subprocess.DEVNULL) as run,
            served(tmp_path / "runs") as url,
            httpx2.Client(base_url=url, timeout=60) as client,
        ):
            id = only_id(client)
            with client.stream("GET", f"/events/{id}") as stream:
                assert stream.headers["content-type"].startswith("text/event-stream")
                heard = events(stream.iter_lines())
                first = next(each for each in heard if each["replies"])
                assert not first["ended"]
                assert first["benchmarks"][0]["planned"] == 30
                assert "Answer: " in first["last"][0]["text"]
                held.set()
                seen = [first, *heard]
            run.wait(30)
    assert seen[-1]["ended"]
    assert done(seen[-1]) == seen[-1]["replies"] == 30
    right, wrong = (seen[-1]["benchmarks"][0][name] for name in ("right", "wrong"))
    assert right + wrong == 30
    assert [done(each) for each in seen] == sorted(done(each) for each in seen)


def only_id(client: httpx2.Client) -> str:
    """The id of the one run, as soon as it is listed as going on."""

    def listed() -> str:
        page = client.get("/").text
        return page if ">going on<" in page else ""

    page = wait_until(listed)
    return page.partition('data-id="')[2].partition('"')[0]


def test_a_run_going_on_without_a_report_is_followed(runs: Path, viewed: Viewed) -> None:
    (runs / "base" / "report.json").unlink()
    for file in (runs / "base").glob("*.jsonl"):
        file.touch()
    client = viewed(runs)
    assert ">going on<" in row(client, "base")
    page = client.get(f"/result/{ids(client)['base']}")
    assert page.url.path == f"/live/{ids(client)['base']}"


def test_a_finished_run_is_told_at_once(measured: Path, viewed: Viewed) -> None:
    client = viewed(measured)
    (only,) = events(client.get(f"/events/{ids(client)['base']}").iter_lines())
    assert only["ended"]
    assert done(only) == 60


def test_what_is_damaged_is_said(runs: Path, viewed: Viewed) -> None:
    (runs / "base" / "outcomes.jsonl").write_bytes(b'{"benchmark": 7}\n')
    client = viewed(runs)
    reply = client.get(f"/events/{ids(client)['base']}").text
    assert reply.startswith("event: fault\ndata: ")
    assert "outcomes.jsonl: " in reply


def test_files_that_begin_again_count_anew(runs: Path) -> None:
    follower, outcomes = Follower(runs / "base"), runs / "base" / "outcomes.jsonl"
    assert done(follower.look()) == 60
    lines = outcomes.read_bytes().splitlines(keepends=True)
    outcomes.write_bytes(b"".join(lines[:20]))
    assert done(follower.look()) == 20
    with outcomes.open("ab") as file:
        file.write(b"".join(lines[20:30]) + lines[30][:10])
    assert done(follower.look()) == 30
    outcomes.unlink()
    assert follower.look()["replies"] == 60


@pytest.mark.parametrize("line", [b"{}\n", b"[]\n", b"\xff\n", b"torn"])
def test_a_damaged_line_of_the_journal_is_passed_over(runs: Path, line: bytes) -> None:
    with (runs / "base" / "responses.jsonl").open("ab") as file:
        file.write(line)
    assert Follower(runs / "base").look()["replies"] == 60
