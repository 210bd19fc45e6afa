"""Which GPUs a server gets: those that were granted and named, and never one that is taken."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from launch.errors import UsageError
from launch.gpus import Gpu, devices, granted_gpus, named_gpus, read_listing
from launch.server.command_line import Plan, environment
from launch.server.placement import Placement, check_apart, parse_gpus
from launch.server.presets import ModelSource
from tests.launch.launching import (
    Launch,
    living,
    python,
    server_pids,
    shared_devices,
    starts_of,
    timeline,
)

FOUR = ("0", "1", "2", "3")
CARDS = "0, Tesla V100-SXM2-32GB, 535.104.05, 7.0\n1, NVIDIA H100, 580.65.06, 9.0\n"


def test_the_listing_of_nvidia_smi_is_read() -> None:
    assert read_listing(CARDS) == [
        Gpu("0", "Tesla V100-SXM2-32GB", "535.104.05", "7.0"),
        Gpu("1", "NVIDIA H100", "580.65.06", "9.0"),
    ]


@pytest.mark.parametrize(
    ("variable", "cards", "granted"),
    [
        (None, None, None),
        (None, CARDS, ("0", "1")),
        ("1", CARDS, ("1",)),
        ("4, 6", None, ("4", "6")),
        ("MIG-a,MIG-b", CARDS, ("MIG-a", "MIG-b")),
        ("", CARDS, ()),
        ("NoDevFiles", CARDS, ()),
        ("0,-1,1", CARDS, ("0",)),  # CUDA reads no further
    ],
)
def test_what_is_granted(
    variable: str | None, cards: str | None, granted: tuple[str, ...] | None
) -> None:
    variables = {} if variable is None else {"CUDA_VISIBLE_DEVICES": variable}

    assert granted_gpus(variables, read_listing(cards) if cards else None) == granted


@pytest.mark.parametrize(
    ("text", "granted", "named"),
    [
        ("", FOUR, ()),
        ("0", ("7",), ("0",)),
        ("0-3", FOUR, FOUR),
        ("0-1,3", FOUR, ("0", "1", "3")),
        ("all", ("4", "6"), ("0", "1")),
        ("auto", ("GPU-a",), ("0",)),
        ("00,1", FOUR, ("0", "1")),
        ("7", None, ("7",)),  # nothing tells how many there are
        ("GPU-a", ("GPU-a", "GPU-b"), ("GPU-a",)),
        ("GPU-a", ("0", "1"), ("GPU-a",)),
    ],
)
def test_what_is_named(text: str, granted: tuple[str, ...] | None, named: tuple[str, ...]) -> None:
    assert named_gpus(text, granted) == named


@pytest.mark.parametrize(
    ("text", "granted", "message"),
    [
        ("7", FOUR, "--gpus 7: there is no GPU 7; there are 4 to use, 0 to 3"),
        ("1", ("1",), "there is one to use, 0"),  # another job's card
        ("2-5", FOUR, "no GPU 4"),
        ("GPU-c", ("GPU-a", "GPU-b"), "no GPU GPU-c"),
        ("all", (), "CUDA_VISIBLE_DEVICES grants none"),
        ("auto", None, "no GPU was found"),
        ("0", (), "no GPU was found"),
        ("a", FOUR, "no GPU is called 'a'"),
        ("0,,1", FOUR, "no GPU is called ''"),
        ("-1", FOUR, "no GPU is called '-1'"),
        ("3-1", FOUR, "no GPU is called '3-1'"),
        ("0;1", FOUR, "no GPU is called '0;1'"),
        ("0,0", FOUR, "named twice"),
        ("0-2,1", FOUR, "named twice"),
    ],
)
def test_a_gpu_that_cannot_be_had_is_refused(
    text: str, granted: tuple[str, ...] | None, message: str
) -> None:
    with pytest.raises(UsageError) as refusal:
        named_gpus(text, granted)

    assert message in str(refusal.value)
    assert "--gpus" in str(refusal.value)


@pytest.mark.parametrize(
    ("gpus", "variables", "expected"),
    [
        ("0", {"CUDA_VISIBLE_DEVICES": "1"}, "1"),
        ("0-1", {"CUDA_VISIBLE_DEVICES": "4,6,7"}, "4,6"),
        ("1", {"CUDA_VISIBLE_DEVICES": "MIG-a,MIG-b"}, "MIG-b"),
        ("1", {}, "1"),
        ("", {"CUDA_VISIBLE_DEVICES": "1"}, ""),
        ("", {}, ""),
    ],
)
def test_a_server_sees_its_own_devices_only(
    gpus: str, variables: dict[str, str], expected: str
) -> None:
    plan = Plan(Path("python"), ModelSource("m"), "m", 8000, parse_gpus(gpus))

    assert environment(plan, variables)["CUDA_VISIBLE_DEVICES"] == expected
    assert devices(("GPU-a",), FOUR) == ("GPU-a",)


def test_the_users_own_order_of_devices_stays() -> None:
    plan = Plan(Path("python"), ModelSource("m"), "m", 8000, parse_gpus("0"))

    found = environment(plan, {"CUDA_DEVICE_ORDER": "FASTEST_FIRST"})

    assert found["CUDA_DEVICE_ORDER"] == "FASTEST_FIRST"


@pytest.mark.parametrize(
    ("models", "judge", "problem"),
    [
        ("0", "", "has no GPUs"),
        ("0,1", "1,2", "would share GPU 1"),
        ("0,1", "2", None),
        ("", "2", None),
        ("", "", None),
    ],
)
def test_a_judge_needs_gpus_of_its_own(models: str, judge: str, problem: str | None) -> None:
    if problem is None:
        check_apart(parse_gpus(models), parse_gpus(judge), "j")
        return
    with pytest.raises(UsageError, match=f"{problem}.*JUDGE_GPUS"):
        check_apart(parse_gpus(models), parse_gpus(judge), "j")


def ended(process: "subprocess.Popen[str]") -> tuple[int, str]:
    _, messages = process.communicate(timeout=60)
    return process.returncode, messages


@pytest.mark.parametrize(
    ("words", "variables", "message"),
    [
        (("--gpus", "7"), {}, "there are 4 to use"),
        (("--gpus", "1"), {"CUDA_VISIBLE_DEVICES": "2"}, "there is one to use"),
        (("--gpus", "0", "--judge", "j"), {}, "--judge-gpus"),
        (("--gpus", "0", "--judge", "j", "--judge-gpus", "0"), {}, "share GPU 0"),
        (("--gpus", "0", "--judge", "j", "--judge-gpus", "4"), {}, "no GPU 4"),
    ],
)
def test_a_mistake_is_found_before_anything_is_installed(
    launch: Launch, tmp_path: Path, words: tuple[str, ...], variables: dict[str, str], message: str
) -> None:
    fake = ("--vllm-python", "./fake-python", "--prepare", "touch prepared")
    code, messages = ended(
        launch("each", "--models", "a,b", *fake, *words, *python(""), **variables)
    )

    assert (code, len(messages.splitlines())) == (2, 1)
    assert message in messages
    assert not (tmp_path / "prepared").exists()


def test_the_load_of_a_perf_run_is_checked_before_its_installation(
    launch: Launch, tmp_path: Path
) -> None:
    code, messages = ended(launch("perf", "--gpus=9", "--install=touch"))

    assert (code, "there are 4 to use" in messages) == (2, True)
    assert not (tmp_path / "gpu").exists()


@pytest.mark.parametrize(
    ("gpus", "build", "code", "message"),
    [
        ("", "GPU", 2, "none are named; name some: --gpus 0"),
        ("0", "CPU", 3, "has vLLM for the CPU, not for GPU 0"),
        ("0", "GPU", 0, ""),
        ("", "CPU", 0, ""),
    ],
)
def test_the_build_of_vllm_must_suit_the_devices(
    launch: Launch, gpus: str, build: str, code: int, message: str
) -> None:
    words = ("with", "--model", "m", "--vllm-python", "./fake-python", "--gpus", gpus)
    found, messages = ended(launch(*words, *python(""), FAKE_BUILD=build))

    assert (found, message in messages) == (code, True), messages


@pytest.mark.parametrize("name", ["./fake-python", "fake-python", "vllm-on-the-path"])
def test_a_python_is_named_by_its_path_or_its_name(
    launch: Launch, tmp_path: Path, name: str
) -> None:
    (tmp_path / "bin/vllm-on-the-path").symlink_to(tmp_path / "fake-python")
    process = launch("with", "--model", "m", "--vllm-python", name, *python(""))

    assert ended(process)[0] == 0


def test_on_gpus_the_environment_for_the_cpu_is_never_taken(launch: Launch, tmp_path: Path) -> None:
    (tmp_path / ".venv-vllm/bin").mkdir(parents=True)
    (tmp_path / ".venv-vllm/bin/python").symlink_to(tmp_path / "fake-python")
    code, messages = ended(launch("with", "--model", "m", "--gpus", "0", *python("")))

    assert code == 3
    assert ".venv-vllm/bin/python" not in messages
    assert "make eval GPUS=0" in messages


NOTE = """
import json, os, sys
entries = json.load(open(os.environ["EVALUATOR_ENDPOINTS"]))["endpoints"]
noted = {each["role"]: [each["model"], each["base_url"], each["devices"]] for each in entries}
with open("notes", "a") as file:
    print(json.dumps(noted), file=file)
