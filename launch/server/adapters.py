"""LoRA adapters: BASE+lora:ADAPTER is a model, and one server serves the base and its adapters.

ADAPTER is a folder as PEFT writes it, or an id on a hub; NAME=ADAPTER gives it a name of its own.
Several follow one another: BASE+lora:A+lora:B. A folder of an adapter alone names its base itself.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError
from ..locale import N_
from .adapter_config import base_of, check_base, is_adapter, max_lora_rank, read_adapter
from .log_files import file_name
from .presets import find_preset, looks_like_path

MARK = "+lora:"
NAMED = re.compile(r"([\w.-]+)=(.+)", re.DOTALL)
MOST_AT_ONCE = 8  # adapters that are kept on the GPU; vLLM swaps the others in from memory


@dataclass(frozen=True, slots=True)
class Adapter:
    """`name` is what requests ask for, empty until there is one; `place` a folder or a hub's id.

    `rank` is 0 until its configuration was read.
    """

    name: str
    place: str
    rank: int = 0

    @property
    def is_local(self) -> bool:
        return Path(self.place).is_dir()

    def __str__(self) -> str:
        return f"{self.name}={self.place}" if self.name else self.place


@dataclass(frozen=True, slots=True)
class Model:
    """What one server serves: a base, and adapters to it."""

    base: str
    adapters: tuple[Adapter, ...] = ()

    def __str__(self) -> str:
        """The word that a user would write."""
        return MARK.join((self.base, *map(str, self.adapters)))

    @property
    def title(self) -> str:
        """For messages, in which a word of many folders would be too long."""
        return " + ".join((self.base, *(each.name or each.place for each in self.adapters)))


def read_model(word: str) -> Model:
    """The base and the adapters of a word. Raises UsageError where an adapter names no base."""
    base, *places = word.split(MARK)
    if not places and is_adapter(Path(word)):
        return Model(base_of(Path(word)), (Adapter("", word),))
    return Model(base, tuple(map(_adapter, places)))


def named(model: Model) -> Model:
    """Every adapter with a name: its own, else the last part of its place."""
    adapters = [called(each, Path(each.place).name) for each in model.adapters]
    check_names([model.base, *(each.name for each in adapters)])
    return Model(model.base, tuple(adapters))


def called(adapter: Adapter, text: str) -> Adapter:
    """The adapter with its own name, else one made of the text."""
    return Adapter(adapter.name or file_name(text), adapter.place)


def check_names(names: Sequence[str]) -> None:
    """Raises UsageError where two models would be served under one name."""
    for name in names:
        if names.count(name) > 1:
            raise UsageError(
                N_(
                    "two models are called {name!r}; name the adapter: BASE{mark}NAME=FOLDER",
                    name=name,
                    mark=MARK,
                )
            )


def check_model(model: Model, presets: Path | None = None) -> None:
    """Raises UsageError for what cannot be served, as far as this machine can tell.

    `presets` is a file of the user's.
    """
    preset = find_preset(model.base, presets)
    for each in model.adapters:
        on_hub = "/" in each.place and not looks_like_path(each.place)
        if not (each.is_local or on_hub):
            raise UsageError(N_("no adapter at {place!r}; check the path", place=each.place))
        if each.is_local:
            check_base(read_adapter(Path(each.place)), preset)


def lora_flags(adapters: Sequence[Adapter]) -> dict[str, str | None]:
    """The flags of vLLM for adapters of known ranks, without --lora-modules."""
    if not adapters:
        return {}
    return {
        "--enable-lora": None,
        "--max-lora-rank": str(max_lora_rank(each.rank for each in adapters)),
        "--max-loras": str(min(len(adapters), MOST_AT_ONCE)),
        "--max-cpu-loras": str(len(adapters)),
    }


def module_words(adapters: Sequence[Adapter]) -> list[str]:
    """--lora-modules, as JSON: in NAME=PATH a path may hold no comma."""
    modules = [json.dumps({"name": each.name, "path": each.place}) for each in adapters]
    return ["--lora-modules", *modules] if modules else []


def read_module(text: str) -> Adapter:
    """One value of --lora-modules: NAME=PATH, or JSON. Raises UsageError."""
    if "=" in text and "," not in text:
        name, _, place = text.partition("=")
        return Adapter(name, place)
    try:
        fields = json.loads(text)
        return Adapter(str(fields["name"]), str(fields["path"]))
    except (ValueError, LookupError, TypeError) as error:
        raise UsageError(N_("--lora-modules {text!r} is not NAME=FOLDER", text=text)) from error


def _adapter(text: str) -> Adapter:
    """Of PATH, ID or NAME=PATH; a path may hold a = too."""
    match = None if Path(text).exists() else NAMED.fullmatch(text)
    name, place = match.groups() if match else ("", text)
    if not place.strip():
        raise UsageError(
            N_("no adapter is called {text!r}; write BASE{mark}FOLDER", text=text, mark=MARK)
        )
    return Adapter(name, str(Path(place).expanduser()) if place.startswith("~") else place)
