"""Runs a part of a finished run again, from what its folder says of it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console

from evaluator.errors import ServerError, UsageError
from evaluator.locale import N_
from evaluator.options.endpoints import launched, launched_models
from evaluator.options.given import settings
from evaluator.options.settings import PARAMS, UNCHECKED
from evaluator.results.run import RecordedSettings, RunInfo, read_run
from evaluator.runs.noise import again, asked_again
from evaluator.runs.run import run

OF_ONE = ("param", "param_unchecked")  # sampling of a single benchmark


def sessions(info: RunInfo) -> Iterator[dict[str, Any]]:
    """The settings that make the run again; benchmarks that were run together stay together."""
    together: dict[bytes, list[str]] = {}
    for name in info.benchmarks:
        if not name.startswith("audit:"):
            together.setdefault(orjson.dumps(info.settings_of(name)), []).append(name)
    for packed, names in together.items():
        yield {**orjson.loads(packed), "benchmarks": names}


def ask_again(folder: Path, samples: int, console: Console) -> None:
    """Asks so many samples of a finished run again, for `compare`; nobody if that was done.

    Raises EvaluatorError when the model cannot be asked.
    """
    info = read_run(folder)
    slots = info.concurrency.slots if info.concurrency else 1
    if asked_again(folder) >= min(samples, info.limit or samples):
        return
    if headers := [*dict.fromkeys(name for of in sessions(info) for name in unrecorded(of))]:
        raise UsageError(
            N_(
                "cannot ask {folder!r} again: what it sent as --header {headers} is not "
                "recorded; add --noise-floor {samples} to the command of that run",
                folder=str(folder),
                headers=", ".join(headers),
                samples=samples,
            )
        )
    given: dict[str, Any] = {
        "base_url": list(info.endpoints),
        "out": folder,
        "replay": False,
        "progress": "none",
    }
    given["noise_floor"] = samples
    if info.model in launched_models():
        given |= launched(info.model)
    try:
        for of in sessions(info):
            run(again(settings({**trusted(of), **given}), slots), console)
    except (ServerError, UsageError) as error:
        raise type(error)(
            f"cannot ask {str(folder)!r} again: {error}; start its server, or add "
            f"--noise-floor {samples} to the command of that run where its server is up"
        ) from error


def unrecorded(recorded: RecordedSettings) -> Iterator[str]:
    """The headers whose values stay out of every file."""
    for key in ("header", "judge_header"):
        yield from recorded.get(key, ())


def trusted(recorded: RecordedSettings) -> dict[str, Any]:
    """Recorded settings whose sampling is sent as it was, whatever is known of its fields."""
    tables = recorded.get("dataset_args", {})
    args = {name: {**table, **as_sent(table, *OF_ONE)} for name, table in tables.items()}
    params = [as_sent(recorded, *names) for names in zip(PARAMS, UNCHECKED, strict=True)]
    return {**recorded, **params[0], **params[1], "dataset_args": args}


def as_sent(keys: Mapping[str, Any], checked: str, unchecked: str) -> dict[str, Any]:
    """All sampling fields among those that are not checked."""
    return {checked: {}, unchecked: {**keys.get(checked, {}), **keys.get(unchecked, {})}}
