"""From a fleet's file to the servers that a cluster is to start: a job for each replica."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..commands.fleet_file import command_per_model, models_and_judge, server_words
from ..commands.fleet_tables import FleetServer
from ..commands.per_model import CommandPerModel, Words
from ..errors import UsageError
from ..fleet_options import FleetOptions
from ..locale import N_, joined
from ..planning import wished
from ..server.adapters import read_model
from ..server.log_files import file_name
from .cluster import ServerTask

ON_CPU = "none"  # as --gpus
JUDGE = "judge"


@dataclass(frozen=True, slots=True)
class ClusterTasks:
    """The servers of each model, by its word, and those of the judge; `command` for each model."""

    models: Mapping[str, tuple[ServerTask, ...]]
    judge: tuple[ServerTask, ...]
    command: CommandPerModel

    @property
    def lines(self) -> list[str]:
        """What would be served."""
        every = [(read_model(word).title, tasks) for word, tasks in self.models.items()]
        if self.judge:
            every.append((N_("{name}, the judge", name=self.command.judge), self.judge))
        return [joined("  ", ["", title, _servers(tasks)]) for title, tasks in every]


def _servers(tasks: tuple[ServerTask, ...]) -> str:
    many, gpus = len(tasks), tasks[0].gpus
    on = N_("the CPU")
    if gpus:
        on = N_("{n} GPUs", n=gpus) if gpus > 1 else N_("1 GPU")
    told = N_("{n} servers on {on} each") if many > 1 else N_("1 server on {on}")
    return N_(told, n=many, on=on)


def tasks_of(options: FleetOptions, flags: Words, command: Words) -> ClusterTasks:
    """Raises UsageError for what cannot be served as the file asks."""
    if options.gpus.strip() not in ("", ON_CPU):
        raise UsageError(
            N_(
                "--gpus {gpus} names GPUs of this machine, and {on} grants those of others: "
                "give tp and replicas in {config}, or --gpus {on_cpu} for the CPU",
                gpus=options.gpus,
                on=options.on,
                config=options.config,
                on_cpu=ON_CPU,
            )
        )
    on_cpu = options.gpus.strip() == ON_CPU
    models, judge = models_and_judge(replace(options, gpus=""))
    task = command_per_model(models, judge, flags, command, options.presets)
    names = {word: file_name(read_model(word).title.rpartition("/")[2]) for word in models}
    if len(set(names.values())) < len(names) or JUDGE in names.values():
        names = {word: f"{name}-{i}" for i, (word, name) in enumerate(names.items(), 1)}
    return ClusterTasks(
        {
            word: _replicas(names[word], word, each, (*flags, *each.request.extra), on_cpu)
            for word, each in models.items()
        },
        _replicas(JUDGE, judge.request.model, judge, judge.request.extra, on_cpu) if judge else (),
        task,
    )


def _replicas(
    name: str, word: str, server: FleetServer, flags: Words, on_cpu: bool
) -> tuple[ServerTask, ...]:
    """A job for each, with as many GPUs as its tensor parallelism; without a word of that, one."""
    request, gpus = server.request, 0
    wish = wished(request, request.preset)
    replicas = wish.replicas or 1
    if not on_cpu:
        whole = server.gpus or request.preset.gpus
        gpus = wish.per_replica or (max(1, whole // replicas) if whole else 1)
        replicas = wish.replicas or max(1, (whole or gpus) // gpus)
    elif request.tp or server.gpus:
        raise UsageError(
            N_(
                "{model!r} is to have GPUs, and --gpus {on_cpu} gives it none",
                model=request.model,
                on_cpu=ON_CPU,
            )
        )
    own = server_words(replace(request, replicas=1))
    words = ("--model", word, "--role", server.role, *own)
    return tuple(ServerTask(f"{name}-{i + 1}", words, flags, gpus) for i in range(replicas))
