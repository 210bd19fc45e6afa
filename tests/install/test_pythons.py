"""Which Python installs: the one that `make` finds, another on the PATH, or none, in one line."""

import ast
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from launch.install import pythons
from tests.install.conftest import ROOT, Clone

# Stands in for a Python of another version, or one whose distribution has split modules off.
FAKE = """#!{real}
import runpy, sys, urllib.request  # the last reads what no other system has, on its import
version, lacking, words = {version!r}, {lacking!r}, sys.argv[1:]
sys.version_info = version
sys.platform = {system!r}
sys.executable = {path!r}
sys.modules.update(dict.fromkeys(lacking))
if words[0] == "-c":
    exec(words[1])
else:
    sys.argv = words
    runpy.run_path(words[0], run_name="__main__")
"""
BROKEN = "#!/bin/sh\necho 'there is no such version' >&2\nexit 127\n"


@dataclass(slots=True)
class Machine:
    """A PATH with nothing on it but `make` and what a test puts there."""

    clone: Clone
    places: list[Path] = field(default_factory=list)

    def put(self, name: str, text: str = "#!/bin/sh\n", place: str = "bin") -> Path:
        folder = self.clone.folder.parent / place
        folder.mkdir(exist_ok=True)
        if folder not in self.places:
            self.places.append(folder)
        file = folder / name
        file.write_text(text)
        file.chmod(0o755)
        return file

    def python(
        self,
        name: str,
        version: tuple[int, ...],
        *lacking: str,
        place: str = "bin",
        system: str = sys.platform,
    ) -> Path:
        path = self.clone.folder.parent / place / name
        real = Path(sys.executable).resolve()
        text = FAKE.format(
            real=real, version=version, lacking=lacking, path=str(path), system=system
        )
        return self.put(name, text, place)

    def make(self, *words: str) -> tuple[int, str]:
        tools = self.clone.folder.parent / "tools"
        tools.mkdir(exist_ok=True)
        for name in ("make", "tr"):
            found = shutil.which(name)
            assert found
            if not (tools / name).exists():
                (tools / name).symlink_to(found)
        path = os.pathsep.join(map(str, [*self.places, tools]))
        self.clone.variables.pop("PYTHON", None)
        return self.clone.make(*words, PATH=path, PIP_INDEX_URL="http://127.0.0.1:9")


@pytest.fixture
def machine(clone: Clone) -> Machine:
    return Machine(clone)


def one_line(said: str) -> str:
    lines = [line for line in said.splitlines() if not line.startswith("make: ***")]
    assert len(lines) == 1, said
    return lines[0]


@pytest.mark.parametrize("words", [["setup"], ["eval"], ["test"], [".venv-vllm/.ready"]], ids=str)
def test_an_old_python_is_told_in_one_line(words: list[str], machine: Machine) -> None:
    path = machine.python("python3", (3, 9, 2))
    machine.put("apt-get")
    code, said = machine.make(*words)

    line = one_line(said)
    assert code != 0
    assert f"{path} (Python 3.9.2) is older than 3.11, and no other" in line
    assert "`apt install python3.12 python3.12-venv`" in line
    assert "PYTHON=" in line


def test_a_python_without_what_debian_splits_off_is_told_with_the_package(
    machine: Machine,
) -> None:
    machine.python("python3", (3, 11, 2), "ensurepip")
    machine.put("apt-get")
    code, said = machine.make("setup")

    line = one_line(said)
    assert code != 0
    assert "(Python 3.11.2) has no module 'ensurepip'" in line
    assert "`apt install python3.11-venv`" in line
    assert "PYTHON=" in line


def test_a_newer_python_on_the_path_is_found_behind_one_that_does_not_run(
    machine: Machine,
) -> None:
    machine.python("python3", (3, 9, 2))
    machine.put("python3.11", BROKEN)
    machine.python("python3.12", (3, 12, 1), "ensurepip")
    newer = machine.python("python3.12", (3, 12, 4), place="second")
    code, said = machine.make("setup")

    assert code != 0  # the fake makes no environment that works
    assert f"(Python 3.9.2) is older than 3.11; using {newer} (Python 3.12.4)" in said


def test_without_python3_one_with_a_version_in_its_name_does(machine: Machine) -> None:
    machine.python("python3.13", (3, 13, 0))
    _, said = machine.make("setup")

    assert "Installing the project into .venv with pip" in said


def test_without_any_python_it_is_said(machine: Machine) -> None:
    code, said = machine.make("setup")

    assert code != 0
    assert "there is no python3 on the PATH: install Python 3.11 or newer" in one_line(said)
    assert "PYTHON=" not in said or "make PYTHON=" in said


def test_a_python_that_was_named_is_not_replaced(machine: Machine) -> None:
    old = machine.python("python3.9", (3, 9, 2))
    machine.python("python3.12", (3, 12, 4))
    code, said = machine.make("setup", f"PYTHON={old}")

    assert code != 0
    assert "(Python 3.9.2) is older than 3.11; install" in one_line(said)


