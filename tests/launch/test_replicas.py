"""Replicas of a server: each on GPUs of its own, and the run goes on when one of them dies."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.adapters import adapter
from tests.launch.launching import (
    TIMELINE,
    Launch,
    living,
    python,
    server_pids,
    shared_devices,
    starts_of,
    timeline,
    wait_until,
)

CARDS = "".join(f"{i}, NVIDIA H100, 580.65.06, 9.0, 81559\\n" for i in range(4))
SHOW = """
import json, os
for each in json.load(open(os.environ["EVALUATOR_ENDPOINTS"]))["endpoints"]:
    print(each["role"], each["model"], each["base_url"], ",".join(each["devices"]))
"""


@pytest.fixture
def model(tmp_path: Path) -> str:
    """A folder with the weights of an 8B model, as far as their size tells."""
    (tmp_path / "m").mkdir()
    with (tmp_path / "m/model.safetensors").open("wb") as file:
        file.truncate(16_100_000_000)  # a hole, which takes no space
    return "./m"


@pytest.fixture
def with_replicas(launch: Launch) -> Launch:
    """`launch with WORDS...` on the fake vLLM and four cards of 80 GB."""

    def start(*words: str, **variables: str) -> "subprocess.Popen[str]":
        fake = ("--vllm-python", "./fake-python")
        return launch("with", *fake, *words, FAKE_CARDS=CARDS, **variables)

    return start


def devices_used(directory: Path) -> list[str]:
    return sorted(event[3] for event in timeline(directory) if event[0] == "start")


@pytest.mark.parametrize(
    ("words", "used", "said"),
    [
        ((), ["0", "1", "2", "3"], "4 replicas of tensor parallel 1: 16.1 GB of weights on"),
        (("--tp", "2"), ["0,1", "2,3"], "2 replicas of tensor parallel 2: as asked"),
        (("--tp", "1", "--replicas", "2"), ["0", "1"], "2 of the 4 GPUs stay idle"),
        (("--", "-dp", "4"), ["0,1,2,3"], "1 replica of tensor parallel 1 on 4 GPUs each"),
    ],
)
def test_each_replica_has_gpus_and_a_port_of_its_own(
    with_replicas: Launch,
    tmp_path: Path,
    model: str,
    words: tuple[str, ...],
    used: list[str],
    said: str,
) -> None:
    process = with_replicas("--model", model, "--gpus", "0-3", *words, *python(SHOW))
    output, messages = process.communicate(timeout=60)

    shown = [line.split() for line in output.splitlines()]
    assert process.returncode == 0, messages
    assert said in messages
    assert [devices for *_, devices in shown] == used == devices_used(tmp_path)
    assert {tuple(entry[:2]) for entry in shown} == {("model", model)}
    assert len({url for _, _, url, _ in shown}) == len(used)
    assert shared_devices(tmp_path) == []
    assert living(server_pids(tmp_path)) == []


def test_each_replica_serves_the_base_and_its_adapters(
    with_replicas: Launch, tmp_path: Path, model: str
) -> None:
    """The size of the base decides how many there are."""
    adapter(tmp_path / "sft")
    words = ("--model", f"{model}+lora:./sft", "--gpus", "0-3")
    output, messages = with_replicas(*words, *python(SHOW)).communicate(timeout=60)

    shown = [line.split() for line in output.splitlines()]
    assert "4 replicas of tensor parallel 1: 16.1 GB of weights on" in messages
    assert [name for _, name, *_ in shown] == [model, "sft"] * 4
    assert [devices for *_, devices in shown] == list("00112233")
    assert len({(url, devices) for _, _, url, devices in shown}) == 4
    assert devices_used(tmp_path) == list("0123")


def test_a_model_of_unknown_size_has_all_gpus_and_that_is_said(
    with_replicas: Launch, tmp_path: Path
) -> None:
    process = with_replicas("--model", "x/m", "--gpus", "0-3", *python(SHOW))
    _, messages = process.communicate(timeout=60)

    assert "1 replica of tensor parallel 4: the size of its weights is not known" in messages
    assert devices_used(tmp_path) == ["0,1,2,3"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--gpus", "0,1", "--tp", "4"), "1 x 4 GPUs are needed, and 2 can be had"),
        (("--tp", "2"), "it has no GPUs; name some: --gpus 0,1"),
        (("--gpus", "0,1", "--tp", "2", "--", "-tp", "2"), "give one of them"),
    ],
)
def test_what_cannot_be_is_told_before_the_download(
    with_replicas: Launch, tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    process = with_replicas("--model", "x/m", *words, *python(SHOW))
    _, messages = process.communicate(timeout=60)

    assert (process.returncode, len(messages.splitlines())) == (2, 1), messages
    assert message in messages
    assert not (tmp_path / "fetched").exists()


# The stub in place of vLLM. On the devices in MORTAL it is killed as often as TIMES says, each time
# with three more replies in the journal.
STUB_VLLM = f"""#!{sys.executable} -S
import json, os, signal, subprocess, sys, time
from pathlib import Path

