"""What an option is: declared once as a field of a pydantic model, read everywhere from there.

The command line, the keys of a configuration file, the arguments in Python and the reference page
are all read from `options_of`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from inspect import get_annotations
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from evaluator.locale import N_, labels
from evaluator.options.kinds import is_list, is_path, is_switch, kind
from evaluator.options.values import option

PANELS = labels("What to ask", "How to ask", "Server", "Judge", "Load", "Run", "Output")


# Options by key, as they were given: text of a command line, JSON of a file, objects of Python.
GivenOptions = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Help:
    """What a person reads of an option.

    `default` says in words what happens where the option is not given; it is needed only where
    the default value itself does not say it. A `positional` option has no dashes. A `flag` is the
    option's name on the command line, where it is not that of the field; `short` is a second one.
    Text and default are marked to be translated.
    """

    text: str
    metavar: str = ""
    default: str = ""
    panel: str = ""
    positional: bool = False
    flag: str = ""
    short: str = ""

    def __post_init__(self) -> None:
        for name in ("text", "default"):
            object.__setattr__(self, name, N_(getattr(self, name)))


class OptionGroup(BaseModel):
    """Options that belong together. A field that is a group lends its name to those within."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())
    panel: ClassVar[str] = ""  # under which heading --help shows the options
    prefix: ClassVar[str] = ""  # what their keys begin with, where they are within another part

    @model_validator(mode="before")
    @classmethod
    def _nested(cls, keys: Any) -> Any:
        """`judge_model = ...` is the same as a table `judge` with a key `model`."""
        for name in parts_of(cls) if isinstance(keys, dict) else ():
            start = f"{name}_"
            flat = {k: v for k, v in keys.items() if k.startswith(start)}
            if flat:
                within = {key.removeprefix(start): value for key, value in flat.items()}
                table = keys.get(name) or {}
                table = dict(table) if not isinstance(table, OptionGroup) else table.given()
                rest = {key: value for key, value in keys.items() if key not in flat}
                keys = {**rest, name: {**table, **within}}
        return keys

    @field_validator("*", mode="before")
    @classmethod
    def _path(cls, value: Any, about: ValidationInfo) -> Any:
        """An empty path, as of a variable that is not set, is not the folder one stands in."""
        empty = value == "" or (isinstance(value, list) and "" in value)
        if empty and is_path(cls.model_fields[str(about.field_name)].annotation):
            raise PydanticCustomError("string_too_short", "empty")
        return value

    @classmethod
    def option_of(cls, about: ValidationInfo) -> str:
        """How the command line spells a field that is being read."""
        return option(f"{cls.prefix}{about.field_name}")

    def given(self) -> dict[str, Any]:
        """The fields that were set, as they are."""
        return {name: getattr(self, name) for name in self.model_fields_set}

    def changed(self, **fields: object) -> Self:
        """The same with other values of these fields."""
        return self.model_copy(update=fields)


@dataclass(frozen=True, slots=True)
class Option:
    """One option, as it was declared."""

    key: str  # in a configuration file and in Python
    field: FieldInfo
    help: Help
    panel: str

    @property
    def flag(self) -> str:
        """How the command line spells it."""
        usual = f"--{self.key.replace('_', '-')}"
        return self.metavar if self.help.positional else self.help.flag or usual

    @property
    def metavar(self) -> str:
        """What stands for its value in a usage line."""
        if self.help.metavar or self.switch:
            return self.help.metavar
        return "TEXT"

    @property
    def switch(self) -> bool:
        """Whether it is on or off, and takes no value."""
        return is_switch(self.field.annotation)

    @property
    def several(self) -> bool:
        """Whether it may be given more than once."""
        return is_list(self.field.annotation) or "=" in self.help.metavar

    @property
    def kind(self) -> str:
        """What its value must be, in words."""
        return kind(self.field.annotation, self.field.metadata)

    @property
    def default(self) -> str:
        """What happens where it is not given, in words; empty where it must be given."""
        if self.help.default or self.field.is_required():
            return self.help.default
        value = self.field.get_default()
        if isinstance(value, bool):
            return N_("on") if value else N_("off")
        if isinstance(value, float):
            return f"{value:g}"
        if value in (None, "", [], {}):
            return N_("none")
        return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def options_of(*models: type[OptionGroup]) -> list[Option]:
    """Every option of the models, by panel: positional ones first, else in the order declared."""
    found = [option for model in models for option in within(model)]
    return sorted(found, key=lambda each: (PANELS.index(each.panel), not each.help.positional))


def within(model: type[OptionGroup], prefix: str = "", panel: str = "") -> Iterator[Option]:
    """The options of one model, in the order of its fields."""
    nested = parts_of(model)
    for name, field in model.model_fields.items():
        if part := nested.get(name):
            yield from within(part, f"{prefix}{name}_", part.panel)
        elif help := next((each for each in field.metadata if isinstance(each, Help)), None):
            shown = panel or help.panel or owner(model, name).panel
            yield Option(f"{prefix}{name}", field, help, shown)


def parts_of(model: type[OptionGroup]) -> dict[str, type[OptionGroup]]:
    """The fields that hold a part of their own."""
    return {
        name: field.annotation
        for name, field in model.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, OptionGroup)
    }


def owner(model: type[OptionGroup], name: str) -> type[OptionGroup]:
    """The class that declares the field."""
    lineage = (each for each in model.__mro__ if name in get_annotations(each))
    found = next(lineage, model)
    assert issubclass(found, OptionGroup)
    return found
