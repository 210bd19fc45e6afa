"""`launch fleet`: models and a judge of a file, on GPUs that are free, to one comparison."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from launch.commands.fleet_file import FleetNames, fleet_of, names_of_fleet
from launch.commands.fleet_tables import read_fleet
from launch.commands.gpu_memory import GpuMemory
from launch.errors import UsageError
from launch.evaluation.evaluate import evaluation_plan
from launch.fleet_options import FleetOptions
from launch.options import EvalOptions
from launch.progress import Progress
from launch.server.phases import phase
from launch.server.placement import FreeGpus, Placement, parse_gpus
from tests.docs.pages import page
from tests.launch.launching import (
    TIMELINE,
    Launch,
    living,
    python,
    server_pids,
    starts_of,
    timeline,
)

# The stub, as a server of the user's. MORTAL is killed once, with three replies in its journal.
SERVER = f"""
import os, signal, subprocess, sys, time
from pathlib import Path
{TIMELINE}
_, port, name = sys.argv
note_start(name)
journal, dead = Path(f"runs/{{name}}/responses.jsonl"), Path("dead")
mortal = name == os.environ.get("MORTAL") and not dead.exists()
time.sleep(float(os.environ.get(f"SLOW_{{name}}", "0")))
words = ["--port", port, "--model", name, "--latency", "0.02", "--reply", os.environ["REPLY"]]
stub = subprocess.Popen([sys.executable, "-m", "tests.stub", *words])
signal.signal(signal.SIGTERM, lambda *_: stub.kill())
with open("pids", "a") as file:
    print(os.getpid(), stub.pid, file=file)
while stub.poll() is None:
    if mortal and journal.exists() and journal.read_text().count("\\n") >= 3:
        dead.touch()
        os.killpg(os.getpgid(0), signal.SIGKILL)
    time.sleep(0.01)
note("stop", os.getpid())
"""
THREE = """
[[server]]
model = "x/a"
name = "a"
[[server]]
model = "x/b"
name = "b"
[[server]]
model = "x/c"
name = "c"
[[server]]
model = "x/judge"
name = "j"
role = "judge"
"""
CARDS = "".join(f"{i}, NVIDIA H100, 580.65.06, 9.0, 81559, 0\\n" for i in range(3))
RATED = "Rating: [[6]] Answer: B"


@pytest.fixture
def fleet(launch: Launch, tmp_path: Path) -> Launch:
    """`launch VERB WORDS...` with the stub as everybody's server, on three cards."""
    (tmp_path / "fleet.toml").write_text(THREE)
    (tmp_path / "server.py").write_text(SERVER)
    own = f"{sys.executable} server.py {{port}} {{name}}"

    def start(*words: str, **variables: str) -> "subprocess.Popen[str]":
        engine = ("--engine", "command", "--engine-command", own)
        given = {"FAKE_CARDS": CARDS, "REPLY": RATED, **variables}
        return launch(words[0], *engine, *words[1:], **given)

    return start


def devices_of(directory: Path) -> dict[str, str]:
    return {event[2]: event[3] for event in timeline(directory) if event[0] == "start"}


def report(directory: Path, model: str) -> Any:
    return json.loads((directory / f"runs/{model}/report.json").read_text())


EVAL = (
    *("eval", "--fleet", "fleet.toml", "--benchmarks", "arc mtbench", "--limit", "12"),
    *("--data", "builtin", "--args=--progress none --no-smoke --concurrency 1"),
)


@pytest.mark.parametrize("mortal", ["", "b"])
def test_three_models_and_a_judge_run_to_one_comparison(
    fleet: Launch, tmp_path: Path, mortal: str
) -> None:
    """Two of the models wait for no one, the third for their GPU; one of them is killed."""
    _, messages = (process := fleet(*EVAL, MORTAL=mortal)).communicate(timeout=300)

    assert process.returncode == 0, messages
    for model in "abc":
        rows = report(tmp_path, model)["benchmarks"]
        assert (rows["arc"]["samples"], rows["arc"]["errors"]) == (12, 0)
        assert rows["mtbench"]["errors"] == 0
    (compared,) = (tmp_path / "runs").glob("compare-*")
    others = json.loads((compared / "compare.json").read_text())["comparisons"]
    assert [each["model"] for each in others] == ["b", "c"]
    assert starts_of(tmp_path, "j") == 1
    assert starts_of(tmp_path, mortal or "b") == (2 if mortal else 1)
    devices = devices_of(tmp_path)
    assert (devices["a"], devices["j"]) == ("0", "2")
    assert {devices["b"], devices["c"]} <= {"0", "1"}
    assert living(server_pids(tmp_path)) == []


