"""`up`, `down` and `status`: servers that stay until they are stopped."""

import os
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from .. import MODULE
from ..errors import UsageError
from ..locale import N_, labels, said
from ..options import UpOptions
from ..planning import ServerRequest, make_plans
from ..processes import process_tree
from ..processes.signals import Signals
from ..progress import Progress
from ..server import lifecycle, registry
from ..server.log_files import file_name
from ..server.machine import servers_directory

STATES = {"gone": N_("gone"), "loading": N_("loading"), "ready": N_("ready")}


def up(options: UpOptions, flags: Sequence[str], signals: Signals, progress: Progress) -> list[str]:
    """Start a model's servers, which stay. Returns their base URLs."""
    if flags and not flags[0].startswith("-"):
        raise UsageError(
            N_("{flags!r} is no vLLM flag; `up` runs no COMMAND, `with` does", flags=flags[0])
        )
    directory = servers_directory(os.environ)
    if options.log:
        lifecycle.open_log(options.log).close()  # before a download that may take an hour
    request = ServerRequest(
        options.model,
        options,
        options.port,
        tuple(flags),
        options.tp,
        options.replicas,
        options.address,
    )
    plans = make_plans(request, signals.pause, progress)
    if plans[0].placement.on_cpu:
        registry.check_not_on_cpu_yet(plans[0].name, directory)
    started: list[tuple[lifecycle.Server, registry.StartedServer]] = []
    try:
        for i, plan in enumerate(plans):
            name = registry.free_name(plan.name, directory)
            log = _log(options.log, i) or directory / f"{file_name(name)}.log"
            server = lifecycle.start(plan, log.absolute())
            started.append((server, registry.record_of(server, name)))
            registry.add(started[-1][1], directory)
        for server, _ in started:
            lifecycle.wait_until_ready(server, options.startup_timeout, signals.pause, progress)
    except BaseException:  # whatever happened: a server that is not ready must not stay
        for server, record in started:
            lifecycle.stop(server, progress)
            registry.remove(record, directory)
        raise
    progress.say(_how_to_end([record.name for _, record in started]))
    return [plan.base_url for plan in plans]


def _how_to_end(names: Sequence[str]) -> str:
    stay = N_("it stays; end it with: python -m {module} down {names}")
    if len(names) > 1:
        stay = N_("they stay; end them with: python -m {module} down {names}")
    return N_(stay, module=MODULE, names=" ".join(names))


def _log(chosen: Path | None, i: int) -> Path | None:
    """The log that the user names; the second server's is numbered."""
    return chosen.with_stem(f"{chosen.stem}-{i + 1}") if chosen and i else chosen


def down(names: Sequence[str], everything: bool, progress: Progress) -> None:
    """Stop servers by their names, or all of them."""
    directory = servers_directory(os.environ)
    if bool(names) == everything:
        given = " ".join(names) or N_("nothing")
        raise UsageError(N_("down takes a NAME or --all, not {given!r}; see status", given=given))
    chosen = registry.records(directory)
    if not everything:
        chosen = [registry.find(name, directory) for name in dict.fromkeys(names)]
    for record in chosen:
        with progress.step(N_("stopping {name}", name=record.name)):
            process_tree.stop(record.identity)
        registry.remove(record, directory)
        progress.say(N_("{name} is stopped, no process of it is left", name=record.name))


def show_status() -> None:
    """A table of the servers on standard output."""
    table = Table(*map(said, labels("name", "state", "GPUs", "base URL", "pid", "log")))
    for record in registry.records(servers_directory(os.environ)):
        state = said(STATES[registry.state(record)])
        gpus = ",".join(record.devices)
        table.add_row(record.name, state, gpus, record.base_url, str(record.pid), record.log)
    Console().print(table if table.row_count else said(N_("no servers; start one with `up`")))
