"""Runs and other tools, each in an environment of its own: it reads what we write, and writes."""

import json
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import orjson
import pytest
from playwright.sync_api import Browser, expect

from tests.conftest import Cli
from tests.processes import printed, started
from tests.stub import StubServer
from tests.web.conftest import browser  # noqa: F401  # a fixture

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).parent / "uv"  # by the extra `dev`
PATIENCE = 600
ROWS = ROOT / "evaluator/samples/openai/gsm8k/main/test.jsonl"
TASK = """
import json
from inspect_ai import Task, task
from inspect_ai.dataset import Sample
from inspect_ai.scorer import match
from inspect_ai.solver import generate

@task
def gsm8k():
    rows = [json.loads(line) for line in open("rows.jsonl")]
    asked = [(each["question"], each["answer"].split("#### ")[1]) for each in rows]
    samples = [Sample(input=question, target=answer) for question, answer in asked]
    return Task(dataset=samples, solver=generate(), scorer=match(numeric=True))
"""
CARD = """---
configs:
- config_name: main
  data_files:
  - {split: test, path: main/test.jsonl}
  - {split: train, path: main/train.jsonl}
---
"""
THEIR_TASK = r"""
task: gsm8k
dataset_path: json
dataset_kwargs: {data_files: {test: rows.jsonl}}
test_split: test
output_type: generate_until
doc_to_text: "Question: {{question}}\nAnswer:"
doc_to_target: "{{answer.split('#### ')[-1]}}"
generation_kwargs: {until: ["Question:"]}
filter_list:
- name: first
  filter: [{function: regex, regex_pattern: "([0-9]+)"}, {function: take_first}]
metric_list: [{metric: exact_match, aggregation: mean, higher_is_better: true}]
"""
READ_LOGS = """
import sys
from inspect_ai.log import list_eval_logs, read_eval_log
for each in list_eval_logs(sys.argv[1]):
    header, log = read_eval_log(each, header_only=True), read_eval_log(each)
    scores = [sample.scores["evaluator"].value for sample in log.samples]
    print(header.eval.task, header.status, sum(scores), header.eval.tags)
"""
READ_WANDB = """
import json, sys
from pathlib import Path
from swanlab.converter.wb.wbdatastore import WBDataStoreReader
from wandb.proto.wandb_internal_pb2 import Record

(path,) = Path(sys.argv[1]).rglob("*.wandb")
found = {"metrics": {}, "parameters": {}, "artifacts": {}}
with WBDataStoreReader() as reader:
    reader.open(path)
    while (data := reader.scan()) is not None:
        record = Record.FromString(data)
        for each in record.history.item:
            found["metrics"][each.key or "/".join(each.nested_key)] = json.loads(each.value_json)
        for each in record.run.config.update:
            found["parameters"][each.key] = json.loads(each.value_json)
        if artifact := record.artifact.type:
            found["artifacts"][artifact] = [of.path for of in record.artifact.manifest.contents]
print(json.dumps(found))
"""
# SwanLab reads a record so before it sends it on (`swanlab sync`).
READ_SWANLAB = """
import json, sys
from pathlib import Path
from swanlab.proto.swanlab.record.v1.record_pb2 import Record
from swanlab.sdk.internal.core_python.store import DataStoreReader

(path,) = Path(sys.argv[1]).rglob("run-*.swanlab")
reader, found = DataStoreReader(), {"ended": False}
reader.open(path)
for record in map(Record.FromString, reader):
    if record.HasField("media"):
        found[record.media.key] = [item.filename for item in record.media.value.items]
    found["ended"] |= record.HasField("finish")
print(json.dumps(found))
"""
READ_TENSORBOARD = """
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1])
events.Reload()
tags = events.Tags()
scalars = {name: events.Scalars(name)[-1].value for name in tags["scalars"]}
print(json.dumps({"scalars": scalars, "texts": tags["tensors"]}))
"""

pytestmark = pytest.mark.install


run = partial(printed, patience=PATIENCE)
Installed = Callable[..., Path]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Makes an environment with these packages; the folder of its programs."""

    def made(*packages: str) -> Path:
        folder = tmp_path_factory.mktemp("tool")
        run(UV, "venv", "--quiet", "--python", sys.executable, "env", cwd=folder)
        python = folder / "env/bin/python"
        run(UV, "pip", "install", "--quiet", "--python", python, *packages, cwd=folder)
        return python.parent

    return made


@pytest.fixture(scope="module")
def inspect(installed: Installed) -> Path:
    return installed("inspect-ai", "openai")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a tool keeps for its user is kept in the folder of the test."""
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))


@pytest.fixture
def ours(cli: Cli, stub: StubServer) -> str:
    """Five samples of ARC and five of GSM8K."""
    at = ("--model", "stub", "--base-url", stub.base_url, "--data", "builtin", "--limit", 5)
    done = cli("run", "arc", "gsm8k", *at, "--progress", "none", "--tag", "zh", "--out", "run")
    assert done.returncode == 0, done.stderr
    return "run"


