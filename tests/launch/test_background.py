"""`up`, `down` and `status`: which servers may stay beside each other."""

import subprocess
from pathlib import Path

import pytest

from tests.launch.launching import Launch, living, server_pids, shared_devices


def up(launch: Launch, model: str, gpus: str = "") -> tuple[int, str]:
    words = ("up", "--model", model, "--gpus", gpus, "--vllm-python", "./fake-python")
    process: subprocess.Popen[str] = launch(*words)
    _, messages = process.communicate(timeout=60)
    return process.returncode, messages


@pytest.mark.parametrize(
    ("model", "gpus", "message"),
    [
        ("tiny", "0", "'tiny' is up already on GPU 0"),
        ("other", "0", "'tiny' is up already on GPU 0"),
        ("other", "2,1", "'tiny' is up already on GPU 1"),
        ("tiny", "2", ""),
        ("other", "2,3", ""),
        ("other", "", ""),
    ],
)
def test_a_gpu_has_one_server(
    launch: Launch, tmp_path: Path, model: str, gpus: str, message: str
) -> None:
    assert up(launch, "tiny", "0,1")[0] == 0
    code, said = up(launch, model, gpus)
    _, farewell = launch("down", "--all").communicate(timeout=60)

    assert (code, message in said) == (2 if message else 0, True), said
    assert "down tiny" in said or not message
    assert farewell.count("is stopped") == (1 if message else 2)
    assert shared_devices(tmp_path) == []
    assert living(server_pids(tmp_path)) == []


def test_a_model_on_two_gpus_has_two_names(launch: Launch, tmp_path: Path) -> None:
    assert up(launch, "tiny", "0")[0] == up(launch, "tiny", "1")[0] == 0
    table, _ = launch("status", COLUMNS="200").communicate(timeout=60)
    launch("down", "tiny-2").communicate(timeout=60)
    left, _ = launch("status", COLUMNS="200").communicate(timeout=60)
    launch("down", "--all").communicate(timeout=60)

    assert "tiny-2" in table
    assert "tiny-2" not in left and "tiny" in left
    assert living(server_pids(tmp_path)) == []


def test_a_command_leaves_the_gpus_of_a_server_that_stays(launch: Launch) -> None:
    assert up(launch, "tiny", "0")[0] == 0
    words = ("with", "--model", "m", "--gpus", "0", "--vllm-python", "./fake-python")
    process = launch(*words, "--", "true")
    _, messages = process.communicate(timeout=60)
    launch("down", "--all").communicate(timeout=60)

    assert process.returncode == 2
    assert "'tiny' is up already on GPU 0" in messages
