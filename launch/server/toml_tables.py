"""Reads a TOML table of the user's: every mistake is told in one line, with its place."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from ..errors import UsageError
from ..locale import N_

KINDS: Mapping[str, str] = {
    "int": N_("a whole number from 1 on"),
    "float": N_("a number with a point, as 0.3"),
    "str": N_("a text in quotes"),
    "bool": N_("true or false"),
    "list": N_('a list such as ["--flag"]'),
    "table": N_("a table"),
}


def refuse_unknown(where: str, table: Mapping[str, object], keys: Iterable[str]) -> None:
    """Raises UsageError for a key that is not among `keys`."""
    for key in table:
        if key not in keys:
            near = get_close_matches(key, keys, 1)
            hint = N_("known are {keys}", keys=", ".join(sorted(keys)))
            if near:
                hint = N_("did you mean {name!r}?", name=near[0])
            raise UsageError(
                N_("{where}: unknown key {key!r}; {hint}", where=where, key=key, hint=hint)
            )


def read_table(where: str, table: object, kinds: Mapping[str, str]) -> dict[str, Any]:
    """The table, of which each key is as KINDS says. Raises UsageError."""
    if not isinstance(table, dict):
        raise UsageError(N_("{where}: {table!r} is no table", where=where, table=table))
    refuse_unknown(where, table, kinds)
    for key, value in table.items():
        if not _is(kinds[key], value):
            raise UsageError(
                N_(
                    "{where} {key}: {value!r} is not {kinds}",
                    where=where,
                    key=key,
                    value=value,
                    kinds=KINDS[kinds[key]],
                )
            )
    return {key: tuple(value) if kinds[key] == "list" else value for key, value in table.items()}


def _is(kind: str, value: object) -> bool:
    match kind:
        case "int":
            return type(value) is int and value > 0
        case "list":
            return isinstance(value, list) and all(isinstance(each, str) for each in value)
        case "table":
            return isinstance(value, dict)
        case _:
            return type(value).__name__ == kind