def value(folder: Path, benchmark: str) -> float:
    report = orjson.loads((folder / "report.json").read_bytes())
    return float(report["benchmarks"][benchmark]["value"])


def test_inspect_ai_reads_our_logs(inspect: Path, cli: Cli, ours: str, tmp_path: Path) -> None:
    cli("export", ours, "--to", "inspect", "-o", "logs")
    said = run(inspect / "python", "-c", READ_LOGS, "logs", cwd=tmp_path)

    assert f"arc success {value(tmp_path / ours, 'arc') * 5} ['zh']" in said
    assert "gsm8k success 0.0 ['zh']" in said


@pytest.fixture
def viewed(inspect: Path, cli: Cli, ours: str, tmp_path: Path) -> Iterator[str]:
    """`inspect view` of our logs."""
    cli("export", ours, "--to", "inspect", "-o", "logs")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    words = ("view", "start", "--log-dir", "logs", "--host", "127.0.0.1", "--port", port)
    with started([inspect / "inspect", *words], cwd=tmp_path):
        yield f"http://127.0.0.1:{port}/"


def test_inspect_view_shows_our_samples(browser: Browser, viewed: str) -> None:  # noqa: F811  # the fixture
    faults: list[str] = []
    with browser.new_page() as page:
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("response", lambda got: faults.append(got.url) if got.status >= 500 else None)
        page.goto(answered(viewed))
        page.get_by_text("gsm8k").first.click(timeout=60_000)
        expect(page.get_by_text("Mira fills 7 jars").first).to_be_visible(timeout=60_000)
        expect(page.get_by_text("5 Samples").first).to_be_visible()

    assert faults == []


