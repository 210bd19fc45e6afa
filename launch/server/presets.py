"""Short names for models, read from presets.toml and a file of the user's."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..locale import N_
from .toml_tables import read_table

GGUF = ".gguf"  # a whole model in one file, which vLLM serves too
FOLDER = Path(__file__).parents[1]  # presets.toml, and the files that it names
KEYS = {
    **dict.fromkeys(
        ("hf", "modelscope", "chat_template", "generation_config", "tool_parser", "note"), "str"
    ),
    **dict.fromkeys(("engine", "engine_command"), "str"),
    **dict.fromkeys(("max_model_len", "gpus", "tp", "replicas"), "int"),
    **{"enforce_eager": "bool", "flags": "list", "ablation": "table"},
}


@dataclass(frozen=True, slots=True)
class NeuronAblation:
    """Damage to the demo model: a share of the MLP neurons of some layers, chosen by a seed."""

    layers: str  # "12-19", both included
    share: float
    seed: int

    @property
    def arguments(self) -> list[str]:
        return [self.layers, str(self.share), str(self.seed)]


@dataclass(frozen=True, slots=True)
class Preset:
    """A model and how to serve it. None leaves it to vLLM, or to what the user asks for.

    `gpus` is how many of the GPUs it takes, `flags` are its engine's own.
    """

    name: str
    hf: str = ""
    modelscope: str = ""
    max_model_len: int | None = None
    enforce_eager: bool = False
    chat_template: str = ""  # a file beside presets.toml that replaces the model's own
    generation_config: str = ""  # a folder there, with the tokens that end a reply
    tool_parser: str = ""  # vLLM's parser of tool calls, where its name does not tell
    ablation: NeuronAblation | None = None
    note: str = ""
    gpus: int | None = None
    tp: int | None = None
    replicas: int | None = None
    flags: tuple[str, ...] = ()
    engine: str = ""  # one of ENGINES; empty: vLLM, where it runs
    engine_command: str = ""


@dataclass(frozen=True, slots=True)
class ModelSource:
    """vLLM's --model: a directory, or an id on Hugging Face or ModelScope."""

    model: str
    from_modelscope: bool = False

    @property
    def is_local(self) -> bool:
        return Path(self.model).exists()


@cache
def presets(own: Path | None = None) -> Mapping[str, Preset]:
    """Those of presets.toml; `own` is a file of the user's, whose entries add to them.

    Raises UsageError for a mistake in it.
    """
    known = {name: Preset(name, **keys) for name, keys in _tables(FOLDER / "presets.toml").items()}
    added = _tables(own).items() if own else ()
    return known | {
        name: replace(known.get(name) or Preset(name, hf=_hub_id(name, keys)), **keys)
        for name, keys in added
    }


def _hub_id(name: str, keys: Mapping[str, object]) -> str:
    """An entry that names no model of its own is about the model of its name."""
    return "" if "modelscope" in keys else name


def _tables(file: Path) -> dict[str, dict[str, Any]]:
    """The fields of each entry of a file. Raises UsageError."""
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise UsageError(
            N_("cannot read the presets {file!r} ({error})", file=str(file), error=error)
        ) from error
    return {name: _fields(file, f"{file}: [{name}]", table) for name, table in tables.items()}


def _fields(file: Path, where: str, table: object) -> dict[str, Any]:
    fields = read_table(where, table, KEYS)
    for key in ("chat_template", "generation_config"):
        if key in fields:
            fields[key] = str((file.parent / fields[key]).absolute())
            if not Path(fields[key]).exists():
                raise UsageError(
                    N_(
                        "{where} {key}: there is no {fields!r}",
                        where=where,
                        key=key,
                        fields=fields[key],
                    )
                )
    if "ablation" in fields:
        fields["ablation"] = _ablation(f"{where} ablation", fields["ablation"])
    return fields


def _ablation(where: str, table: object) -> NeuronAblation:
    kinds = {"layers": "str", "share": "float", "seed": "int"}
    fields = read_table(where, table, kinds)
    if missing := kinds.keys() - fields:
        raise UsageError(N_("{where}: {missing!r} is missing", where=where, missing=min(missing)))
    return NeuronAblation(**fields)


def find_preset(model: str, own: Path | None = None) -> Preset:
    """The preset of that name; else a preset of the hub id or directory itself.

    `own` is the user's file of presets.
    """
    if not model.strip():
        raise UsageError(
            N_("no model is called {model!r}; name a preset, a hub id or a directory", model=model)
        )
    path = Path(model)
    if path.is_file() and path.suffix != GGUF:
        raise UsageError(
            N_(
                "{model!r} is a file; a model is a directory, or a file {gguf}",
                model=model,
                gguf=GGUF,
            )
        )
    if looks_like_path(model) and not path.exists():
        raise UsageError(N_("no model directory at {model!r}; check the path", model=model))
    return presets(own).get(model) or Preset(model, hf=model)


def hub_source(preset: Preset, environment: Mapping[str, str]) -> ModelSource:
    """vLLM's variable VLLM_USE_MODELSCOPE chooses the hub, where the model is not on one alone."""
    if not preset.hf:
        return ModelSource(preset.modelscope, from_modelscope=bool(preset.modelscope))
    wants_modelscope = environment.get("VLLM_USE_MODELSCOPE", "").lower() in ("1", "true")
    if wants_modelscope and not Path(preset.hf).exists():
        return ModelSource(preset.modelscope or preset.hf, from_modelscope=True)
    return ModelSource(preset.hf)


def looks_like_path(model: str) -> bool:
    return model.startswith(("/", "./", "../", "~"))


def beside(name: str) -> Path | None:
    """A file or folder that a preset names."""
    return (FOLDER / name).absolute() if name else None
