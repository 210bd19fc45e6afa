"""From what the user typed to a plan: every mistake is found here, before a server starts."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from launch.command import Plan, check_extra
from launch.demo_model import demo_model, forgetful_model
from launch.machine import cache_directory, port_for, unused_gpus, vllm_python
from launch.placement import parse_gpus
from launch.presets import Preset, Source, find_preset, hub_source
from launch.progress import Progress
from launch.signals import Pause


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options that `with` and `up` share. `port` None: any free one."""

    model: str
    gpus: str = ""
    port: int | None = None
    vllm_python: Path | None = None
    extra: tuple[str, ...] = ()


def make_plan(wanted: Wanted, pause: Pause, progress: Progress) -> Plan:
    """May take a minute: the demo model is made when it is wanted for the first time."""
    check_extra(wanted.extra)
    preset = find_preset(wanted.model)
    placement = parse_gpus(wanted.gpus)
    port = port_for(wanted.port)
    python = vllm_python(wanted.vllm_python, placement)
    if idle := unused_gpus(placement):
        progress.say(f"{idle} GPUs here, and the CPU is to do it all; --gpus 0 uses the first")
    return Plan(
        python=python,
        source=_source(preset, python, os.environ, pause, progress),
        name=preset.name,
        port=port,
        placement=placement,
        max_model_len=preset.max_model_len,
        enforce_eager=preset.enforce_eager,
        chat_template=_beside(preset.chat_template) if preset.chat_template else None,
        extra=wanted.extra,
    )


def _beside(file: str) -> Path:
    return Path(__file__).with_name(file).absolute()


def _source(
    preset: Preset,
    python: Path,
    environment: Mapping[str, str],
    pause: Pause,
    progress: Progress,
) -> Source:
    cache = cache_directory(environment)
    if preset.forgets:
        return Source(str(forgetful_model(cache, python, preset.forgets, pause, progress)))
    if preset.name == "demo":
        return Source(str(demo_model(cache, python, pause, progress)))
    return hub_source(preset, environment)
