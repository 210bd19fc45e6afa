"""From the user's request to a server's plan. Mistakes are found before a server starts."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .demo_models.build import demo_model, forgetful_model
from .errors import StartError, UsageError
from .gpus import devices, granted_gpus
from .options import ServerOptions
from .processes.signals import Pause
from .progress import Progress
from .server import presets, registry
from .server.adapter_config import check_base, is_adapter, read_adapter
from .server.adapters import MARK, Adapter, check_model, named, read_model
from .server.chat_template import lacks_chat_template
from .server.command_line import Plan, check_extra
from .server.download import download
from .server.machine import (
    cache_directory,
    free_port,
    place,
    servers_directory,
    unused_gpus,
    vllm_python,
)
from .server.presets import ModelSource, Preset, find_preset, hub_source

NO_TEMPLATE = (
    "{} has no chat template, so its server refuses every chat: give one (CHAT_TEMPLATE=FILE, or "
    "-- --chat-template FILE --), or ask a base model for completions: --api completions"
)


@dataclass(frozen=True, slots=True)
class ServerRequest:
    """A server as the user wants it. `extra` are flags of vLLM; `port` None is any free one."""

    model: str
    options: ServerOptions
    port: int | None = None
    extra: tuple[str, ...] = ()


def make_plan(request: ServerRequest, pause: Pause, progress: Progress) -> Plan:
    """The plan of the server. Takes a minute where a demo model must be made first."""
    model = named(read_model(request.model))
    check_extra(request.extra, model.adapters)
    check_model(model)
    preset = find_preset(model.base)
    placement = place(request.options.gpus)
    used = devices(placement.gpus, granted_gpus(os.environ, None))
    registry.check_devices_free(used, servers_directory(os.environ))
    port = free_port(request.port)
    python = vllm_python(request.options.vllm_python, placement)
    if idle := unused_gpus(placement):
        progress.say(f"{idle} GPUs are here, but the CPU serves; --gpus 0 uses the first one")
    template, generation = beside(preset.chat_template), beside(preset.generation_config)
    source = _source(preset, python, os.environ, pause, progress)
    folder = download(source, python, request.extra, pause, progress)
    if folder and is_adapter(folder):
        raise UsageError(f"{preset.name!r} is an adapter; name its base: BASE{MARK}{preset.name}")
    if folder and not template and lacks_chat_template(folder, request.extra):
        progress.say(NO_TEMPLATE.format(preset.name), "bold yellow")
    return Plan(
        python=python,
        source=source,
        name=preset.name,
        port=port,
        placement=placement,
        max_model_len=preset.max_model_len,
        enforce_eager=preset.enforce_eager,
        chat_template=template,
        generation_config=generation,
        extra=request.extra,
        adapters=tuple(
            _in_folder(each, preset, python, pause, progress) for each in model.adapters
        ),
    )


def _in_folder(
    adapter: Adapter, base: Preset, python: Path, pause: Pause, progress: Progress
) -> Adapter:
    """The adapter where it lies on this machine, fetched from its hub if need be."""
    folder: Path | None = Path(adapter.place).absolute()
    if not adapter.is_local:
        source = hub_source(Preset(adapter.place, hf=adapter.place), os.environ)
        folder = download(source, python, (), pause, progress)
    if folder is None:
        raise StartError(
            f"the adapter {adapter.place!r} cannot be fetched: its hub does not answer, or "
            "HF_HUB_OFFLINE forbids it; give its folder"
        )
    config = read_adapter(folder)
    check_base(config, base)
    return Adapter(adapter.name, str(folder), config.rank)


def beside(name: str) -> Path | None:
    """A file or folder that a preset names."""
    return (presets.FOLDER / name).absolute() if name else None


def _source(
    preset: Preset,
    python: Path,
    environment: Mapping[str, str],
    pause: Pause,
    progress: Progress,
) -> ModelSource:
    cache = cache_directory(environment)
    if preset.ablation:
        return ModelSource(str(forgetful_model(cache, python, preset.ablation, pause, progress)))
    if preset.name == "demo":
        return ModelSource(str(demo_model(cache, python, pause, progress)))
    return hub_source(preset, environment)
