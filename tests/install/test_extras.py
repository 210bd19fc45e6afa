"""The extras, each alone in a new environment, from the package index that is configured here."""

import sys
import tomllib
import venv
from functools import partial
from pathlib import Path

import pytest

from tests.processes import printed

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).parent / "uv"  # by the extra `dev`
PATIENCE = 600
USES = {  # what shows that an extra is there
    "lm-eval": "import lm_eval.api.task",
    "dev": "import pytest, xdist, mypy, ruff",
    "modelscope": "import modelscope_hub",
}

pytestmark = pytest.mark.install


run = partial(printed, patience=PATIENCE)


@pytest.mark.parametrize("extra", USES)
def test_it_installs_alone_as_written(extra: str, source: Path, tmp_path: Path) -> None:
    python, wanted = tmp_path / "env/bin/python", f"{source}[{extra}]"
    if extra == "dev":  # `make setup` had it from pip a moment ago, and uv is quicker
        run(UV, "venv", "--quiet", "--python", sys.executable, "env", cwd=tmp_path)
        run(UV, "pip", "install", "--quiet", "--python", python, wanted, cwd=tmp_path)
    else:
        venv.create(tmp_path / "env", with_pip=True)
        run(python, "-m", "pip", "install", "--quiet", wanted, cwd=tmp_path)

    run(UV, "pip", "check", "--python", python, cwd=tmp_path)
    run(python, "-c", USES[extra], cwd=tmp_path)
    assert "gsm8k" in run(tmp_path / "env/bin/evaluator", "list", cwd=tmp_path)


def test_the_heavier_trackers_keep_runs_offline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that are not among the packages of the other tests, beside these in a folder."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    wanted, packages = [*extras["wandb"], *extras["swanlab"]], tmp_path / "packages"
    run(UV, "pip", "install", "--quiet", "--target", packages, *wanted, cwd=tmp_path)

    words = ("-m", "pytest", "-rs", "-k", "without_a_network", "tests/trackers")
    monkeypatch.setenv("PYTHONPATH", str(packages))
    said = run(sys.executable, *words, cwd=ROOT)

    assert "SKIPPED" not in said


@pytest.mark.parametrize("version", ["3.11", "3.14"])
def test_vllm_resolves_from_metadata_alone(version: str, tmp_path: Path) -> None:
    """Its packages are 4 GB and need a GPU: that they go together is what is looked at."""
    wanted = tmp_path / "vllm.txt"
    words = ("pip", "compile", "--quiet", "--python-version", version, "--extra", "vllm")
    platform = ("--python-platform", "x86_64-manylinux_2_28", "--only-binary", "vllm")
    run(UV, *words, *platform, ROOT / "pyproject.toml", "-o", wanted, cwd=tmp_path)

    names = {line.split("==")[0] for line in wanted.read_text().splitlines() if "==" in line}
    assert {"vllm", "torch", "transformers", "modelscope"} <= names
