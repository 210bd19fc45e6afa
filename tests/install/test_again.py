"""The same command again: it finishes, mends or renews what is there, and lets nobody interfere."""

import json
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

from tests.install.conftest import Clone
from tests.install.indexes import Index, served, wheel
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.install,
    pytest.mark.skipif(sys.platform != "linux", reason="vLLM has wheels for Linux alone"),
]
TARGET = ".venv-vllm/.ready"
PATIENCE = 60.0


@pytest.fixture
def ready(clone: Clone, pypi: Index, pytorch: Index) -> Clone:
    """Installed by uv, which is quick."""
    clone.variables |= {"INSTALLER": "uv", "TORCH_INDEX": pytorch.url}
    code, said = clone.make(TARGET)
    assert code == 0, said
    return clone


def test_changed_requirements_are_installed_into_the_same_environment(
    ready: Clone, tmp_path: Path
) -> None:
    made = (ready.folder / ".venv-vllm/pyvenv.cfg").stat().st_mtime_ns
    wheel(tmp_path / "pypi", "newcomer", "1.0")
    with (ready.folder / "launch/install/cpu-requirements.txt").open("a") as file:
        file.write("newcomer\n")
    code, said = ready.make(TARGET)

    assert code == 0, said
    assert "brought up to date: what it must hold has changed" in said
    assert ready.version("newcomer") == "1.0"
    assert (ready.folder / ".venv-vllm/pyvenv.cfg").stat().st_mtime_ns == made
    assert ready.make(TARGET) == (0, "")


def test_a_moved_folder_gets_a_new_environment(ready: Clone) -> None:
    moved = ready.folder.with_name("moved")
    ready.folder.rename(moved)
    old, ready.folder = ready.folder, moved
    code, said = ready.make(TARGET)

    assert code == 0, said
    assert f"made anew: it was made as '{old}/.venv-vllm'" in said
    assert ready.version("torch") == "2.13.0+cpu"
    assert str(moved) in (moved / ".venv-vllm/bin/activate").read_text()


def test_a_python_that_is_gone_means_a_new_environment(ready: Clone) -> None:
    python = ready.folder / ".venv-vllm/bin/python"
    python.unlink()
    python.symlink_to("/nowhere/python3.11")
    code, said = ready.make(TARGET)

    assert code == 0, said
    assert "is gone" in said
    assert ready.version("torch") == "2.13.0+cpu"


def test_an_environment_of_another_python_is_made_anew(ready: Clone) -> None:
    marker = ready.folder / TARGET
    marker.write_text(json.dumps(json.loads(marker.read_text()) | {"python": "3.10"}))
    code, said = ready.make(TARGET)

    assert code == 0, said
    assert "made anew: it was made with Python 3.10" in said


def test_an_environment_that_was_made_in_another_way_is_made_anew(ready: Clone) -> None:
    (ready.folder / TARGET).write_text("")
    code, said = ready.make(TARGET)

    assert code == 0, said
    assert "its installation did not come to an end" in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_an_interrupted_installation_is_finished_by_the_same_command(
    installer: str, number: int, clone: Clone, pypi: Index, pytorch: Index, tmp_path: Path
) -> None:
    words = (TARGET, f"INSTALLER={installer}", f"TORCH_INDEX={pytorch.url}")
    with served(tmp_path / "pytorch", delay=PATIENCE) as slow:
        process = clone.start(TARGET, f"INSTALLER={installer}", f"TORCH_INDEX={slow.url}")
        wait_until(lambda: any(path.endswith(".whl") for path in slow.asked), PATIENCE)
        os.killpg(process.pid, number)
        said, _ = process.communicate(timeout=PATIENCE)

    assert process.returncode != 0
    assert "Traceback" not in said or installer == "pip"  # pip's own, of a signal in its midst
    assert not (clone.folder / TARGET).exists()
    code, said = clone.make(*words)
    assert code == 0, said
    assert clone.version("torch") == "2.13.0+cpu"


def test_two_makes_at_once_install_once(
    clone: Clone, pypi: Index, pytorch: Index, tmp_path: Path
) -> None:
    clone.variables |= {"INSTALLER": "uv"}
    with served(tmp_path / "pytorch", delay=2) as slow:
        words = (TARGET, f"TORCH_INDEX={slow.url}")
        first = clone.start(*words)
        wait_until(lambda: slow.asked, PATIENCE)
        code, second = clone.make(*words)
        first_said, _ = first.communicate(timeout=PATIENCE)

    assert (first.returncode, code) == (0, 0), first_said + second
    assert "another make is installing into .venv-vllm; waiting" in second
    assert "Installing" not in second
    assert clone.version("torch") == "2.13.0+cpu"


def test_what_cannot_be_written_is_said_in_one_line(clone: Clone, pypi: Index) -> None:
    (clone.folder / ".cache").write_text("a file where a folder should be")
    code, said = clone.make(TARGET)

    assert code != 0
    assert "vLLM for the CPU cannot be installed in" in said
    assert "Traceback" not in said


def test_a_link_to_a_larger_disk_stays_one(ready: Clone, tmp_path: Path) -> None:
    larger = tmp_path / "larger"
    shutil.rmtree(ready.folder / ".venv-vllm")
    larger.mkdir()
    (ready.folder / ".venv-vllm").symlink_to(larger)
    code, said = ready.make(TARGET)

    assert code == 0, said
    assert (ready.folder / ".venv-vllm").is_symlink()
    assert ready.version("torch") == "2.13.0+cpu"
