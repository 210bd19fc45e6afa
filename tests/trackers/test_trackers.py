"""Runs in trackers that need no network, and trackers that fail."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from evaluator.errors import ServerError
from evaluator.trackers.record import COLUMNS, metric_name, tracked
from evaluator.trackers.sending import last_line, send
from tests.conftest import Cli
from tests.stub import StubServer

SECRET = "sk-not-to-be-told"


@pytest.fixture
def run(cli: Cli, stub: StubServer, tmp_path: Path) -> Path:
    """A run of C-Eval's built-in rows."""
    words = ("--model", "stub", "--base-url", stub.base_url, "--data", "builtin")
    done = cli("run", "ceval", *words, "--out", "mine", "--progress", "none")
    assert done.returncode == 0, done.stderr
    return tmp_path / "mine"


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every tracker keeps what it gets in the folder of the test."""
    for name, value in {
        "WANDB_MODE": "offline",
        "WANDB_DIR": str(tmp_path),
        "WANDB_CACHE_DIR": str(tmp_path / "cache"),
        "WANDB_DATA_DIR": str(tmp_path / "data"),
        "WANDB_API_KEY": SECRET,
        "SWANLAB_MODE": "local",
        "SWANLAB_LOG_DIR": str(tmp_path / "swanlog"),
        "SWANLAB_API_KEY": SECRET,
        "MLFLOW_TRACKING_URI": (tmp_path / "mlruns").as_uri(),
        "MLFLOW_ALLOW_FILE_STORE": "true",
    }.items():
        monkeypatch.setenv(name, value)


def value(run: Path) -> float:
    return float(orjson.loads((run / "report.json").read_bytes())["benchmarks"]["ceval"]["value"])


def files_with(folder: Path, word: bytes) -> list[Path]:
    return [each for each in folder.rglob("*") if each.is_file() and word in each.read_bytes()]


def test_what_is_told_of_a_run(run: Path) -> None:
    found = tracked(run)

    assert found.name == "mine" and found.page == run / "report.html"
    assert found.parameters["model"] == "stub" and found.parameters["ceval/shots"] == 5
    assert found.metrics["ceval/score"] == value(run)
    assert found.metrics["ceval/score_low"] < value(run) < found.metrics["ceval/score_high"]
    assert any(name.startswith("ceval/group/") for name in found.metrics)
    assert any(name.startswith("ceval/category/") for name in found.metrics)
    assert len(found.samples) == found.metrics["ceval/samples"]
    row = dict(zip(COLUMNS, found.samples[0], strict=True))
    assert row["reply"] == "Answer: B" and row["question"] and row["status"] == "scored"


def test_names_of_metrics_are_such_as_all_trackers_take() -> None:
    assert metric_name("mcq:a/b.csv", "pass@4") == "mcq_a_b.csv/pass_4"
    assert metric_name("ceval", "语文") == "ceval/语文"


def test_tensorboard_shows_the_run(cli: Cli, run: Path) -> None:
    pytest.importorskip("tensorboardX")
    from tensorboardX.proto.event_pb2 import Event

    done = cli("track", "mine", "--to", "tensorboard")

    assert done.returncode == 0, done.stderr
    assert "tracked by tensorboard: mine/tensorboard/" in done.stderr
    (events,) = (run / "tensorboard").glob("events*")
    scalars, texts = {}, set()
    for record in records(events):
        for each in Event.FromString(record).summary.value:
            if each.HasField("simple_value"):
                scalars[each.tag] = each.simple_value
            else:
                texts.add(each.tag)
    assert scalars["ceval/score"] == pytest.approx(value(run))
    assert "ceval/score_low" in scalars
    assert {each.split("/")[0] for each in texts} == {"parameters", "samples"}
    assert (run / "tensorboard/report.html").exists()


def records(path: Path) -> list[bytes]:
    """The records of an event file: length, its check sum, the record, its check sum."""
    content, found = path.read_bytes(), []
    while content:
        size = int.from_bytes(content[:8], "little")
        found.append(content[12 : 12 + size])
        content = content[16 + size :]
    return found


READ_MLFLOW = """
import json
from mlflow import MlflowClient, artifacts