if sys.argv[1] == "-c" or sys.argv[1].endswith("hub_snapshot.py"):
    sys.exit(0)
flag = lambda name: sys.argv[sys.argv.index(name) + 1]
devices, journal = os.environ["CUDA_VISIBLE_DEVICES"], Path("runs/m/responses.jsonl")

{TIMELINE}
def replies():
    return journal.read_text().count("\\n") if journal.exists() else 0

def leave(*_):
    stub.kill()

note_start("m")
deaths = Path(f"deaths-{{devices}}")
count = len(deaths.read_text()) if deaths.exists() else 0
latency = "0.15" if devices == "0" else "0.05"  # the run outlasts the other's start
words = ["--port", flag("--port"), "--model", flag("--served-model-name"), "--latency", latency]
adapters = [json.loads(word)["name"] for word in sys.argv if word.startswith("{{")]
words += [word for name in adapters for word in ("--model", name)]
stub = subprocess.Popen([{sys.executable!r}, "-m", "tests.stub", *words])
with open("pids", "a") as file:
    print(os.getpid(), stub.pid, file=file)
signal.signal(signal.SIGTERM, leave)
begun = replies()
mortal = devices in os.environ["MORTAL"].split() and count < int(os.environ["TIMES"])
while stub.poll() is None:
    if mortal and replies() >= begun + 3:
        deaths.write_text("x" * (count + 1))
        stub.kill()
    time.sleep(0.01)
note("stop", os.getpid())
print("RuntimeError: CUDA error: an illegal memory access was encountered")
sys.exit(1)
"""


@pytest.fixture
def evaluate(launch: Launch, tmp_path: Path, model: str) -> Launch:
    """`launch eval` of 30 samples, each asked twice, on two replicas of the stub."""
    (tmp_path / "stub-vllm").write_text(STUB_VLLM)
    (tmp_path / "stub-vllm").chmod(0o755)
    args = "--args=--progress none --data builtin --no-smoke --concurrency 1 --repeats 2"

    def start(adapters: str = "", **variables: str) -> "subprocess.Popen[str]":
        words = (f"--model={model}{adapters}", "--gpus=0,1", "--benchmarks=arc", args)
        python = "--vllm-python=./stub-vllm"
        return launch("eval", *words, python, FAKE_CARDS=CARDS, **variables)

    return start


def replies(directory: Path) -> int:
    return len((directory / "runs/m/responses.jsonl").read_text().splitlines())


def scored(directory: Path, model: str = "m") -> tuple[int, int]:
    """Samples and errors."""
    report = json.loads((directory / "runs" / model / "report.json").read_text())
    row = report["benchmarks"]["arc"]
    return row["samples"], row["errors"]


@pytest.mark.parametrize(
    ("times", "starts", "said"),
    [
        (1, 3, "answers again"),
        (9, 4, "it is not started again, the others go on"),
    ],
)
def test_a_replica_that_dies_costs_nothing_that_was_asked(
    evaluate: Launch, tmp_path: Path, times: int, starts: int, said: str
) -> None:
    process = evaluate(MORTAL="1", TIMES=str(times))
    _, messages = process.communicate(timeout=120)

    assert process.returncode == 0, messages
    assert scored(tmp_path) == (30, 0)
    assert replies(tmp_path) == 60
    assert "the server on GPU 1 died: " in messages and "illegal memory access" in messages
    assert "it is started again (1 of 2), the others go on" in messages
    assert said in messages
    assert starts_of(tmp_path, "m") == starts
    assert shared_devices(tmp_path) == []
    assert living(server_pids(tmp_path)) == []


def test_a_base_and_its_adapters_go_on_when_a_replica_dies(
    evaluate: Launch, tmp_path: Path
) -> None:
    adapter(tmp_path / "sft")
    process = evaluate("+lora:./sft", MORTAL="1", TIMES="9")
    _, messages = process.communicate(timeout=240)

    assert process.returncode == 0, messages
    assert (scored(tmp_path), scored(tmp_path, "sft")) == ((30, 0), (30, 0))
    assert "it is not started again, the others go on" in messages
    assert (tmp_path / "runs/compare-m-sft").is_dir()
    assert living(server_pids(tmp_path)) == []


# The first time it kills whatever server is there, until it is told that all are dead.
KILL_ALL = """
import json, os, signal, sys, time
entries = json.load(open(os.environ["EVALUATOR_ENDPOINTS"]))["endpoints"]
if os.path.exists("told"):
    sys.exit(print("measured"))