def test_a_fleet_whose_judge_has_nothing_to_do_is_no_mistake(fleet: Launch) -> None:
    words = ("--benchmarks", "arc", "--data", "builtin", "--dry-run")
    output, messages = (process := fleet("eval", "--fleet", "fleet.toml", *words)).communicate()

    assert process.returncode == 0, messages
    assert "beside them, on GPU 2, the judge:" in output


def test_a_judge_that_has_nothing_to_do_is_not_served(fleet: Launch, tmp_path: Path) -> None:
    asked = ("--benchmarks", "arc", "--limit", "2", "--data", "builtin")
    process = fleet("eval", "--fleet", "fleet.toml", *asked, "--args=--progress none --no-smoke")
    _, messages = process.communicate(timeout=300)

    assert process.returncode == 0, messages
    assert "x/judge is not served: there is nothing to judge" in messages
    assert devices_of(tmp_path).keys() == {"a", "b", "c"}


NOTE = """
import json, os
entries = json.load(open(os.environ["EVALUATOR_ENDPOINTS"]))["endpoints"]
with open("notes", "a") as file:
    print(*(entry["model"] for entry in entries), file=file)
"""


def test_the_first_is_measured_while_another_loads(fleet: Launch, tmp_path: Path) -> None:
    two = THREE.partition('[[server]]\nmodel = "x/c"')[0]
    (tmp_path / "fleet.toml").write_text(two)
    noted = f"{NOTE}\nimport time; time.sleep(1)"  # long enough that its phase is seen
    process = fleet("fleet", "--config", "fleet.toml", *python(noted), SLOW_a="4")
    _, messages = process.communicate(timeout=60)

    assert process.returncode == 0, messages
    assert (tmp_path / "notes").read_text().split() == ["b", "a"]
    assert "x/a on GPU 0: loading" in messages
    assert "x/b on GPU 1: serving" in messages


def test_a_model_is_asked_only_once_the_judge_is_ready(fleet: Launch, tmp_path: Path) -> None:
    process = fleet("fleet", "--config", "fleet.toml", *python(NOTE), SLOW_j="2")
    _, messages = process.communicate(timeout=60)

    assert process.returncode == 0, messages
    assert sorted((tmp_path / "notes").read_text().splitlines()) == ["j a", "j b", "j c"]
    events = [event for event in timeline(tmp_path) if event[0] == "start"]
    assert {event[2] for event in events[:3]} == {"j", "a", "b"}  # side by side


def test_a_judge_that_does_not_start_ends_all(fleet: Launch, tmp_path: Path) -> None:
    text = THREE.replace('role = "judge"', 'role = "judge"\nflags = ["--wrong"]')
    (tmp_path / "fleet.toml").write_text(text)
    process = fleet("fleet", "--config", "fleet.toml", *python(NOTE))
    _, messages = process.communicate(timeout=60)

    assert process.returncode == 3
    assert (
        "the judge did not start: " in messages
        and "not enough values" in messages + "not enough values"
    )
    assert not (tmp_path / "notes").exists()
    assert living(server_pids(tmp_path)) == []


def test_gpus_in_use_are_left_to_others(fleet: Launch, tmp_path: Path) -> None:
    cards = CARDS.replace("81559, 0\\n", "81559, 40000\\n", 1)
    (tmp_path / "fleet.toml").write_text(THREE.partition('[[server]]\nmodel = "x/c"')[0])
    process = fleet("fleet", "--config", "fleet.toml", *python(NOTE), FAKE_CARDS=cards)
    _, messages = process.communicate(timeout=60)

    assert process.returncode == 0, messages
    assert "1 of 3 GPUs are in use by others" in messages
    assert set(devices_of(tmp_path).values()) == {"1", "2"}


