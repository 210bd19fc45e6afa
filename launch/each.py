"""`each`: COMMAND once per model, beside a server of its own; a failure costs no other model."""

import os
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile

from launch import endpoints, foreground
from launch.command import flag_value
from launch.errors import Interrupted, StartError, UsageError
from launch.names import short_names
from launch.placement import Placement
from launch.presets import find_preset, hub_source
from launch.progress import Progress
from launch.signals import Signals
from launch.streams import pass_on

NEEDED = endpoints.NEEDS_A_SERVER
SIGNALLED = 128  # plus its number: how a process tells which signal ended it
USAGE = 2  # the exit code of a mistake in COMMAND, which every model would meet
MEANINGS = {0: "done", 1: "done, with errors", 2: "a mistake", 3: "no server", 130: "interrupted"}


@dataclass(frozen=True, slots=True)
class Task:
    """What is done for each model. `options` are those of `with`, `extra` vLLM's own flags.

    `folders` are names for the models' folders, of those that their own ends do not tell apart.
    """

    command: tuple[str, ...]
    options: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    folders: Mapping[str, str] = field(default_factory=dict)

    def words(self, model: str, place: Placement) -> list[str]:
        """The `with` of one model."""
        gpus = () if place.on_cpu else ("--gpus", ",".join(place.gpus))
        flags = ("--", *self.extra) if self.extra else ()
        folder = ("--folder", self.folders[model]) if model in self.folders else ()
        ours = ("with", "--model", model, *gpus, *folder, *self.options)
        return [sys.executable, "-m", "launch", *ours, *flags, "--", *self.command]


def model_names(given: str, recipe: Path | None) -> list[str]:
    """The models of "a,b" or "a b", else those of the recipe, each once."""
    names = given.replace(",", " ").split() or (recipe_models(recipe) if recipe else [])
    if not names:
        raise UsageError("no models to serve; name them: --models a,b")
    for name in names:
        find_preset(name)  # a path that is no directory is refused
    return list(dict.fromkeys(names))


def folders(models: Sequence[str]) -> dict[str, str]:
    """Names for the folders of those models whose own ends do not tell them apart."""
    named = short_names(models)
    return {model: name for model, name in named.items() if short_names([model])[model] != name}


def recipe_models(recipe: Path) -> list[str]:
    try:
        models = tomllib.loads(recipe.read_text(encoding="utf-8-sig"))["models"]
    except (OSError, ValueError, KeyError) as error:
        raise UsageError(f"the recipe {str(recipe)!r} gives no `models` ({error!r})") from error
    return [str(model) for model in models]


def without_servers(
    models: Sequence[str], task: Task, signals: Signals, progress: Progress
) -> dict[str, int]:
    """The exit codes of COMMAND with no server; up to the first mistake or signal."""
    codes: dict[str, int] = {}
    for model in models:
        codes[model] = without_server(model, task, signals, progress)
        if codes[model] == USAGE or signals.received:
            break
    return codes


def without_server(
    model: str, task: Task, signals: Signals, progress: Progress, role: str = "model"
) -> int:
    """NEEDED when COMMAND cannot do without: all it said was about that, and is not shown."""
    name = flag_value(task.extra, "--served-model-name") or find_preset(model).name
    outer = endpoints.outer_endpoints(os.environ)
    own = endpoints.Endpoint(role, name, None)
    more = {"folder": task.folders[model]} if model in task.folders else {}
    with endpoints.written(outer, own, more) as file, TemporaryFile() as errors:
        environment = {**os.environ, endpoints.VARIABLE: str(file)}
        code = foreground.run(task.command, environment, None, signals, progress, errors)
        if code != NEEDED:
            pass_on(errors, sys.stderr)
    return code


def plan_lines(
    models: Sequence[str], spots: Sequence[Placement], environment: Mapping[str, str]
) -> list[str]:
    """What would be served, from where, and on what: a paragraph a model."""
    turn = "side by side" if len(spots) > 1 else "one after another"
    lines = [f"to serve, {turn} on {'; '.join(map(str, spots))}:"]
    for name in models:
        preset = find_preset(name)
        source = hub_source(preset, environment)
        hub = "ModelScope" if source.from_modelscope else "Hugging Face"
        origin = f"{source.model} ({hub})" if source.model and not source.is_directory else ""
        lines += [f"  {name}  {origin}".rstrip(), *([f"    {preset.note}"] if preset.note else [])]
    return lines


def prepare(command: str) -> None:
    """Once, before the first server: what installs vLLM, say."""
    words = shlex.split(command)
    if not words:
        return
    foreground.check_command(words)
    code = subprocess.run(words).returncode
    if code > SIGNALLED:
        raise Interrupted(code - SIGNALLED)
    if code:
        name = " ".join(words[:2])
        raise StartError(f"--prepare: {name!r} ended with exit code {code}; it says above why")


def summary(models: Sequence[str], codes: Mapping[str, int]) -> list[str]:
    """A line a model, where there are several."""
    width = max(map(len, models))
    return [
        f"{model:<{width}}  {_meaning(codes.get(model))}" for model in models if len(models) > 1
    ]


def exit_code(codes: Mapping[str, int], signals: Signals) -> int:
    """That of the first model that failed, unless a signal ended it all."""
    if signals.received:
        return 128 + signals.received[0]
    return next(filter(None, codes.values()), 0)


def _meaning(code: int | None) -> str:
    if code is None:
        return "not begun"
    known = MEANINGS.get(code, "failed")
    return known if code == 0 else f"{known} (exit code {code})"
