"""Fleets that stay when the terminal does not: their launcher runs in the background."""

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, fields

from rich.console import Console
from rich.table import Table

from .. import MODULE
from ..errors import StartError
from ..fleet_options import FleetOptions
from ..locale import N_, labels, recalled, said
from ..processes.process_tree import ProcessIdentity, stop
from ..progress import Progress
from . import registry, slurm
from .server import KEY_VARIABLE

BEGIN_TIMEOUT = 120.0  # seconds until the launcher has submitted its jobs
END_TIMEOUT = 120.0  # seconds that it has to end COMMAND and its servers
POLL_INTERVAL = 0.2  # seconds


def option_line(options: FleetOptions) -> list[str]:
    """The options as words, without --submit and those that are as they are by default."""
    defaults = {each.name: each.default for each in fields(FleetOptions)}
    given = {name: value for name, value in asdict(options).items() if value != defaults[name]}
    given.pop("submit", None)
    words = ((f"--{name.replace('_', '-')}", value) for name, value in given.items())
    return [
        word for name, value in words for word in ([name] if value is True else [name, str(value)])
    ]


def submit(options: FleetOptions, words: Sequence[str], progress: Progress) -> int:
    """Starts the launcher, and returns once its jobs are submitted. Raises StartError."""
    folder = registry.folder_of(options.name)
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "messages.log"
    given = ("--", *words) if words else ()
    command = [sys.executable, "-m", MODULE, "fleet", *option_line(options), *given]
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True
        )
    until = time.monotonic() + BEGIN_TIMEOUT
    while (found := registry.find(options.name)) is None or found.pid != process.pid:
        if process.poll() is not None or time.monotonic() > until:
            text = log.read_text(encoding="utf-8", errors="replace").strip()
            last = (text.splitlines() or ["it said nothing"])[-1]
            raise StartError(
                N_(
                    "the fleet was not submitted: {last}; its messages: {log}",
                    last=recalled(last),
                    log=log,
                )
            )
        time.sleep(POLL_INTERVAL)
    progress.say(
        N_("the fleet {name} is submitted; its messages: {log}", name=options.name, log=log)
    )
    progress.say(
        N_("end it with: python -m {module} down {name}", module=MODULE, name=options.name)
    )
    print(f"export EVALUATOR_ENDPOINTS={folder / 'endpoints.json'}")  # noqa: T201
    print(f'export {KEY_VARIABLE}="$(cat {folder / "key"})"', flush=True)  # noqa: T201
    return 0


def chosen(names: Sequence[str], everything: bool) -> list[registry.FleetRecord]:
    """The fleets among the names, or all of them."""
    return [each for each in registry.records() if everything or each.name in names]


def show_status() -> None:
    """A table of the fleets on standard output, where there are any."""
    titles = labels("fleet", "on", "launcher", "servers", "jobs", "folder")
    table = Table(*map(said, titles))
    for each in registry.records():
        ready = said(N_("{ready} of {n} answer", ready=each.ready, n=each.servers))
        folder = str(registry.folder_of(each.name))
        table.add_row(each.name, each.on, said(each.state), ready, " ".join(each.jobs), folder)
    if table.row_count:
        Console().print(table)


def down(fleet: registry.FleetRecord, progress: Progress) -> None:
    """Ends a fleet, wherever its launcher runs. Raises StartError where it does not end."""
    folder = registry.folder_of(fleet.name)
    with progress.step(N_("stopping the fleet {name}", name=fleet.name)):
        if fleet.state != "gone":
            (folder / "stop").touch()
            until = time.monotonic() + END_TIMEOUT
            while registry.find(fleet.name) and time.monotonic() < until:
                time.sleep(POLL_INTERVAL)
        if registry.find(fleet.name):  # its launcher was killed, or hangs
            if fleet.state == "running":
                stop(ProcessIdentity(fleet.pid, fleet.created_at))
            if fleet.on == "slurm":
                slurm.cancel(fleet.jobs)
            registry.remove(fleet.name)
    progress.say(N_("the fleet {name} is stopped", name=fleet.name))
