"""The engines that `launch` can serve with, and which of them a model is served by."""

from collections.abc import Mapping
from pathlib import Path

from ...errors import UsageError
from ...locale import N_
from .. import command_line
from ..adapters import Model
from ..presets import Preset
from ..vllm_causes import VLLM_CAUSES
from .command import COMMAND, check_template
from .engine import ServerEngine
from .llamacpp import LLAMACPP
from .sglang import SGLANG
from .transformers import TRANSFORMERS

VLLM = ServerEngine(
    "vLLM",
    command_line.command_line,
    command_line.environment,
    module="vllm",
    causes=VLLM_CAUSES,
)
ENGINES: Mapping[str, ServerEngine] = {
    "vllm": VLLM,
    "sglang": SGLANG,
    "llamacpp": LLAMACPP,
    "transformers": TRANSFORMERS,
    "command": COMMAND,
}


def engine_of(preset: Preset, chosen: str | None, own_python: bool, system: str) -> str:
    """The name of the engine: as an option says, as the model's preset says, else vLLM.

    On macOS (`system` is Python's name of it) vLLM has no wheel, and transformers serves, unless
    the user names the Python of an engine of his own. Raises UsageError for an unknown name.
    """
    default = "transformers" if system == "darwin" and not own_python else "vllm"
    name = chosen or preset.engine or default
    if name not in ENGINES:
        raise UsageError(
            N_(
                "no engine is called {name!r}; there are {engines}",
                name=name,
                engines=", ".join(ENGINES),
            )
        )
    return name


def environment_of(engine: str, on_gpus: bool, system: str) -> str:
    """What `install` calls the environment that has the engine; empty where the user brings it.

    vLLM's has transformers too, but macOS has no vLLM.
    """
    if engine not in ("vllm", "transformers"):
        return ""
    if engine == "transformers" and system == "darwin":
        return "transformers"
    return "gpu" if on_gpus else "cpu"


def engine_name(engine: str, name: str, flags: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """By which name a model is served, and the flags: vLLM's for a name will do for all engines."""
    chosen = command_line.flag_value(flags, command_line.SERVED_NAME)
    if engine == "vllm" or not chosen:
        return name, flags
    rest = [word for word in flags if word.partition("=")[0] != command_line.SERVED_NAME]
    if f"{command_line.SERVED_NAME}={chosen}" not in flags:
        rest.remove(chosen)
    return chosen, tuple(rest)


def template_of(engine: str, preset: Preset, chosen: str | None) -> str:
    """The command line of the engine `command`; empty for the others.

    Raises UsageError where it is missing, mistaken, or would change nothing.
    """
    if engine != "command":
        if chosen:
            raise UsageError(
                N_(
                    "--engine-command (ENGINE_COMMAND=) would change nothing: {engine!r} serves; "
                    "add --engine command (ENGINE=command)",
                    engine=engine,
                )
            )
        return ""
    template = chosen or preset.engine_command
    if not template:
        raise UsageError(
            N_(
                "--engine command needs the command: --engine-command 'my-server --port "
                "{port}' (ENGINE_COMMAND=)"
            )
        )
    check_template(template)
    return template


def check_servable(engine: str, model: Model) -> None:
    """Raises UsageError for a model that the engine cannot serve."""
    if model.adapters and engine != "vllm":
        raise UsageError(
            N_(
                "{title!r} is served with adapters by vLLM alone, not by {engine!r}; merge "
                "them into their base, or leave the engine out",
                title=model.title,
                engine=engine,
            )
        )
    if engine == "llamacpp" and not Path(model.base).is_file():
        raise UsageError(N_("llama.cpp serves a file .gguf, and {base!r} is none", base=model.base))