client = MlflowClient()
(experiment,) = client.search_experiments(filter_string="name = 'evaluator'")
(run,) = client.search_runs([experiment.experiment_id])
kept = {"metrics": run.data.metrics, "parameters": run.data.params}
kept["artifacts"] = [each.path for each in client.list_artifacts(run.info.run_id)]
kept["table"] = artifacts.load_dict(f"{run.info.artifact_uri}/samples.json")
print(json.dumps(kept))
"""


def test_mlflow_shows_the_run(cli: Cli, run: Path) -> None:
    pytest.importorskip("mlflow")

    done = cli("track", "mine", "--to", "mlflow")

    assert done.returncode == 0, done.stderr
    read = subprocess.run([sys.executable, "-c", READ_MLFLOW], capture_output=True, text=True)
    assert read.returncode == 0, read.stderr
    kept = orjson.loads(read.stdout)
    assert kept["metrics"]["ceval/score"] == pytest.approx(value(run))
    assert kept["metrics"]["ceval/score_low"] < value(run) < kept["metrics"]["ceval/score_high"]
    assert any(name.startswith("ceval/group/") for name in kept["metrics"])
    assert kept["parameters"]["model"] == "stub"
    assert kept["table"]["columns"] == list(COLUMNS) and len(kept["table"]["data"]) > 10
    assert {"report.html", "report_samples", "samples.json"} <= set(kept["artifacts"])


@pytest.mark.parametrize("name", ["wandb", "swanlab"])
def test_others_keep_the_run_without_a_network_and_no_key(cli: Cli, run: Path, name: str) -> None:
    pytest.importorskip(name)
    place = {"wandb": "wandb/offline-run-*/*.wandb", "swanlab": "swanlog/run-*/**/*"}[name]

    done = cli("track", "mine", "--to", name)

    assert done.returncode == 0, done.stderr
    kept = [each for each in run.parent.glob(place) if each.is_file()]
    assert any(b"ceval/score" in each.read_bytes() for each in kept), kept
    assert files_with(run.parent, SECRET.encode()) == []
    assert SECRET not in done.stdout + done.stderr


FAKE = {
    "fails": f"raise RuntimeError('no such host for key {SECRET}')",
    "hangs": "import subprocess, sys, time\n"
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\ntime.sleep(60)",
}


@pytest.mark.parametrize("how", ["fails", "hangs"])
def test_a_tracker_that_does_not_work_costs_a_line(
    cli: Cli, run: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    fake = run.parent / "fake"
    fake.mkdir()
    (fake / "mlflow.py").write_text(FAKE[how])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(fake), *sys.path]))
    before = (run / "report.json").read_bytes()

    done = cli("track", "mine", "--to", "mlflow", "--timeout", 4 if how == "hangs" else 60)

    assert done.returncode == 3
    (line,) = done.stderr.splitlines()
    assert line.startswith("not tracked by mlflow: ")
    assert "no end in 4 s" in line if how == "hangs" else "RuntimeError: no such host" in line
    assert SECRET not in line
    assert (run / "report.json").read_bytes() == before


def test_a_failing_tracker_leaves_the_code_of_a_run_as_it_is(
    cli: Cli, stub: StubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "fake"
    fake.mkdir()
    (fake / "wandb.py").write_text(FAKE["fails"])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(fake), *sys.path]))

    words = ("--model", "stub", "--base-url", stub.base_url, "--data", "builtin")
    done = cli("run", "arc", *words, "--out", "mine", "--track", "wandb,tensorboard")

    assert done.returncode == 0, done.stderr
    assert "not tracked by wandb: RuntimeError" in done.stderr
    assert "tracked by tensorboard: mine/tensorboard/" in done.stderr
    assert (tmp_path / "mine/report.json").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("track", "none", "--to", "tensorboard"), "no report in 'none'"),
        (("track", "none", "--to", "wand"), "did you mean 'wandb'?"),
        (("track", "none"), "--to is missing"),
    ],
)
def test_mistakes(cli: Cli, words: Any, told: str) -> None:
    done = cli(*words)

    assert done.returncode == 2
    assert told in done.stderr


def test_a_package_that_is_missing_is_told_before_the_run(
    cli: Cli, stub: StubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = tmp_path / "sitecustomize.py"
    hidden.write_text("import sys\nsys.modules['tensorboardX'] = None\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *sys.path]))

    words = ("--model", "stub", "--base-url", stub.base_url, "--data", "builtin")
    done = cli("run", "arc", *words, "--out", "mine", "--track", "tensorboard")

    assert done.returncode == 2
    assert "pip install 'evaluator[tensorboard]'" in done.stderr
    assert stub.count == 0 and not (tmp_path / "mine").exists()


def test_a_tracker_that_hangs_is_ended_by_its_time_limit(run: Path) -> None:
    with pytest.raises(ServerError, match=r"not tracked by tensorboard: no end in 0\.01 s"):
        send("tensorboard", run, 0.01)


def test_secrets_are_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_API_KEY", SECRET)

    assert last_line(f"first\nrefused: {SECRET}\x1b[1m\n\n".encode()) == "refused: ***\ufffd[1m"