def test_a_python_that_is_too_new_for_vllm_makes_place_for_another(machine: Machine) -> None:
    machine.python("python3", (3, 15, 0))
    machine.python("python3.14", (3, 14, 1))
    _, said = machine.make(".venv-vllm/.ready")
    _, project = machine.make("setup")

    assert "is newer than 3.14, the last that vLLM has a wheel for; using " in said
    assert "newer" not in project


def test_uv_needs_none_of_what_debian_splits_off(machine: Machine) -> None:
    machine.python("python3", (3, 11, 2), "ensurepip", "venv")
    machine.put("uv", "#!/bin/sh\necho uv was asked: $1 >&2\nexit 1\n")
    _, said = machine.make("setup")

    assert "Installing the project into .venv with uv" in said
    assert "uv was asked: venv" in said


def test_a_python_that_uv_knows_is_found(machine: Machine) -> None:
    machine.python("python3", (3, 9, 2))
    newer = machine.python("python", (3, 12, 9), place="managed")
    machine.places.pop()
    machine.put("uv", f"#!/bin/sh\necho {newer}\n")
    _, said = machine.make("setup")

    assert f"using {newer} (Python 3.12.9)" in said


def test_an_installer_that_is_none_is_told(machine: Machine) -> None:
    machine.python("python3", (3, 11, 2))
    code, said = machine.make("setup", "INSTALLER=conda")
    _, without = machine.make("setup", "INSTALLER=uv")

    assert code != 0
    assert "INSTALLER=conda is none; it is pip or uv" in one_line(said)
    assert "there is no uv on the PATH" in one_line(without)


def test_an_installation_speaks_the_language_of_the_environment(machine: Machine) -> None:
    machine.python("python3", (3, 11, 2))
    _, conda = machine.make("setup", "INSTALLER=conda", "LC_ALL=zh_CN.UTF-8")
    machine.python("python3", (3, 9, 2))
    _, old = machine.make("setup", "LC_ALL=zh_CN.UTF-8")

    assert "INSTALLER=conda 不对；只能是 pip 或 uv" in one_line(conda)
    assert "比 3.11 旧，PATH 中也没有其他合适的 Python；请安装 " in one_line(old)


OLD_READ = ["__init__.py", "locale.py", "install/__main__.py", "install/pythons.py"]


@pytest.mark.parametrize("name", OLD_READ)
def test_what_old_pythons_read_has_nothing_that_they_cannot(name: str) -> None:
    ast.parse((ROOT / "launch" / name).read_text(encoding="utf-8"), feature_version=(3, 7))


OLD = [f"python3.{minor}" for minor in range(6, 11)]


@pytest.mark.parametrize("name", OLD)
def test_an_old_python_of_this_machine_says_so(name: str, tmp_path: Path) -> None:
    places = os.environ["PATH"].split(os.pathsep)
    # the installations that pyenv keeps beside its own folder of names
    places += [str(each) for each in Path(os.environ.get("PYENV_ROOT", tmp_path)).glob("*/*/bin")]
    found = [path for place in places if (path := shutil.which(name, path=place))]
    working = [path for path in found if pythons.probe(path)]
    if not working:
        pytest.skip(f"there is no {name} on this machine")
    command = [working[0], ROOT / "launch/install", "project", "--python-from", "command line"]
    done = subprocess.run(command, capture_output=True, text=True)

    assert done.returncode == 2
    assert f"(Python {name.removeprefix('python')}" in one_line(done.stderr)
    assert "is older than 3.11" in done.stderr


@pytest.mark.parametrize(
    "words",
    [*([goal, "ENGINE=vllm"] for goal in ("eval", "perf", "article")), [".venv-vllm-gpu/.ready"]],
    ids=str,
)
def test_where_vllm_has_no_wheel_it_is_said_before_anything_is_downloaded(
    words: list[str], machine: Machine
) -> None:
    machine.python("python3", (3, 12, 4), system="darwin")
    code, said = machine.make(*words)

    line = one_line(said)
    assert code != 0
    assert "vLLM has no wheel for macOS" in line
    assert "ENDPOINT=http://host:8000/v1" in line
    assert not (machine.clone.folder / ".venv").exists()


@pytest.mark.parametrize(
    "words",
    [["eval", "ENDPOINT=http://127.0.0.1:9/v1"], ["eval"], ["eval", "ENGINE=sglang"], ["test"]],
    ids=str,
)
def test_what_needs_no_vllm_is_installed_there_all_the_same(
    words: list[str], machine: Machine
) -> None:
    """Without an engine that is named, transformers serves there."""
    machine.python("python3", (3, 12, 4), system="darwin")
    _, said = machine.make(*words)

    assert "Installing the project into .venv" in said
    assert "no wheel" not in said
