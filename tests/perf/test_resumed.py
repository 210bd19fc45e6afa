"""Runs that end early or go on, and runs that are compared with an earlier one."""

import shutil
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path
from threading import Thread

import pytest
from rich.console import Console

from evaluator.errors import ServerError, UsageError
from evaluator.perf.report.render import markdown, rewrite, terminal
from evaluator.perf.result_file import locked
from evaluator.results.perf import read
from tests.processes import started
from tests.stub import Reply, StubServer
from tests.stub.replies import Body, words
from tests.waiting import wait_until

from .measuring import SHORT, Measured


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

    with pytest.raises(UsageError, match=r"does not serve 'stub'; it serves 'another'$"):
        measured(**given)


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
    kept = read(tmp_path / "r").points
    stopping.join()
    server.start()
    points = measured(**given).points

    assert [point.load for point in kept] == ["1 at once"]
    assert [point.load for point in points] == ["1 at once", "4 at once"]
    assert points[0] == kept[0]


def interrupted(server: StubServer, folder: Path, *more: str) -> tuple[Path, str]:
    """A run that gets SIGINT after its first point: where it was kept, and what it said."""
    server.first_token = 0.03
    command = [sys.executable, "-m", "evaluator", "perf", "--model", "stub", "--repeats", "500"]
    command += ["--base-url", server.base_url, "--requests", "5", "--concurrency", "1"]
    words = [*command, *more]
    with started(words, cwd=folder, stderr=subprocess.PIPE, text=True) as process:
        wait_until(lambda: list(folder.rglob("perf.json")) or process.poll() is not None)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    (file,) = folder.rglob("perf.json")
    return file.parent, errors


def test_a_run_that_is_interrupted_keeps_its_points(server: StubServer, tmp_path: Path) -> None:
    kept, errors = interrupted(server, tmp_path, *map(str, SHORT))

    assert "interrupted" in errors and "kept in 'r'" in errors
    assert "Traceback" not in errors
    assert errors.count("--out r") == 1
    assert read(kept).summary
    assert "1 at once" in report(kept)


def test_the_command_that_goes_on_names_the_folder_that_was_chosen(
    server: StubServer, tmp_path: Path
) -> None:
    kept, errors = interrupted(server, tmp_path, "--output-tokens", "4", "--progress", "none")

    assert errors.endswith(f"--progress none --out {kept.relative_to(tmp_path)}\n")


def report(run: Path) -> str:
    """As `evaluator report` shows it."""
    console = Console(record=True, width=80, file=StringIO())
    console.print(terminal(rewrite(run)))
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
    assert len(read(tmp_path / "a").points) == 2


def test_points_of_another_server_are_not_taken_for_this_ones(measured: Measured) -> None:
    given = {"concurrency": "1", "requests": 2, "repeats": 1}
    measured(**given)
    refused = pytest.raises(UsageError, match=r"points of stub with another base_url \('http:")
    with StubServer(reply=words) as other, refused:
        measured(base_url=[other.base_url], **given)


def test_goodput_by_other_bounds_is_not_compared(measured: Measured, tmp_path: Path) -> None:
    given = {"concurrency": "1", "requests": 2, "repeats": 2}
    measured(out=tmp_path / "a", slo="ttft:1000", **given)
    same = measured(out=tmp_path / "b", slo="ttft:1000", against=tmp_path / "a", **given)
    other = measured(out=tmp_path / "c", slo="ttft:2000", against=tmp_path / "a", **given)

    assert "goodput/s" in {row.figure for row in same.comparison}
    assert "goodput/s" not in {row.figure for row in other.comparison}


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
    assert {row.load for row in some.comparison} == {"1 at once"}


def test_two_runs_do_not_write_to_one_folder(measured: Measured, tmp_path: Path) -> None:
    with locked(tmp_path / "r"), pytest.raises(UsageError, match="another run is writing to"):
        measured(concurrency="1", requests=2, repeats=1)
