"""Short names for models, read from presets.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from launch.errors import UsageError


@dataclass(frozen=True, slots=True)
class Forgetting:
    """Damage to the demo model: that share of the MLP neurons of these layers, chosen by a seed."""

    layers: str  # "12-19", both included
    share: float
    seed: int

    @property
    def words(self) -> list[str]:
        return [self.layers, str(self.share), str(self.seed)]


@dataclass(frozen=True, slots=True)
class Preset:
    """A model and how to serve it. `max_model_len` None leaves the context length to vLLM."""

    name: str
    hf: str = ""
    modelscope: str = ""
    max_model_len: int | None = None
    enforce_eager: bool = False
    chat_template: str = ""  # a file beside this one, where the model's own does not do
    forgets: Forgetting | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """What vLLM is given as its model: a directory, or an id on one of the two hubs."""

    model: str
    from_modelscope: bool = False

    @property
    def is_directory(self) -> bool:
        return Path(self.model).is_dir()


@cache
def presets() -> Mapping[str, Preset]:
    text = Path(__file__).with_name("presets.toml").read_text(encoding="utf-8")
    return {name: _preset(name, fields) for name, fields in tomllib.loads(text).items()}


def _preset(name: str, fields: dict[str, Any]) -> Preset:
    forgets = fields.pop("forgets", None)
    return Preset(name, **fields, forgets=Forgetting(**forgets) if forgets else None)


def find_preset(model: str) -> Preset:
    """The preset of that name; any other model stands for itself."""
    if not model.strip():
        raise UsageError(f"no model is called {model!r}; name a preset, a hub id or a directory")
    if looks_like_path(model) and not Path(model).is_dir():
        raise UsageError(f"no model directory at {model!r}; check the path")
    return presets().get(model) or Preset(model, hf=model)


def hub_source(preset: Preset, environment: Mapping[str, str]) -> Source:
    """vLLM's own variable VLLM_USE_MODELSCOPE chooses the hub where a model is on both."""
    wants_modelscope = environment.get("VLLM_USE_MODELSCOPE", "").lower() in ("1", "true")
    if preset.modelscope and (wants_modelscope or not preset.hf):
        return Source(preset.modelscope, from_modelscope=True)
    return Source(preset.hf)


def looks_like_path(model: str) -> bool:
    return model.startswith(("/", "./", "../", "~"))
