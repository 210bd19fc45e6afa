"""The folders of a model and its adapters on this machine: made, fetched, or there already."""

import os
from collections.abc import Mapping
from pathlib import Path

from .demo_models.build import demo_model, forgetful_model
from .errors import StartError, UsageError
from .locale import N_
from .processes.signals import Pause
from .progress import Progress
from .server.adapter_config import check_base, is_adapter, read_adapter
from .server.adapters import MARK, Adapter
from .server.chat_template import lacks_chat_template
from .server.download import download
from .server.layout import Wish
from .server.machine import cache_directory
from .server.presets import ModelSource, Preset, hub_source

NO_TEMPLATE = N_(
    "{name} has no chat template, so its server refuses every chat: give one "
    "(CHAT_TEMPLATE=FILE, or -- --chat-template FILE --), or ask a base model for "
    "completions: --api completions"
)


def source_of(
    preset: Preset,
    python: Path,
    environment: Mapping[str, str],
    pause: Pause,
    progress: Progress,
) -> ModelSource:
    """Where the model comes from: a demo model is made first, which takes a minute."""
    cache = cache_directory(environment)
    if preset.ablation:
        return ModelSource(str(forgetful_model(cache, python, preset.ablation, pause, progress)))
    if preset.name == "demo":
        return ModelSource(str(demo_model(cache, python, pause, progress)))
    return hub_source(preset, environment)


def check_model_folder(folder: Path, preset: Preset, wish: Wish, progress: Progress) -> None:
    """Raises UsageError for an adapter alone; a model without chat template is told."""
    if is_adapter(folder):
        raise UsageError(
            N_(
                "{name!r} is an adapter; name its base: BASE{mark}{name}",
                name=preset.name,
                mark=MARK,
            )
        )
    if not preset.chat_template and lacks_chat_template(folder, wish.flags):
        progress.say(N_(NO_TEMPLATE, name=preset.name), "bold yellow")


def in_folder(
    adapter: Adapter, base: Preset, python: Path, pause: Pause, progress: Progress
) -> Adapter:
    """The adapter where it lies on this machine, fetched from its hub if need be."""
    folder: Path | None = Path(adapter.place).absolute()
    if not adapter.is_local:
        source = hub_source(Preset(adapter.place, hf=adapter.place), os.environ)
        folder = download(source, python, (), pause, progress)
    if folder is None:
        raise StartError(
            N_(
                "the adapter {place!r} cannot be fetched: its hub does not answer, or "
                "HF_HUB_OFFLINE forbids it; give its folder",
                place=adapter.place,
            )
        )
    config = read_adapter(folder)
    check_base(config, base)
    return Adapter(adapter.name, str(folder), config.rank)