killed = []
while not all(os.path.exists(entry["died"]) for entry in entries):
    starts = [line.split() for line in open("timeline") if line.startswith("start")]
    for _, pid, *_ in starts:
        if pid not in killed:
            killed.append(pid)
            with open("timeline", "a") as file:
                print("stop", pid, file=file)
            os.kill(int(pid), signal.SIGKILL)
    time.sleep(0.02)
open("told", "w").close()
sys.exit(3)
"""


def test_where_all_replicas_are_dead_the_command_is_told_and_run_once_more(
    with_replicas: Launch, tmp_path: Path, model: str
) -> None:
    process = with_replicas("--model", model, "--gpus", "0,1", *python(KILL_ALL))
    output, messages = process.communicate(timeout=60)

    assert (process.returncode, output) == (0, "measured\n"), messages
    assert len(devices_used(tmp_path)) >= 4
    assert shared_devices(tmp_path) == []
    assert living(server_pids(tmp_path)) == []


def test_servers_that_stay_are_stopped_by_their_names(launch: Launch, tmp_path: Path) -> None:
    words = ("--model", "m", "--vllm-python", "./fake-python", "--gpus", "0-3", "--tp", "2")
    output, messages = launch("up", *words).communicate(timeout=60)
    pids = server_pids(tmp_path)
    alive = living(pids)
    launch("down", "m", "m-2").communicate(timeout=60)

    assert len(set(output.split())) == 2
    assert "they stay; end them with: python -m launch down m m-2" in messages
    assert len(alive) == 4
    assert shared_devices(tmp_path) == []
    assert living(pids) == []
    assert not list((tmp_path / "cache/servers").glob("*.json"))


def test_where_none_starts_the_command_is_not_run(with_replicas: Launch, tmp_path: Path) -> None:
    process = with_replicas(
        *("--model", "m", "--gpus", "0,1", "--tp", "1"), *python(SHOW), FAKE_MODE="dies"
    )
    _, messages = process.communicate(timeout=60)

    assert process.returncode == 3
    assert "the server did not start" in messages and "out of memory" in messages
    wait_until(lambda: not living(server_pids(tmp_path)))


@pytest.mark.parametrize("broken", ["0", "1"])
def test_the_others_are_asked_where_one_does_not_start(
    with_replicas: Launch, tmp_path: Path, broken: str
) -> None:
    process = with_replicas(
        *("--model", "m", "--gpus", "0,1", "--tp", "1"), *python(SHOW), FAKE_BROKEN=broken
    )
    output, messages = process.communicate(timeout=60)

    assert process.returncode == 0, messages
    assert f"GPU {broken}: the server did not start" in messages
    assert "the others go on without it" in messages
    assert [line.split()[-1] for line in output.splitlines()] == ["1" if broken == "0" else "0"]
    assert living(server_pids(tmp_path)) == []
