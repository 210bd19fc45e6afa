"""Which models share a server: a base and its adapters, whatever the order they are given in."""

from collections.abc import Sequence
from pathlib import Path

from ..errors import UsageError
from ..locale import N_
from ..server.adapters import Adapter, Model, called, check_model, check_names, named, read_model
from ..server.command_line import flag_adapters, served_names
from ..server.presets import find_preset
from .folder_names import short_names


def by_server(words: Sequence[str], presets: Path | None = None) -> list[str]:
    """One word for each server: a base with all of its adapters, each of them by a name.

    `presets` is a file of the user's. Raises UsageError for what cannot be served, and where two
    models would have one name.
    """
    models = [read_model(word) for word in words]
    adapters = {each.base: dict[str, Adapter]() for each in models}
    for model in models:
        for each in model.adapters:
            known = adapters[model.base].get(each.place)
            if known is None or each.name:
                adapters[model.base][each.place] = each
    groups = [Model(base, tuple(found.values())) for base, found in adapters.items()]
    for group in groups:
        check_model(group, presets)
    return [str(group) for group in _named(groups)]


def _named(groups: Sequence[Model]) -> list[Model]:
    """Adapters that have no name get the end of their place, as much of it as tells them apart."""
    places = [each.place for group in groups for each in group.adapters if not each.name]
    names = short_names([*(group.base for group in groups), *places])
    filled = [
        Model(
            group.base,
            tuple(called(each, names.get(each.place, "")) for each in group.adapters),
        )
        for group in groups
    ]
    check_names([name for group in filled for name in names_of(str(group))])
    return filled


def names_of(word: str, flags: Sequence[str] = (), presets: Path | None = None) -> tuple[str, ...]:
    """The ids that the servers of this word answer to: its model first, then the adapters.

    `flags` are vLLM's own; those of the model's preset count too.
    """
    model = named(read_model(word))
    every = (*find_preset(model.base, presets).flags, *flags)
    return served_names(model.base, model.adapters, every)


def asked_name(word: str, flags: Sequence[str] = (), presets: Path | None = None) -> str:
    """The id of the one that the word names: an adapter without its base."""
    adapters = named(read_model(word)).adapters
    return adapters[-1].name if adapters else names_of(word, flags, presets)[0]


def ambiguous_folders(words: Sequence[str]) -> dict[str, str]:
    """By word, the folder of a base whose name ends as that of another model does."""
    short = short_names([name for word in words for name in names_of(word)])
    bases = {word: names_of(word)[0] for word in words}
    return {
        word: short[base]
        for word, base in bases.items()
        if short_names([base])[base] != short[base]
    }


def check_flags(words: Sequence[str], flags: Sequence[str]) -> None:
    """Raises UsageError where an adapter among the flags would go to every one of the servers."""
    if len(words) > 1 and (adapters := flag_adapters(flags)):
        raise UsageError(
            N_(
                "--lora-modules {adapters} would go to each of the {n} servers; name it in the "
                "models: BASE+lora:{adapters}",
                adapters=adapters[0],
                n=len(words),
            )
        )
