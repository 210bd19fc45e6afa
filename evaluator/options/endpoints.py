"""The servers that `launch` started for this command, from the file that it names."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

from evaluator.errors import UsageError
from evaluator.locale import N_

ENDPOINTS_VARIABLE = "EVALUATOR_ENDPOINTS"


def launched(model: str | None, role: str = "model") -> dict[str, Any]:
    """The model and base URLs of the servers that `launch` started for this command.

    One without a base URL is not served yet: what it answered before is all that there is.
    Raises UsageError when there is none for the role and model.
    """
    ours = launched_for(model, role)
    name = ours[0]["model"]
    served = [e for e in ours if e["model"] == name and e["base_url"]]
    gpus = sum(e.get("gpus", 0) for e in served)
    found = {"model": name, "base_url": [e["base_url"] for e in served], "replay": not served}
    return {**found, "gpus": gpus} if gpus else found


def launched_for(
    model: str | None, role: str = "model", command: str = "run"
) -> list[dict[str, Any]]:
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


def launched_models() -> list[str]:
    """The models that `launch` serves, in its order."""
    return [entry["model"] for entry in launched_entries() if entry["role"] == "model"]


def launched_urls() -> set[str]:
    """Where all that `launch` serves is."""
    return {entry["base_url"] for entry in launched_entries() if entry["base_url"]}


def launched_entries() -> list[dict[str, Any]]:
    """What the file of `launch` lists; nothing where it launched nothing."""
    file = os.environ.get(ENDPOINTS_VARIABLE)
    entries: list[dict[str, Any]] = (
        orjson.loads(Path(file).read_bytes())["endpoints"] if file else []
    )
    return entries
