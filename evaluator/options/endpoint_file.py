"""endpoints.toml (--endpoints): where model and judge are served, and what each server is asked.

A table `[[endpoint]]` for each URL.
"""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from evaluator.errors import UsageError, did_you_mean
from evaluator.locale import N_
from evaluator.options.parts import Count, Positive
from evaluator.options.values import option, urls

TABLE = "endpoint"


class ServedAt(BaseModel):
    """One server. `concurrency`, `rpm` and `tpm` are its own, beside those of the whole run."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str
    role: Literal["model", "judge"] = "model"
    api_key_env: str = ""
    concurrency: Count | None = None
    rpm: Positive | None = None
    tpm: Positive | None = None

    @field_validator("base_url")
    @classmethod
    def _url(cls, given: str) -> str:
        return urls("base_url", [given])[0]


def read_endpoints(path: Path) -> list[ServedAt]:
    """What the file lists.  Raises UsageError, which names file, table and key."""
    try:
        file = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(
            N_("--endpoints: cannot read {path!r}: {error}", path=str(path), error=error)
        ) from error
    tables = file.pop(TABLE, [])
    if file or not isinstance(tables, list) or not tables:
        other = f"; unknown: {', '.join(map(repr, file))}" if file else ""
        raise UsageError(
            N_(
                "{path}: give a table [[{table}]] with a base_url for each server{other}",
                path=path,
                table=TABLE,
                other=other,
            )
        )
    found = [served_at(table, f"{path}: [[{TABLE}]] {n}") for n, table in enumerate(tables, 1)]
    for n, each in enumerate(found, 1):
        if any((each.role, each.base_url) == (o.role, o.base_url) for o in found[: n - 1]):
            raise UsageError(
                N_(
                    "{path}: [[{table}]] {n}: the {role}'s base_url stands twice",
                    path=path,
                    table=TABLE,
                    n=n,
                    role=each.role,
                )
            )
    return found


def at_endpoints(keys: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options, with the servers of the file that they name.  Raises UsageError."""
    if not keys.get("endpoints"):
        return keys
    named = as_options(read_endpoints(Path(keys["endpoints"])))
    if twice := named.keys() & {key for key, value in keys.items() if value}:
        flags = ", ".join(map(option, sorted(twice)))
        raise UsageError(
            N_("--endpoints and {flags}: the servers are told in one of them", flags=flags)
        )
    return {**keys, **named}


def served_at(table: Any, place: str) -> ServedAt:
    """One table.  Raises UsageError."""
    try:
        return ServedAt.model_validate(table)
    except UsageError as error:
        raise UsageError(N_("{place}: {error}", place=place, error=error.message)) from None
    except ValidationError as wrong:
        first = wrong.errors()[0]
        key = ".".join(map(str, first["loc"]))
        if first["type"] == "extra_forbidden":
            hint = did_you_mean(key, ServedAt.model_fields, f"there are {', '.join(KEYS)}")
            raise UsageError(
                N_("{place}: unknown key {key!r}; {hint}", place=place, key=key, hint=hint)
            ) from None
        given = "" if first["type"] == "missing" else f" {first['input']!r}"
        raise UsageError(
            N_(
                "{place}: {key}{given}: {msg}",
                place=place,
                key=key,
                given=given,
                msg=first["msg"].lower(),
            )
        ) from None


KEYS = tuple(ServedAt.model_fields)


def as_options(served: Iterable[ServedAt]) -> dict[str, Any]:
    """The servers as the options that a command line would have for them."""
    keys: dict[str, Any] = {}
    for role, prefix in (("model", ""), ("judge", "judge_")):
        if ours := [each for each in served if each.role == role]:
            variables = [each.api_key_env for each in ours]
            same = len(set(variables)) == 1
            keys[f"{prefix}base_url"] = [each.base_url for each in ours]
            if any(variables):
                keys[f"{prefix}api_key_env"] = variables[:1] if same else variables
    return keys