"""


def notes(directory: Path) -> list[dict[str, list[str]]]:
    return [json.loads(line) for line in (directory / "notes").read_text().splitlines()]


@pytest.mark.parametrize(
    ("gpus", "judge_gpus"), [("0,1", "2,3"), ("0", "1-3"), ("1,2,3", "0"), ("", "")]
)
def test_one_judge_serves_all_models(
    launch: Launch, tmp_path: Path, gpus: str, judge_gpus: str
) -> None:
    fake = ("--vllm-python", "./fake-python", "--gpus", gpus)
    judge = ("--judge", "j", "--judge-gpus", judge_gpus)
    code, messages = ended(launch("each", "--models", "a,b,c", *fake, *judge, *python(NOTE)))

    assert code == 0, messages
    assert starts_of(tmp_path, "j") == 1
    assert timeline(tmp_path)[0][2] == "j"
    assert sorted(note["model"][0] for note in notes(tmp_path)) == ["a", "b", "c"]
    assert len({note["judge"][1] for note in notes(tmp_path)}) == 1
    assert shared_devices(tmp_path) == []
    assert living(server_pids(tmp_path)) == []


def test_granted_devices_are_shared_out(launch: Launch, tmp_path: Path) -> None:
    fake = ("--vllm-python", "./fake-python", "--gpus", "0-1", "--judge", "j", "--judge-gpus", "2")
    granted = {"CUDA_VISIBLE_DEVICES": "5,6,7"}
    code, messages = ended(launch("each", "--models", "a,b", *fake, *python(NOTE), **granted))

    assert code == 0, messages
    assert {note["judge"][2][0] for note in notes(tmp_path)} == {"7"}
    assert {note["model"][2][0] for note in notes(tmp_path)} == {"5", "6"}
    assert {event[3] for event in timeline(tmp_path) if event[0] == "start"} == {"5", "6", "7"}


def test_a_judge_is_not_started_where_nothing_is_left_to_ask(
    launch: Launch, tmp_path: Path
) -> None:
    fake = ("--vllm-python", "./fake-python", "--if-needed", "--judge", "j")
    code, _ = ended(launch("each", "--models", "a,b", *fake, *python(NOTE)))

    assert code == 0
    assert [note["judge"][:2] for note in notes(tmp_path)] == [["j", None]] * 2
    assert timeline(tmp_path) == []


KILL_THE_JUDGE = """
import json, os, signal, sys, time
entries = json.load(open(os.environ["EVALUATOR_ENDPOINTS"]))["endpoints"]
(judge,) = [entry for entry in entries if entry["role"] == "judge"]
starts = [line.split() for line in open("timeline") if line.startswith("start")]
mine = [words for words in starts if words[2] == "j"]
if len(mine) == 1:
    os.kill(int(mine[0][1]), signal.SIGKILL)
    while not os.path.exists(judge["died"]):
        time.sleep(0.02)
    sys.exit(3)
