"""Mistakes end a throughput run in one line, before anything is sent where that is possible."""

from pathlib import Path
from typing import Any

import pytest

from evaluator.errors import EvaluatorError, RunStopped, ServerError, UsageError
from tests.conftest import Cli
from tests.stub import StubServer

from .measuring import QUIET, Measured


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


def test_prompts_that_end_before_the_time_are_a_line(measured: Measured, tmp_path: Path) -> None:
    (tmp_path / "w.jsonl").write_text('{"prompt": "One?"}\n{"prompt": "Two?"}')

    with pytest.raises(UsageError, match=r"the prompts ran out before the time at .*: 2 of them"):
        measured(workload=tmp_path / "w.jsonl", concurrency="1", seconds=5.0, warmup=0)


def test_a_folder_that_cannot_be_written_is_found_before_anything_is_sent(
    measured: Measured, server: StubServer, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(UsageError, match=r"cannot write to '.*': Not a .*; choose another --out$"):
        measured(out=tmp_path / "file/r", concurrency="1", requests=2)
    assert (server.count, server.probes) == (0, [])


@pytest.mark.parametrize("text", ["{}", "[1]", '{"schema_version": 0}'])
def test_a_file_that_is_no_throughput_run_is_a_line(
    measured: Measured, tmp_path: Path, text: str
) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old/perf.json").write_text(text)

    with pytest.raises(UsageError, match=r"old/perf\.json: "):
        measured(concurrency="1", requests=2, against=tmp_path / "old")


@pytest.mark.parametrize(
    ("given", "kind", "words_"),
    [
        ({"against": Path("nothing")}, UsageError, "no throughput run in 'nothing'"),
        ({"workload": Path("missing.jsonl")}, UsageError, "cannot read 'missing.jsonl'"),
        ({"with_accuracy": "gsm9k"}, UsageError, "gsm9k"),
        ({"base_url": ["http://127.0.0.1:9/v1"]}, ServerError, "no answer from http://127"),
        ({"model": "other"}, UsageError, "does not serve 'other'; it serves 'stub'"),
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

    with pytest.raises(RunStopped, match=r"every request failed.*no sign of progress for 0.3 s"):
        measured(timeout=0.3, concurrency="1", requests=1, warmup=0)
