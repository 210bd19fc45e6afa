"""What adapter_config.json says of a LoRA adapter, and whether vLLM can serve it.

Whatever vLLM would refuse after a minute of loading is refused here, before anything starts.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..locale import N_
from .presets import Preset, looks_like_path

FILE = "adapter_config.json"
BASE = "base_model_name_or_path"
WEIGHTS = ("adapter_model.safetensors", "adapter_model.bin", "adapter_model.pt")
RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)  # what vLLM takes as --max-lora-rank
UNSUPPORTED = (  # what PEFT can do to a model, and vLLM cannot
    "modules_to_save",
    "use_dora",
    "lora_bias",
    "layer_replication",
    "alora_invocation_tokens",
    "use_qalora",
    "use_bdlora",
)
MERGE = N_("merge it into its base (PEFT's merge_and_unload), and give the merged folder")


@dataclass(frozen=True, slots=True)
class AdapterConfig:
    """An adapter that can be served. `base` is the model it was made for; empty if it says none."""

    folder: Path
    rank: int
    base: str


def is_adapter(folder: Path) -> bool:
    """Whether the folder is an adapter, and no whole model."""
    return (folder / FILE).is_file() and not (folder / "config.json").exists()


def read_adapter(folder: Path) -> AdapterConfig:
    """Raises UsageError where it is no adapter, or none that vLLM serves."""
    fields = _fields(folder)
    kind = fields.get("peft_type")
    if kind != "LORA":
        raise UsageError(
            N_(
                "{file} has peft_type {kind!r}, and vLLM serves LORA only; {merge}",
                file=_of(folder),
                kind=kind,
                merge=MERGE,
            )
        )
    for name in UNSUPPORTED:
        if value := fields.get(name):
            raise UsageError(
                N_(
                    "{file} has {name} {value!r}, which vLLM does not serve; {merge}",
                    file=_of(folder),
                    name=name,
                    value=value,
                    merge=MERGE,
                )
            )
    if (bias := fields.get("bias", "none")) != "none":
        raise UsageError(
            N_(
                "{file} has bias {bias!r}, which vLLM does not serve; {merge}",
                file=_of(folder),
                bias=bias,
                merge=MERGE,
            )
        )
    if not any((folder / name).is_file() for name in WEIGHTS):
        raise UsageError(
            N_(
                "{file} has no weights beside it ({weights}); check the folder",
                file=_of(folder),
                weights=WEIGHTS[0],
            )
        )
    return AdapterConfig(folder, _rank(folder, fields), str(fields.get(BASE) or ""))


def base_of(folder: Path) -> str:
    """The base that the adapter itself names. Raises UsageError where it cannot be found here."""
    base = str(_fields(folder).get(BASE) or "")
    if not base or (looks_like_path(base) and not Path(base).exists()):
        raise UsageError(
            N_(
                "{file} has {base} {base_2!r}, which is not here; name its base: "
                "BASE+lora:{folder}",
                file=_of(folder),
                base=BASE,
                base_2=base,
                folder=folder,
            )
        )
    return base


def check_base(adapter: AdapterConfig, base: Preset) -> None:
    """Raises UsageError where the adapter was surely made for another model."""
    if not _may_be(adapter.base, base):
        raise UsageError(
            N_(
                "the adapter {folder!r} was made for {base!r}, not for {name!r}; name its "
                "base, or correct {base_2} in its {file}",
                folder=str(adapter.folder),
                base=adapter.base,
                name=base.name,
                base_2=BASE,
                file=FILE,
            )
        )


def max_lora_rank(ranks: Iterable[int]) -> int:
    """The smallest --max-lora-rank that holds them all."""
    highest = max(ranks)
    return next(rank for rank in RANKS if rank >= highest)


def _may_be(told: str, base: Preset) -> bool:
    """Ids are compared with ids, and folders with folders; one tells nothing of the other."""
    if Path(told).exists():
        return not Path(base.hf).exists() or not base.hf or Path(told).samefile(base.hf)
    ids = [each for each in (base.hf, base.modelscope) if each and not Path(each).exists()]
    if not told or looks_like_path(told) or not ids:
        return True
    return _end(told) in map(_end, ids)  # the same model has other owners on other hubs


def _end(model: str) -> str:
    return Path(model).name.lower()


def _rank(folder: Path, fields: dict[str, Any]) -> int:
    """The highest: PEFT may give single layers another rank than `r`."""
    patterns = fields.get("rank_pattern")
    ranks: list[Any] = [fields.get("r")]
    ranks += patterns.values() if isinstance(patterns, dict) else ()
    for rank in ranks:
        if not isinstance(rank, int) or not 1 <= rank <= RANKS[-1]:
            raise UsageError(
                N_(
                    "{file} has rank (r) {rank!r}; vLLM serves ranks of 1 to {ranks}",
                    file=_of(folder),
                    rank=rank,
                    ranks=RANKS[-1],
                )
            )
    return int(max(ranks))


def _fields(folder: Path) -> dict[str, Any]:
    try:
        fields = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(
            N_(
                "{folder!r} is no adapter: {file} cannot be read ({error}); give a folder that "
                "PEFT wrote",
                folder=str(folder),
                file=FILE,
                error=error,
            )
        ) from error
    if not isinstance(fields, dict):
        raise UsageError(
            N_("{file} holds no object; give a folder that PEFT wrote", file=_of(folder))
        )
    return fields


def _of(folder: Path) -> str:
    return str(folder / FILE)
