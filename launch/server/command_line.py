"""A server's plan, and the command line and environment of one of vLLM's, as pure functions of it.

What other engines do otherwise is in `engines`.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from ..errors import UsageError
from ..gpus import VARIABLE, devices, granted_gpus
from ..locale import N_
from .adapters import Adapter, lora_flags, module_words, read_module
from .placement import Placement
from .presets import ModelSource
from .tool_parsers import tool_flags

HOST = "127.0.0.1"
EVERYWHERE = "0.0.0.0"
CPU_MAX_NUM_SEQS = 64
CPU_KV_CACHE_GIB = 2

# `launch` finds the server by these two, so they are options of its own, in front of the `--`.
LAUNCH_OPTIONS = ("--model", "--model-path", "--port")
SHORT = {  # vLLM's short names, then SGLang's
    "-tp": "--tensor-parallel-size",
    "-dp": "--data-parallel-size",
    "-pp": "--pipeline-parallel-size",
    "--tp-size": "--tensor-parallel-size",
    "--dp-size": "--data-parallel-size",
    "--pp-size": "--pipeline-parallel-size",
}

MODULES = "--lora-modules"
SERVED_NAME = "--served-model-name"  # an engine that has no such flag gets the name otherwise

Flags = Mapping[str, str | None]  # None: a flag without a value


@dataclass(frozen=True, slots=True)
class Plan:
    """One server to start. `extra` are the user's own flags of its engine, which replace ours.

    The `adapters` are in folders of this machine, and their ranks are known. `python` runs the
    engine, or is its program. `template` is the command line of the engine `command`. `folder` is
    where the server runs; None: where we do. `address` is this machine's, for others that are to
    reach the server; empty where none are.
    """

    python: Path
    source: ModelSource
    name: str
    port: int
    placement: Placement
    max_model_len: int | None = None
    enforce_eager: bool = False
    chat_template: Path | None = None
    generation_config: Path | None = None
    tool_parser: str = ""  # vLLM's parser of tool calls; empty or "none": no tool calls
    extra: tuple[str, ...] = ()
    adapters: tuple[Adapter, ...] = ()
    engine: str = "vllm"
    template: str = ""
    folder: Path | None = None
    address: str = ""

    @property
    def host(self) -> str:
        """What the server listens on."""
        return EVERYWHERE if self.address else HOST

    @property
    def url(self) -> str:
        """Where we ask it ourselves."""
        return f"http://{HOST}:{self.port}"

    @property
    def base_url(self) -> str:
        return f"http://{self.address or HOST}:{self.port}/v1"

    def devices(self, inherited: Mapping[str, str]) -> tuple[str, ...]:
        """CUDA's names of the GPUs it runs on; none on the CPU, so that it sees none."""
        return devices(self.placement.gpus, granted_gpus(inherited, None))

    @property
    def served_name(self) -> str:
        """The id by which requests name the model itself."""
        return self.served_names[0]

    @property
    def served_names(self) -> tuple[str, ...]:
        """The ids of the model and of its adapters."""
        return served_names(self.name, self.adapters, self.extra)

    @property
    def asked_name(self) -> str:
        """The id of the one to ask, where one alone is asked: an adapter, without its base."""
        return self.adapters[-1].name if self.adapters else self.served_name


def command_line(plan: Plan) -> list[str]:
    """Starts vLLM by its module: the `vllm` script of the CPU build does not work."""
    python = str(plan.python)
    if plan.placement.on_cpu:
        start = [python, "-m", "vllm.entrypoints.openai.api_server", "--model", plan.source.model]
    else:
        start = [python, "-m", "vllm.entrypoints.cli.main", "serve", plan.source.model]
    modules = module_words(plan.adapters)
    return [*start, *flag_words(_our_flags(plan), plan.extra), *modules, *plan.extra]


def environment(plan: Plan, inherited: Mapping[str, str]) -> dict[str, str]:
    ours = {}
    if plan.placement.on_cpu:
        ours["VLLM_CPU_KVCACHE_SPACE"] = inherited.get(
            "VLLM_CPU_KVCACHE_SPACE", str(CPU_KV_CACHE_GIB)
        )
    if plan.source.from_modelscope:
        ours["VLLM_USE_MODELSCOPE"] = "true"
    return {**python_environment(plan, inherited), **ours}


def python_environment(plan: Plan, inherited: Mapping[str, str]) -> dict[str, str]:
    """For an engine that is a Python package: its environment is not activated."""
    search_path = inherited.get("PATH", os.defpath)
    ours = {
        # vLLM compiles kernels with the ninja of its environment
        "PATH": f"{plan.python.parent}{os.pathsep}{search_path}",
        "PYTHONSAFEPATH": "1",  # a folder called `datasets` here must not shadow the package
    }
    modules = flag_adapters(plan.extra)
    if Path(plan.source.model).is_dir() and all(each.is_local for each in modules):
        ours["HF_HUB_OFFLINE"] = "1"
    return {**device_environment(plan, inherited), **ours}


