"""`fleet`: models and a judge as a TOML file lists them, on the GPUs that are free."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..declared import option_words
from ..errors import UsageError
from ..fleet_options import FleetOptions
from ..gpus import free_gpus, granted_gpus, installed_gpus
from ..locale import N_, said
from ..options import of_servers
from ..planning import ServerRequest
from ..processes.signals import Signals
from ..progress import Progress
from ..server.command_line import SERVED_NAME
from ..server.machine import place
from ..server.placement import Placement, shares
from . import foreground
from .fleet import Fleet, run_fleet
from .fleet_tables import ROLES, FleetServer, read_fleet
from .per_model import CommandPerModel, Words
from .servers import ambiguous_folders, asked_name, by_server, names_of
from .share_out import check_layout, want


def fleet_of(options: FleetOptions, flags: Words, command: Words, gpus: Placement) -> Fleet:
    """The file's servers on the GPUs; `flags` are for all models.

    Raises UsageError for what cannot be served as it asks.
    """
    by_word, judge = models_and_judge(replace(options, gpus=",".join(gpus.gpus)))
    judge_gpus, shared = _parted(judge, gpus)
    task = command_per_model(by_word, judge, flags, command, options.presets)
    return Fleet(
        _sizes(by_word, shared),
        shared,
        task,
        _on(judge.request, judge_gpus) if judge else None,
        judge_gpus,
    )


def models_and_judge(options: FleetOptions) -> tuple[dict[str, FleetServer], FleetServer | None]:
    """The models of the file, by a word for each, and the judge. Raises UsageError."""
    servers = read_fleet(options.config, options)
    models = [each for each in servers if each.role == "model"]
    judge = next((each for each in servers if each.role == "judge"), None)
    words = by_server([each.request.model for each in models], options.presets)
    if len(words) < len(models):
        raise UsageError(
            N_(
                "{config}: two [[server]] tables have one model; compare ways to serve it with "
                "`turns`, and adapters with BASE+lora:A+lora:B",
                config=options.config,
            )
        )
    return dict(zip(words, models, strict=True)), judge


def command_per_model(
    models: Mapping[str, FleetServer],
    judge: FleetServer | None,
    flags: Words,
    command: Words,
    presets: Path | None,
) -> CommandPerModel:
    """What runs for each model; `flags` are for all of them."""
    return CommandPerModel(
        command,
        {word: server_words(each.request) for word, each in models.items()},
        {word: (*flags, *each.request.extra) for word, each in models.items()},
        _folders(list(models), list(models.values())),
        _asked(judge.request, presets) if judge else "",
        presets=presets,
    )


def _on(request: ServerRequest, gpus: Placement) -> ServerRequest:
    return replace(request, options=replace(request.options, gpus=",".join(gpus.gpus)))


@dataclass(frozen=True, slots=True)
class FleetNames:
    """A word for each server of a model, the ids that they answer to, and that of the judge.

    `engines` are those of all servers.
    """

    words: list[str]
    models: list[str]
    engines: list[str]
    judge: str = ""


def names_of_fleet(options: FleetOptions) -> FleetNames:
    requests: dict[str, list[ServerRequest]] = {role: [] for role in ROLES}
    for each in read_fleet(options.config, options):
        requests[each.role].append(each.request)
    models = [
        name
        for each in requests["model"]
        for name in names_of(each.model, each.extra, options.presets)
    ]
    judge = next((_asked(each, options.presets) for each in requests["judge"]), "")
    engines = [each.engine for of_role in requests.values() for each in of_role]
    return FleetNames([each.model for each in requests["model"]], models, engines, judge)


def _parted(judge: FleetServer | None, gpus: Placement) -> tuple[Placement, Placement]:
    """The last GPUs are the judge's, the models share the others. The CPU serves all alike.

    Raises UsageError where none are left for the models.
    """
    if judge is None or gpus.on_cpu:
        return gpus, gpus
    asked = want(judge.request, judge.gpus)
    left = len(gpus.gpus) - (asked.gpus or asked.least)
    if left < 1:
        raise UsageError(
            N_(
                "the judge {model!r} takes {asked} {asked:GPU|GPUs}, and {n} {n:is|are} free; it "
                "leaves none for the models: name more with --gpus",
                model=judge.request.model,
                asked=asked.gpus or asked.least,
                n=len(gpus.gpus),
            )
        )
    return Placement(gpus.gpus[left:]), Placement(gpus.gpus[:left])


def _sizes(servers: Mapping[str, FleetServer], gpus: Placement) -> dict[str, int]:
    """How many GPUs each model is to have. Those that find none free wait for theirs."""
    if gpus.on_cpu:
        return dict.fromkeys(servers, 1)
    wants = [want(each.request, each.gpus) for each in servers.values()]
    sizes = dict(zip(servers, shares(len(gpus.gpus), wants), strict=True))
    for word, each in servers.items():
        check_layout(each.request, Placement(gpus.gpus[: sizes[word]]))
    return sizes


def _folders(words: Sequence[str], models: Sequence[FleetServer]) -> dict[str, str]:
    """Names for the folders of models that would have the same one; a name of its own will do."""
    named = {
        word for word, each in zip(words, models, strict=True) if SERVED_NAME in each.request.extra
    }
    return {word: folder for word, folder in ambiguous_folders(words).items() if word not in named}


def server_words(request: ServerRequest) -> tuple[str, ...]:
    """The options of its `with`."""
    own = {"tp": request.tp, "replicas": request.replicas}
    return option_words({**of_servers(request.options), **own})


def _asked(judge: ServerRequest, presets: Path | None) -> str:
    return asked_name(judge.model, judge.extra, presets)


def placement_of(options: FleetOptions, progress: Progress) -> Placement:
    """The named GPUs, else all that nobody uses, else the CPU where there are none.

    Raises UsageError where somebody uses each of them.
    """
    if options.gpus.strip():
        return place(options.gpus)
    every, free = granted_gpus(os.environ, installed_gpus()) or (), free_gpus(os.environ)
    if every and not free:
        raise UsageError(N_("each GPU is in use (nvidia-smi shows by whom); name some: --gpus 0,1"))
    if len(free) < len(every):
        progress.say(
            N_(
                "{busy} of {every} {every:GPU is|GPUs are} in use by others",
                busy=len(every) - len(free),
                every=len(every),
            )
        )
    return Placement(free)


def run_fleet_file(
    options: FleetOptions, words: Sequence[str], signals: Signals, progress: Progress
) -> int:
    """The exit code of the first model that failed. `words` are `[FLAGS... --] COMMAND...`."""
    flags, command = foreground.split_words(words)
    foreground.check_command(command)
    fleet = fleet_of(options, flags, command, placement_of(options, progress))
    if options.dry_run:
        print("\n".join(map(said, fleet.lines)), flush=True)  # noqa: T201
        return 0
    return run_fleet(fleet, options.if_needed, options.prepare, signals, progress)
