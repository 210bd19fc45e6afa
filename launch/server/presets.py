"""Short names for models, read from presets.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import UsageError

GGUF = ".gguf"  # a whole model in one file, which vLLM serves too
FOLDER = Path(__file__).parents[1]  # presets.toml, and the files that it names


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
    """A model and how to serve it. `max_model_len` None leaves the context length to vLLM."""

    name: str
    hf: str = ""
    modelscope: str = ""
    max_model_len: int | None = None
    enforce_eager: bool = False
    chat_template: str = ""  # a file beside presets.toml that replaces the model's own
    generation_config: str = ""  # a folder there, with the tokens that end a reply
    ablation: NeuronAblation | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ModelSource:
    """vLLM's --model: a directory, or an id on Hugging Face or ModelScope."""

    model: str
    from_modelscope: bool = False

    @property
    def is_local(self) -> bool:
        return Path(self.model).exists()


@cache
def presets() -> Mapping[str, Preset]:
    text = (FOLDER / "presets.toml").read_text(encoding="utf-8")
    return {name: _preset(name, fields) for name, fields in tomllib.loads(text).items()}


def _preset(name: str, fields: dict[str, Any]) -> Preset:
    ablation = fields.pop("ablation", None)
    return Preset(name, **fields, ablation=NeuronAblation(**ablation) if ablation else None)


def find_preset(model: str) -> Preset:
    """The preset of that name; else a preset of the hub id or directory itself."""
    if not model.strip():
        raise UsageError(f"no model is called {model!r}; name a preset, a hub id or a directory")
    path = Path(model)
    if path.is_file() and path.suffix != GGUF:
        raise UsageError(f"{model!r} is a file; a model is a directory, or a file {GGUF}")
    if looks_like_path(model) and not path.exists():
        raise UsageError(f"no model directory at {model!r}; check the path")
    return presets().get(model) or Preset(model, hf=model)


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