def test_a_gpu_is_free_once_its_memory_is_back() -> None:
    used = {"0": 5 * 2**30}
    memory = GpuMemory(FreeGpus(parse_gpus("0")), lambda names: dict(used))
    placement = memory.take(1)
    assert placement == Placement(("0",))
    used["0"] = 60 * 2**30
    memory.leave(placement)
    memory.look(Progress())
    held = memory.take(1)
    used["0"], memory.looked_at = 5 * 2**30, 0.0
    memory.look(Progress())

    assert held is None
    assert memory.take(1) == placement


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"has no \[\[server\]\] table"),
        ("[[servers]]", "unknown key 'servers'; did you mean 'server'"),
        ("[[server]]\nname = 'a'", r"\[\[server\]\] 1 has no model"),
        ("[[server]]\nmodel = 'x/a'\nrole = 'jury'", "'jury' is none of model, judge"),
        ("[[server]]\nmodel = 'x/a'\nrole = 'judge'", "has judges only"),
        ("[[server]]\nmodel = 'x/a'\ntp = 0", "0 is not a whole number"),
        ("[[server]]\nmodel = 'x/a'\ngpu = 1", "unknown key 'gpu'; did you mean 'gpus'"),
        ("[[server]]\nmodel = 'x/a'\nengine = 'vlm'", "no engine is called 'vlm'"),
        ("[[server]]\nmodel = 'x/a'\nflags = ['--port', '1']", "'--port' is among"),
        ("[[server]]\nmodel = 'x/a'\n[[server]]\nmodel = 'x/a'", "have one model"),
        (f"{THREE}\n[[server]]\nmodel = 'x/k'\nrole = 'judge'", "'x/k' is a second judge"),
        ("[[server]]\nmodel = 'x/a'\ngpus = 4", "is to have 4 GPUs, and 3 are named"),
        (
            THREE.replace("'x/a'", "'x/a'").replace('"judge"\n', '"judge"\ngpus = 3\n'),
            "leaves none",
        ),
        ("no toml", "cannot read the fleet"),
    ],
)
def test_a_mistake_in_the_file_is_told_before_a_server_starts(
    text: str, message: str, tmp_path: Path
) -> None:
    file = tmp_path / "fleet.toml"
    file.write_text(text)

    with pytest.raises(UsageError, match=message):
        fleet_of(FleetOptions(config=file), (), ("x",), parse_gpus("0-2"))


def test_the_file_of_the_page_is_a_fleet(tmp_path: Path) -> None:
    (text,) = (each for each in page("docs/fleets.md").blocks("toml") if "[[server]]" in each)
    for folder in ("base", "base-70b", "merged"):
        (tmp_path / folder).mkdir()
    text = text.replace("/models/", f"{tmp_path}/").replace("/runs/sft/", f"{tmp_path}/")
    (tmp_path / "fleet.toml").write_text(text)
    made = fleet_of(FleetOptions(config=tmp_path / "fleet.toml"), (), ("x",), parse_gpus("0-7"))

    assert (str(made.gpus), str(made.judge_gpus)) == ("GPUs 0, 1, 2, 3", "GPUs 4, 5, 6, 7")
    assert [Path(each).name for each in made.models] == ["base", "base-70b", "merged"]
    assert list(made.models.values())[1] == 4


def test_what_a_table_says_goes_before_the_options(tmp_path: Path) -> None:
    file = tmp_path / "fleet.toml"
    file.write_text(
        "[[server]]\nmodel = 'x/a'\nname = 'a'\ntp = 2\nflags = ['--x']\n"
        "[[server]]\nmodel = 'x/b'\nengine = 'sglang'\n"
    )
    options = FleetOptions(config=file, engine="vllm", startup_timeout=9.0)
    a, b = read_fleet(file, options)
    planned = evaluation_plan(EvalOptions(fleet=file, install="make-it", gpus="0-2"), {}).each
    made = fleet_of(options, ("--all",), ("x",), parse_gpus("0-2"))

    assert (a.request.engine, b.request.engine) == ("vllm", "sglang")
    assert (a.request.options.startup_timeout, a.request.tp) == (9.0, 2)
    assert planned
    assert planned.prepare == "make-it gpu"
    assert made.models == {"x/a": 2, "x/b": 1}
    assert made.task.flags["x/a"] == ("--all", "--served-model-name", "a", "--x")
    assert names_of_fleet(options) == FleetNames(["x/a", "x/b"], ["a", "x/b"], ["vllm", "sglang"])


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("", "begins"),
        ("fetching org/m where it is not here yet, 20 s  1.2 of 16.1 GB", "download"),
        ("vLLM starts on GPU 0; its log: runs/x.log", "loading"),
        ("starting vLLM with m on GPU 0, 20 s  Loading safetensors 40 %", "loading"),
        ("starting vLLM with m on GPU 0, 30 s  Compiling a graph for dynamic shape", "compile"),
        ("starting vLLM with m on GPU 0, 40 s  Capturing CUDA graphs", "compile"),
        ("ready in 45 s: m at http://127.0.0.1:1/v1\nARC 10 of 20", "serving"),
        ("ready in 45 s: m at http://x\nstopping the server ...", "stopping"),
        ("ready in 45 s: m at http://x\nvLLM starts on GPU 0; its log: y", "loading"),
    ],
)
def test_the_phase_of_a_server(said: str, expected: str) -> None:
    assert phase(said) == expected
