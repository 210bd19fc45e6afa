"""`with`: one COMMAND beside one model's servers, for as long as COMMAND takes."""

import os
from collections.abc import Sequence

from ..errors import StartError
from ..locale import N_
from ..options import WithOptions
from ..planning import ServerRequest, make_plans
from ..processes.signals import Pause, Signals
from ..progress import Progress
from ..server.lifecycle import open_log
from ..server.log_files import run_log
from . import foreground, per_model
from .beside_server import ServerJob, run_beside
from .endpoints_file import VARIABLE, outer_endpoints, still_loading
from .replicas import PROBE_INTERVAL, DeathWatch

Words = tuple[str, ...]


def run_with_server(
    options: WithOptions, words: Sequence[str], signals: Signals, progress: Progress
) -> int:
    """COMMAND's exit code. `words` are `[FLAGS... --] COMMAND...`."""
    flags, command = foreground.split_words(words)
    foreground.check_command(command)
    outer = outer_endpoints(os.environ)
    if any(entry["base_url"] is None for entry in outer):  # `each` tries COMMAND without servers
        folders = {options.model: options.folder} if options.folder else {}
        task = per_model.CommandPerModel(
            command, flags={options.model: flags}, folders=folders, presets=options.presets
        )
        return per_model.try_without_server(options.model, task, signals, options.role).code
    try:
        return _serve(options, flags, command, signals, progress)
    except StartError as error:
        if options.failure:
            options.failure.write_text(str(error), encoding="utf-8")
        raise


def wait_for_others(watch: DeathWatch, pause: Pause, progress: Progress) -> None:
    """Until the servers around this one are ready too. Raises StartError where they will not be."""
    outer = outer_endpoints(os.environ)
    if not still_loading(outer):
        return
    with progress.step(N_("waiting for the judge")) as show:
        while name := still_loading(outer):
            watch()
            show(name)
            pause(PROBE_INTERVAL)


def _serve(
    options: WithOptions, flags: Words, command: Words, signals: Signals, progress: Progress
) -> int:
    if options.log:
        open_log(options.log).close()  # before a download that may take an hour
    request = ServerRequest(
        options.model,
        options,
        options.port,
        flags,
        options.tp,
        options.replicas,
        options.address,
    )
    plans = make_plans(request, signals.pause, progress)
    log = options.log or run_log(plans[0].name)
    more = {"folder": options.folder} if options.folder else None

    def run(watch: DeathWatch) -> int:
        wait_for_others(watch, signals.pause, progress)
        environment = {**os.environ, VARIABLE: str(watch.file.path)}
        return foreground.run(command, environment, signals, watch)

    job = ServerJob(plans, log, options.startup_timeout, options.role, more)
    return run_beside(job, run, signals, progress)