def answered(url: str) -> str:
    """The address, once a server listens there."""
    place = urlsplit(url)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            socket.create_connection((place.hostname, place.port), timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return url
    raise AssertionError(f"nothing listens at {url}")


def test_a_log_that_inspect_ai_wrote_just_now_is_imported(
    inspect: Path, cli: Cli, stub: StubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub.reply = lambda body: "Answer: 93"
    monkeypatch.setenv("STUB_BASE_URL", stub.base_url)
    monkeypatch.setenv("STUB_API_KEY", "none")
    (tmp_path / "task.py").write_text(TASK)
    (tmp_path / "rows.jsonl").write_text("\n".join(ROWS.read_text().splitlines()[:3]))
    words = ("--model", "openai-api/stub/tiny", "--log-dir", "logs", "--display", "plain")
    run(inspect / "inspect", "eval", "task.py", *words, cwd=tmp_path)
    done = cli("import", "inspect", "logs", "--data", "builtin", "-o", "made")

    assert done.returncode == 0, done.stderr
    assert value(tmp_path / "made", "gsm8k") == pytest.approx(1 / 3)


def test_what_lm_eval_wrote_just_now_is_imported(
    cli: Cli, stub: StubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub.reply = lambda body: "Answer: 93"
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks/gsm8k.yaml").write_text(THEIR_TASK)
    (tmp_path / "rows.jsonl").write_text("\n".join(ROWS.read_text().splitlines()[:3]))
    model = f"model=tiny,base_url={stub.base_url}/chat/completions,tokenizer_backend=none"
    asked = ("--model", "local-chat-completions", "--model_args", model, "--apply_chat_template")
    words = ("--tasks", "gsm8k", "--include_path", "tasks", "--output_path", "out", "--log_samples")
    run(sys.executable, "-m", "lm_eval", *asked, *words, cwd=tmp_path)
    done = cli("import", "lm-eval", "out", "--data", "builtin", "-o", "made")

    assert done.returncode == 0, done.stderr
    assert value(tmp_path / "made", "gsm8k") == pytest.approx(1 / 3)


def test_what_evalscope_wrote_just_now_is_imported(
    installed: Installed, cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    stub.reply = lambda body: "The answer is \\boxed{93}"
    rows = tmp_path / "rows/gsm8k"
    shutil.copytree(ROWS.parent, rows / "main")
    (rows / "README.md").write_text(CARD)
    words = ("--model", "tiny", "--api-url", stub.base_url, "--api-key", "none", "--limit", "3")
    args = json.dumps({"gsm8k": {"local_path": str(rows), "few_shot_num": 0}})
    kind = ("--eval-type", "openai_api", "--datasets", "gsm8k", "--dataset-args", args)
    program = installed("evalscope") / "evalscope"
    run(program, "eval", *words, *kind, "--work-dir", "out", "--no-timestamp", cwd=tmp_path)
    done = cli("import", "evalscope", "out", "--data", "builtin", "-o", "made")

    assert done.returncode == 0, done.stderr
    assert value(tmp_path / "made", "gsm8k") == pytest.approx(1 / 3)


def test_a_table_in_latex_is_one_that_a_parser_reads(
    installed: Installed, cli: Cli, ours: str, tmp_path: Path
) -> None:
    cli("export", ours, "--to", "latex", "-o", "table.tex")
    read = (
        "from pylatexenc.latexwalker import LatexWalker\n"
        "text = open('table.tex').read()\n"
        "nodes, _, _ = LatexWalker(text, tolerant_parsing=False).get_latex_nodes()\n"
        "print([each.environmentname for each in nodes if hasattr(each, 'environmentname')])"
    )

    assert "tabular" in run(installed("pylatexenc") / "python", "-c", read, cwd=tmp_path)


@pytest.fixture
def tracked(
    cli: Cli, ours: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], str]:
    """Sends the run to trackers that keep it here; runs a script beside their packages."""
    packages = tmp_path / "packages"
    wanted = ("wandb", "swanlab[dashboard]", "tensorboard")
    run(UV, "pip", "install", "--quiet", "--target", packages, *wanted, cwd=tmp_path)
    for name, setting in {
        "PYTHONPATH": str(packages),
        "WANDB_MODE": "offline",
        "WANDB_DIR": str(tmp_path),
        "SWANLAB_MODE": "local",
        "SWANLAB_LOG_DIR": str(tmp_path / "swanlog"),
    }.items():
        monkeypatch.setenv(name, setting)
    sent = run(*words_of(ours), cwd=tmp_path)
    assert sent == ""
    return lambda script: run(sys.executable, "-c", *script.split("\0"), cwd=tmp_path)


def words_of(folder: str) -> list[str]:
    trackers = "wandb,swanlab,tensorboard"
    return [sys.executable, "-m", "evaluator", "track", folder, "--to", trackers]


def test_trackers_read_back_what_they_were_sent(
    tracked: Callable[[str], str], ours: str, tmp_path: Path
) -> None:
    expected = value(tmp_path / ours, "arc")
    of_wandb = json.loads(tracked(f"{READ_WANDB}\0."))
    of_tensorboard = json.loads(tracked(f"{READ_TENSORBOARD}\0{ours}/tensorboard"))

    metrics = of_wandb["metrics"]
    assert metrics["arc/score_low"] < metrics["arc/score"] < metrics["arc/score_high"]
    assert metrics["arc/score"] == pytest.approx(expected)
    assert any(name.startswith("arc/group/") for name in metrics)
    assert metrics["samples/nrows"] == 10
    assert of_wandb["parameters"]["tags"] == "zh"
    assert {"report.html", "report.json", "report.md"} <= set(of_wandb["artifacts"]["report"])
    assert of_tensorboard["scalars"]["arc/score"] == pytest.approx(expected)
    assert any(name.startswith("samples") for name in of_tensorboard["texts"])


def test_swanlab_reads_its_record_to_the_end_with_the_page_in_it(
    tracked: Callable[[str], str], ours: str, tmp_path: Path
) -> None:
    record = json.loads(tracked(f"{READ_SWANLAB}\0swanlog"))
    (page,) = (tmp_path / "swanlog").rglob(*record["report"])
    (samples,) = (tmp_path / "swanlog").rglob(*record["samples"])

    assert record["ended"]
    assert page.read_bytes() == (tmp_path / ours / "report.html").read_bytes()
    assert samples.read_text().count("\n") == 11  # a head of two lines, and ten samples


@pytest.fixture
def watched(tracked: Callable[[str], str], tmp_path: Path) -> Iterator[str]:
    """`swanlab watch`, which shows what is in the folder."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    words = [sys.executable, "-m", "swanlab", "watch", "swanlog", "--port", port]
    with started(words, cwd=tmp_path):
        yield answered(f"http://127.0.0.1:{port}/")


def test_the_dashboard_of_swanlab_shows_the_run_without_a_network(
    watched: str, ours: str, tmp_path: Path
) -> None:
    def read(part: str) -> Any:
        return orjson.loads(urlopen(f"{watched}api/v1/{part}", timeout=60).read())["data"]

    (experiment,) = read("project")["experiments"]
    there = f"experiment/{experiment['id']}"
    metrics = {each["key"]: each["value"] for each in read(f"{there}/summary")["summaries"]}
    ((samples,),) = (each["data"] for each in read(f"{there}/tag/samples")["list"])

    assert experiment["name"] == ours
    assert experiment["config"]["tags"]["value"] == "zh"
    assert metrics["arc/score"] == pytest.approx(value(tmp_path / ours, "arc"))
    assert metrics["arc/score_low"] < metrics["arc/score"] < metrics["arc/score_high"]
    assert "Mira fills 7 jars" in samples
