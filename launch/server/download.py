"""A model's download from its hub: a phase of its own, before the server and its time limit.

The disk is looked at first. What the hub refuses is told at once.
"""

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..locale import N_
from ..processes.signals import Pause
from ..progress import Progress
from .command_line import flag_value
from .diagnosis import latest_message
from .logged_step import LoggedStep
from .presets import ModelSource

SCRIPT = Path(__file__).with_name("hub_snapshot.py")
FETCHED = "all is in "  # what the script says at its end, before the folder
OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
ELSEWHERE = ("--download-dir", "--load-format")  # with these flags vLLM loads in its own way


def download_command(
    source: ModelSource, python: Path, extra: Sequence[str], environment: Mapping[str, str]
) -> list[str]:
    """What fetches the model; nothing where it is here, or where only vLLM knows how."""
    offline = any(environment.get(name, "") not in ("", "0") for name in OFFLINE)
    if source.is_local or any(flag_value(extra, name) for name in ELSEWHERE):
        return []
    if offline and source.from_modelscope:  # Hugging Face's library looks into its cache
        return []
    hub = "modelscope" if source.from_modelscope else "huggingface"
    revision = flag_value(extra, "--revision")
    return [str(python), str(SCRIPT), hub, source.model, *([revision] if revision else [])]


def download(
    source: ModelSource, python: Path, extra: Sequence[str], pause: Pause, progress: Progress
) -> Path | None:
    """The model's folder, where it is known.

    Raises StartError where the hub has no such model, refuses it, or the disk is too small.
    """
    if not (command := download_command(source, python, extra, os.environ)):
        return Path(source.model) if source.is_local else None
    with tempfile.TemporaryDirectory(prefix="launch-") as scratch:
        fetch = LoggedStep(Path(scratch, "log"), pause, progress)
        said = fetch(N_("fetching {model} where it is not here yet", model=source.model), command)
    folder = Path(latest_message(said).removeprefix(FETCHED))
    return folder if folder.is_absolute() and folder.is_dir() else None