def device_environment(plan: Plan, inherited: Mapping[str, str]) -> dict[str, str]:
    """For any server: the GPUs that it may see; on the CPU it sees none."""
    ours = {VARIABLE: ",".join(plan.devices(inherited))}
    if not plan.placement.on_cpu:  # so that an index means the card that nvidia-smi shows under it
        ours["CUDA_DEVICE_ORDER"] = inherited.get("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    return {**inherited, **ours}


def check_extra(
    extra: Sequence[str], adapters: Sequence[Adapter] = (), where: str = N_("the server's flags")
) -> None:
    """Raises UsageError for flags of a server that are ours to give."""
    if adapters and MODULES in _names(extra):
        raise UsageError(
            N_(
                "{modules} is among {where}; name those adapters as +lora: too",
                modules=MODULES,
                where=where,
            )
        )
    for name in sorted(_names(extra).intersection(LAUNCH_OPTIONS)):
        raise UsageError(
            N_("{name!r} is among {where}; give it before the `--`", name=name, where=where)
        )


def served_names(name: str, adapters: Sequence[Adapter], extra: Sequence[str]) -> tuple[str, ...]:
    """The ids that a server answers to: the model's own first, or the user's name for it."""
    own = flag_value(extra, SERVED_NAME) or name
    return (own, *(each.name for each in (*adapters, *flag_adapters(extra))))


def flag_adapters(words: Sequence[str]) -> list[Adapter]:
    """Those that --lora-modules names among the user's flags."""
    values: list[str] = []
    within = False
    for word in words:
        if word.startswith("-"):
            within = _name(word) == MODULES
            values += [word.partition("=")[2]] if within and "=" in word else []
        elif within:
            values.append(word)
    return [read_module(value) for value in values]


def flag_value(words: Sequence[str], name: str) -> str | None:
    """The value of the last flag of that name: `--flag value` or `--flag=value`."""
    value = None
    for word, following in pairwise([*words, ""]):
        if word.startswith("-") and _name(word) == name:
            value = word.partition("=")[2] or following
    return value


def _our_flags(plan: Plan) -> dict[str, str | None]:
    flags: dict[str, str | None] = {
        SERVED_NAME: plan.name,
        "--host": plan.host,
        "--port": str(plan.port),
        # only a request's own sampling counts: a preset's file has nothing but ends of a reply
        "--generation-config": str(plan.generation_config or "vllm"),
        "--disable-uvicorn-access-log": None,  # thousands of lines a minute, and CPU time
    }
    if plan.max_model_len is not None:
        flags["--max-model-len"] = str(plan.max_model_len)
    if plan.enforce_eager:
        flags["--enforce-eager"] = None
    if plan.chat_template is not None:
        flags["--chat-template"] = str(plan.chat_template)
    flags |= tool_flags(plan.tool_parser) | lora_flags(plan.adapters)
    if plan.placement.on_cpu:
        flags["--max-num-seqs"] = str(CPU_MAX_NUM_SEQS)
    else:
        flags["--tensor-parallel-size"] = str(tensor_parallel(plan))
    return flags


def tensor_parallel(plan: Plan) -> int:
    """Over how many GPUs each layer is split: what the user's own parallelism leaves."""
    return max(1, len(plan.placement.gpus) // stages(plan.extra))


def stages(extra: Sequence[str]) -> int:
    """By how much the user's own data and pipeline parallelism multiply tensor parallelism."""
    return parallel(extra, "-dp") * parallel(extra, "-pp")


def parallel(extra: Sequence[str], short: str) -> int:
    """The user's own tensor, data or pipeline parallel size; 1 where none is given."""
    value = flag_value(extra, SHORT[short])
    if value is not None and (not value.isdecimal() or int(value) < 1):
        raise UsageError(
            N_(
                "{short} {value!r} among the vLLM flags is no number of GPUs",
                short=SHORT[short],
                value=value,
            )
        )
    return int(value or 1)


def flag_words(flags: Flags, extra: Sequence[str]) -> list[str]:
    """Our flags without those that the user gives too."""
    given = _names(extra)
    kept = [(name, value) for name, value in flags.items() if name not in given]
    return [word for pair in kept for word in pair if word is not None]


def _names(words: Sequence[str]) -> set[str]:
    return {_name(word) for word in words if word.startswith("-")}


def _name(word: str) -> str:
    """The flag's name in one spelling, of --max_model_len=5, --no-enforce-eager and -tp too."""
    name = word.partition("=")[0].replace("_", "-")
    if name in SHORT:
        return SHORT[name]
    return f"--{name.removeprefix('--no-')}" if name.startswith("--no-") else name
