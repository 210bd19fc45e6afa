"""The servers that `launch` started for this command, from the file that it names."""

import os
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import NotRequired, TypedDict

import orjson

from evaluator.errors import UsageError
from evaluator.locale import N_
from evaluator.types import Json

ENDPOINTS_VARIABLE = "EVALUATOR_ENDPOINTS"


class LaunchedServer(TypedDict):
    """A server in the file of `launch`. A `base_url` of None: it is started once it is needed."""

    role: str
    model: str
    base_url: str | None
    gpus: NotRequired[int]
    api_key_env: NotRequired[str]  # the variable that holds its key
    folder: NotRequired[str]  # what `{model}` stands for
    name: NotRequired[str]  # of an arm that is compared, with its flags and the round of its turn
    flags: NotRequired[list[str]]
    round: NotRequired[int]
    died: NotRequired[str]  # files that say, once they are there, how it is
    unneeded: NotRequired[str]  # a file that tells `launch` so


class LaunchedServers(TypedDict, total=False):
    """The file of `launch`; `to_come` counts the servers that it will add."""

    endpoints: list[LaunchedServer]
    to_come: int


def launched(model: str | None, role: str = "model") -> Json:
    """The model and base URLs of the servers that `launch` started for this command.

    One without a base URL is not served yet: what it answered before is all that there is.
    Raises UsageError when there is none for the role and model.
    """
    ours = launched_for(model, role)
    name = ours[0]["model"]
    served = [e for e in ours if e["model"] == name and e["base_url"]]
    gpus = sum(e.get("gpus", 0) for e in served)
    found = {"model": name, "base_url": [e["base_url"] for e in served], "replay": not served}
    found |= {"gpus": gpus} if gpus else {}
    return found | ({"api_key_env": [key]} if (key := launched_key(name, role)) else {})


def launched_for(
    model: str | None, role: str = "model", command: str = "run"
) -> list[LaunchedServer]:
    """The entries of that role and model.  Raises UsageError when there is none."""
    entries = launched_entries()
    if not entries:
        raise UsageError(
            N_(
                "no endpoint: give --base-url URL, or start a server with `python -m launch "
                "with --model NAME -- evaluator {command} ...`",
                command=command,
            )
        )
    ours = [e for e in entries if e["role"] == role and model in (None, e["model"])]
    if not ours:
        known = ", ".join(f"{e['model']!r} ({e['role']})" for e in entries)
        raise UsageError(
            N_(
                "no server was launched for the {role} {model!r}; there are {known}",
                role=role,
                model=model,
                known=known,
            )
        )
    return ours


def launched_key(model: str, role: str) -> str:
    """The variable that holds the key of the model's servers; empty where they ask for none."""
    ours = [e for e in launched_entries() if (e["role"], e["model"]) == (role, model)]
    return next((key for e in ours if (key := e.get("api_key_env"))), "")


def cause_of_death(url: str) -> str:
    """Why the server at that URL has died, as `launch` found out; empty while it has not."""
    with suppress(OSError):  # `launch` itself may have gone, and its files with it
        for entry in launched_entries():
            if entry["base_url"] == url and (file := Path(entry.get("died", ""))).is_file():
                return file.read_text(encoding="utf-8")
    return ""


def launched_folder(model: str) -> str:
    """What `{model}` stands for in the model's folder, where `launch` told several apart."""
    entries = [entry for entry in launched_entries() if entry["model"] == model]
    return next((entry["folder"] for entry in entries if entry.get("folder")), "")


def awaited(model: str) -> bool:
    """Whether `launch` starts a server for the model once it is told that one is needed."""
    return any(e["model"] == model and e["base_url"] is None for e in launched_entries())


def tell_unneeded(roles: Collection[str]) -> None:
    """Tells `launch` which of the servers that it has still to start have none of the roles.

    `roles` are those of a run: model, judge, judge-2, ...
    """
    needed = {role.partition("-")[0] for role in roles}
    for entry in launched_entries():
        if entry["role"] not in needed and "unneeded" in entry:
            Path(entry["unneeded"]).touch()


def launched_models() -> list[str]:
    """The models that `launch` serves, in its order."""
    return [entry["model"] for entry in launched_entries() if entry["role"] == "model"]


def launched_urls(model: str | None = None, role: str | None = None) -> set[str]:
    """Where all that `launch` serves is, or all of a model and role."""
    return {
        entry["base_url"]
        for entry in launched_entries()
        if entry["base_url"] and model in (None, entry["model"]) and role in (None, entry["role"])
    }


def servers_to_come() -> int:
    """How many servers `launch` still starts; it adds each to its file once it answers."""
    return _listing().get("to_come", 0)


def launched_entries() -> list[LaunchedServer]:
    """What the file of `launch` lists; nothing where it launched nothing."""
    return _listing().get("endpoints", [])


def _listing() -> LaunchedServers:
    file = os.environ.get(ENDPOINTS_VARIABLE)
    found: LaunchedServers = orjson.loads(Path(file).read_bytes()) if file else {}
    return found