"""


def test_a_judge_that_dies_is_served_once_more(launch: Launch, tmp_path: Path) -> None:
    fake = ("--vllm-python", "./fake-python", "--judge", "j")
    code, messages = ended(launch("each", "--models", "a,b", *fake, *python(KILL_THE_JUDGE)))

    assert code == 0, messages
    assert [event[2] for event in timeline(tmp_path) if event[0] == "start"] == [
        *("j", "a"),  # b is not begun without a judge
        *("j", "a", "b"),
    ]


def test_a_server_within_another_takes_other_gpus(launch: Launch, tmp_path: Path) -> None:
    fake = ("--vllm-python", "./fake-python", "--gpus")
    inner = (sys.executable, "-m", "launch", "with", "--model", "j", "--role", "judge", *fake)
    same = launch("with", "--model", "m", *fake, "0", "--", *inner, "0", *python(""))
    code, messages = ended(same)
    other = launch("with", "--model", "m", *fake, "0", "--", *inner, "1", *python(""))

    assert code == 2
    assert "GPU 0 is taken: 'm' (model)" in messages
    assert ended(other)[0] == 0
    assert shared_devices(tmp_path) == []


def test_a_placement_says_where() -> None:
    assert str(Placement(("2", "3"))) == "GPUs 2, 3"
