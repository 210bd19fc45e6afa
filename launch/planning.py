"""From the user's request to plans of servers. Mistakes are found before a server starts."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .errors import UsageError
from .gpus import devices, granted_gpus, installed_gpus, least_memory
from .locale import N_
from .model_files import check_model_folder, in_folder, source_of
from .options import ServerOptions
from .processes.signals import Pause
from .progress import Progress
from .server import presets, registry
from .server.adapters import Model, check_model, named, read_model
from .server.command_line import Plan, check_extra, flag_value
from .server.download import download
from .server.engines import ENGINES, check_servable, engine_name, engine_of, template_of
from .server.engines.transformers import named_folder
from .server.layout import GpuLayout, Size, Wish, lay_out
from .server.machine import (
    free_port,
    free_ports,
    links_directory,
    place,
    servers_directory,
    unused_gpus,
)
from .server.placement import Placement
from .server.presets import Preset, find_preset
from .server.program import engine_program
from .server.tool_parsers import tool_parser
from .server.weights import weight_bytes


@dataclass(frozen=True, slots=True)
class ServerRequest:
    """A server, or replicas of it, as the user wants them. `extra` are flags of its engine.

    `port` is that of the first one; None is any free one. `tp` and `replicas` None: see `layout`.
    `address` is by which other machines are to reach them; empty where none are.
    """

    model: str
    options: ServerOptions
    port: int | None = None
    extra: tuple[str, ...] = ()
    tp: int | None = None
    replicas: int | None = None
    address: str = ""

    @property
    def preset(self) -> Preset:
        """That of the base: adapters are served as it is."""
        return find_preset(read_model(self.model).base, self.options.presets)

    @property
    def engine(self) -> str:
        """Raises UsageError for one that is not known."""
        own = self.options.vllm_python is not None
        return engine_of(self.preset, self.options.engine, own, sys.platform)


def make_plans(request: ServerRequest, pause: Pause, progress: Progress) -> tuple[Plan, ...]:
    """A plan for each replica. Takes a minute where a demo model must be made first.

    No two of them share a GPU or a port. Each serves the base and all of its adapters.
    """
    model, preset, engine = named(read_model(request.model)), request.preset, request.engine
    template = template_of(engine, preset, request.options.engine_command)
    _check(request, model)
    wish = wished(request, preset)
    placement = _usable(place(request.options.gpus), wish, preset)
    free_port(request.port)  # it is tried before a download that may take an hour
    python = engine_program(engine, request.options.vllm_python, placement)
    _say_what_serves(request, placement, progress)
    source = source_of(preset, python, os.environ, pause, progress)
    folder = Path(source.model) if source.is_local else None
    if ENGINES[engine].fetches:
        folder = download(source, python, wish.flags, pause, progress)
    if folder:
        check_model_folder(folder, preset, wish, progress)
    adapters = tuple(in_folder(each, preset, python, pause, progress) for each in model.adapters)
    layout = _layout(placement, wish, folder)
    if len(placement.gpus) > 1:
        progress.say(str(layout))
    ports = free_ports(request.port, layout.replicas)
    name, flags = engine_name(engine, preset.name, wish.flags)
    plan = Plan(
        python,
        source,
        name,
        ports[0],
        placement,
        tool_parser=request.options.tool_parser,
        extra=flags,
        adapters=adapters,
        engine=engine,
        template=template,
        folder=_home(engine, name, folder),
        address=request.address,
    )
    return replicas_of(with_preset(plan, preset), layout, ports)


def _check(request: ServerRequest, model: Model) -> None:
    """Raises UsageError for what cannot be served, before anything is looked at that takes time."""
    check_has_gpus(request)
    check_servable(request.engine, model)
    check_extra(request.extra, model.adapters)
    where = N_("the flags of the preset {name!r}", name=request.preset.name)
    check_extra(request.preset.flags, model.adapters, where)
    check_model(model, request.options.presets)


def _say_what_serves(request: ServerRequest, placement: Placement, progress: Progress) -> None:
    """What a user may not expect: another engine than vLLM, the CPU beside unused GPUs."""
    if request.engine == "transformers" and not (request.options.engine or request.preset.engine):
        progress.say(
            N_(
                "vLLM has no wheel for macOS: {title} serves, which is slow",
                title=ENGINES[request.engine].title,
            )
        )
    if idle := unused_gpus(placement):
        progress.say(
            N_(
                "{idle} {idle:GPU is|GPUs are} here, but the CPU serves; "
                "--gpus 0 uses the first one",
                idle=idle,
            )
        )


def _home(engine: str, name: str, model: Path | None) -> Path | None:
    """Where a server must run so that it calls the model by its name."""
    if engine != "transformers" or model is None or not model.is_dir():
        return None
    if Path(name).exists() and Path(name).samefile(model):
        return None  # its name is its place
    return named_folder(name, model.absolute(), links_directory(os.environ))


def with_preset(plan: Plan, preset: Preset) -> Plan:
    """The plan, with all that a preset says of its server."""
    return replace(
        plan,
        max_model_len=preset.max_model_len,
        enforce_eager=preset.enforce_eager,
        chat_template=presets.beside(preset.chat_template),
        generation_config=presets.beside(preset.generation_config),
        tool_parser=plan.tool_parser or preset.tool_parser or tool_parser(plan.source.model),
    )


def replicas_of(plan: Plan, layout: GpuLayout, ports: Sequence[int]) -> tuple[Plan, ...]:
    """One plan for each replica, on its part of the plan's GPUs and a port of its own."""
    parts = plan.placement.split(layout.gpus)
    return tuple(
        replace(plan, placement=part, port=port) for part, port in zip(parts, ports, strict=False)
    )


def check_has_gpus(request: ServerRequest) -> None:
    """Raises UsageError where GPUs are to be shared out, and none are named."""
    if not request.options.gpus.strip() and (request.tp or (request.replicas or 1) > 1):
        raise UsageError(
            N_(
                "a number of GPUs or replicas is asked for {model!r}, and it has no GPUs; name "
                "some: --gpus 0,1 (GPUS=)",
                model=request.model,
            )
        )


def wished(request: ServerRequest, preset: Preset) -> Wish:
    """What the user asks for: by an option or a flag, else by the preset."""
    flags = (*preset.flags, *request.extra)
    if request.tp or flag_value(request.extra, "--tensor-parallel-size"):
        return Wish(request.tp, request.replicas, flags)
    return Wish(preset.tp, request.replicas or preset.replicas, flags)


def _usable(named: Placement, wish: Wish, preset: Preset) -> Placement:
    """As many of the named GPUs as the preset takes, none of which serves already."""
    if named.on_cpu:
        return named
    placement = Placement(named.gpus[: preset.gpus])
    lay_out(len(placement.gpus), wish, Size())  # too few GPUs are told before a download
    used = devices(placement.gpus, granted_gpus(os.environ, None))
    registry.check_devices_free(used, servers_directory(os.environ))
    return placement


def _layout(placement: Placement, wish: Wish, folder: Path | None) -> GpuLayout:
    """By the size of the model in the folder: adapters are small beside it."""
    if placement.on_cpu:
        return GpuLayout(1, 1, 0)
    used = devices(placement.gpus, granted_gpus(os.environ, None))
    memory = least_memory(used, installed_gpus())
    weights = weight_bytes(folder) if folder else None
    return lay_out(len(placement.gpus), wish, Size(weights, memory))
