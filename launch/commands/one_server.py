"""`with`: one COMMAND beside one server, for as long as COMMAND takes."""

import os
from collections.abc import Sequence

from ..options import WithOptions
from ..planning import ServerRequest, make_plan
from ..processes.signals import Signals
from ..progress import Progress
from ..server.lifecycle import running_server, wait_until_ready
from ..server.log_files import run_log
from . import foreground, per_model
from .endpoints_file import VARIABLE, ServedEndpoint, endpoints_file, outer_endpoints


def run_with_server(
    options: WithOptions, words: Sequence[str], signals: Signals, progress: Progress
) -> int:
    """COMMAND's exit code. `words` are `[FLAGS... --] COMMAND...`."""
    flags, command = foreground.split_words(words)
    foreground.check_command(command)
    model, folder = options.model, options.folder
    outer = outer_endpoints(os.environ)
    if any(entry["base_url"] is None for entry in outer):  # `each` tries COMMAND without servers
        folders = {model: folder} if folder else {}
        task = per_model.CommandPerModel(command, flags=flags, folders=folders)
        return per_model.try_without_server(model, task, signals, progress, options.role)
    plan = make_plan(ServerRequest(model, options, options.port, flags), signals.pause, progress)
    own = ServedEndpoint(options.role, plan.served_name, plan.base_url, len(plan.placement.gpus))
    with running_server(plan, options.log or run_log(plan.name), progress) as server:
        wait_until_ready(server, options.startup_timeout, signals.pause, progress)
        with endpoints_file(outer, own, {"folder": folder} if folder else {}) as file:
            environment = {**os.environ, VARIABLE: str(file)}
            return foreground.run(command, environment, server, signals, progress)
