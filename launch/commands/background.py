"""`up`, `down` and `status`: servers that stay until they are stopped."""

import os
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from .. import MODULE
from ..errors import UsageError
from ..options import UpOptions
from ..planning import ServerRequest, make_plan
from ..processes import process_tree
from ..processes.signals import Signals
from ..progress import Progress
from ..server import lifecycle, registry
from ..server.log_files import file_name
from ..server.machine import servers_directory


def up(options: UpOptions, flags: Sequence[str], signals: Signals, progress: Progress) -> str:
    """Start a server that stays. Returns its base URL."""
    if flags and not flags[0].startswith("-"):
        raise UsageError(f"{flags[0]!r} is no vLLM flag; `up` runs no COMMAND, `with` does")
    directory = servers_directory(os.environ)
    if options.log:
        lifecycle.open_log(options.log).close()  # before a download that may take an hour
    request = ServerRequest(options.model, options, options.port, tuple(flags))
    plan = make_plan(request, signals.pause, progress)
    if plan.placement.on_cpu:
        registry.check_not_on_cpu_yet(plan.name, directory)
    name = registry.free_name(plan.name, directory)
    log = options.log or directory / f"{file_name(name)}.log"
    server = lifecycle.start(plan, log.absolute())
    record = registry.record_of(server, name)
    try:
        registry.add(record, directory)
        lifecycle.wait_until_ready(server, options.startup_timeout, signals.pause, progress)
    except BaseException:  # whatever happened: a server that is not ready must not stay
        lifecycle.stop(server, progress)
        registry.remove(record, directory)
        raise
    progress.say(f"it stays; end it with: python -m {MODULE} down {name}")
    return plan.base_url


def down(name: str, everything: bool, progress: Progress) -> None:
    """Stop one server by its name, or all of them."""
    directory = servers_directory(os.environ)
    if bool(name) == everything:
        raise UsageError(f"down takes one NAME or --all, not {name or 'nothing'!r}; see status")
    chosen = registry.records(directory) if everything else [registry.find(name, directory)]
    for record in chosen:
        with progress.step(f"stopping {record.name}"):
            process_tree.stop(record.identity)
        registry.remove(record, directory)
        progress.say(f"{record.name} is stopped, no process of it is left")


def show_status() -> None:
    """A table of the servers on standard output."""
    table = Table("name", "state", "GPUs", "base URL", "pid", "log")
    for record in registry.records(servers_directory(os.environ)):
        state = registry.state(record)
        gpus = ",".join(record.devices)
        table.add_row(record.name, state, gpus, record.base_url, str(record.pid), record.log)
    Console().print(table if table.row_count else "no servers; start one with `up`")
