"""COMMAND for one model of several: its command line, and a first try without a server."""

import os
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

from .. import MODULE
from ..errors import UsageError
from ..locale import N_
from ..processes.output import copy_captured
from ..processes.signals import Signals
from ..server.placement import Placement
from . import foreground
from .endpoints_file import (
    SERVER_NEEDED,
    VARIABLE,
    ServedEndpoint,
    endpoints_file,
    outer_endpoints,
)
from .servers import asked_name, by_server, names_of

Words = tuple[str, ...]

USAGE = 2  # the exit code of a mistake in COMMAND, which every model would meet


@dataclass(frozen=True, slots=True)
class FirstTry:
    """How COMMAND ended without servers. Without `judged` a judge would have nothing to do."""

    code: int
    judged: bool = True


@dataclass(frozen=True, slots=True)
class CommandPerModel:
    """What runs for each model. `options` are those of `with`, `flags` those of its engine.

    `folders` has folder names for the models whose own names end alike. `judge` is the one that
    they share, and `endpoints` the file that names its server. `presets` is a file of the user's.
    """

    command: tuple[str, ...]
    options: Mapping[str, Words] = field(default_factory=dict)
    flags: Mapping[str, Words] = field(default_factory=dict)
    folders: Mapping[str, str] = field(default_factory=dict)
    judge: str = ""
    endpoints: Path | None = None
    presets: Path | None = None

    def command_line(self, model: str, placement: Placement, failure: Path) -> list[str]:
        """The `launch with` of one model. Why it got no server is written to `failure`."""
        gpus = () if placement.on_cpu else ("--gpus", ",".join(placement.gpus))
        own = self.flags.get(model, ())
        flags = ("--", *own) if own else ()
        options = self.options.get(model, ())
        folder = ("--folder", self.folders[model]) if model in self.folders else ()
        ours = ("with", "--model", model, *gpus, *folder, "--failure", str(failure), *options)
        return [sys.executable, "-m", MODULE, *ours, *flags, "--", *self.command]

    @property
    def environment(self) -> dict[str, str]:
        """Of the `launch with`."""
        return {**os.environ, **({VARIABLE: str(self.endpoints)} if self.endpoints else {})}


def model_names(given: str, recipe: Path | None, presets: Path | None = None) -> list[str]:
    """The models of "a,b" or "a b", else those of the recipe: a word for each server."""
    names = given.replace(",", " ").split() or (recipe_models(recipe) if recipe else [])
    if not names:
        raise UsageError(N_("no models to serve; name them: --models a,b"))
    return by_server(names, presets)


def recipe_models(recipe: Path) -> list[str]:
    try:
        models = tomllib.loads(recipe.read_text(encoding="utf-8-sig"))["models"]
    except (OSError, ValueError, KeyError) as error:
        raise UsageError(
            N_(
                "the recipe {recipe!r} gives no `models` ({error!r})",
                recipe=str(recipe),
                error=error,
            )
        ) from error
    return [str(model) for model in models]


def try_without_servers(
    models: Sequence[str], task: CommandPerModel, signals: Signals
) -> dict[str, FirstTry]:
    """How COMMAND ended for each model, up to the first mistake or signal."""
    trials: dict[str, FirstTry] = {}
    for model in models:
        trials[model] = try_without_server(model, task, signals)
        if trials[model].code == USAGE or signals.received:
            break
    return trials


def judge_needed(trials: Iterable[FirstTry]) -> bool:
    """Whether one of those that need servers needs the judge's."""
    return any(each.judged for each in trials if each.code == SERVER_NEEDED)


def try_without_server(
    model: str, task: CommandPerModel, signals: Signals, role: str = "model"
) -> FirstTry:
    """How COMMAND ends. After SERVER_NEEDED its messages are dropped: they say only that."""
    flags = task.flags.get(model, ())
    names = names_of(model, flags, task.presets)
    if role != "model":
        names = (asked_name(model, flags, task.presets),)
    own = [ServedEndpoint(role, name, None) for name in names]
    more = {"folder": task.folders[model]} if model in task.folders else {}
    with ExitStack() as stack:
        unneeded = Path(stack.enter_context(TemporaryDirectory(prefix="launch-")), "unneeded")
        outer = outer_endpoints(os.environ)
        if task.judge:
            judge = asdict(ServedEndpoint("judge", task.judge, None))
            outer.append(judge | {"unneeded": str(unneeded)})
        file = stack.enter_context(endpoints_file(outer, [own], more))
        errors = stack.enter_context(TemporaryFile())
        environment = {**os.environ, VARIABLE: str(file.path)}
        code = foreground.run(task.command, environment, signals, errors=errors)
        if code != SERVER_NEEDED:
            copy_captured(errors, sys.stderr)
        return FirstTry(code, not unneeded.exists())
