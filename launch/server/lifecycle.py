"""One server: start it, wait until it is ready, stop it with all its processes."""

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..errors import StartError, UsageError
from ..locale import N_
from ..processes import process_tree
from ..processes.signals import Pause
from ..progress import Progress
from .command_line import Plan
from .diagnosis import error_line, last_lines, latest_message, likely_cause, log_text
from .engines import ENGINES
from .health import served_models, unlisted

PROBE_INTERVAL = 0.1  # seconds
LONGEST_ERROR = 400  # characters of a server's error in a line of ours


@dataclass(frozen=True, slots=True)
class Server:
    plan: Plan
    log: Path
    process: subprocess.Popen[bytes]
    identity: process_tree.ProcessIdentity


def start(plan: Plan, log: Path) -> Server:
    """Start the server; the caller guards it at once, so nothing here may fail after its start."""
    engine = ENGINES[plan.engine]
    words, environment = engine.command_line(plan), engine.environment(plan, os.environ)
    with open_log(log) as file:
        try:
            process = process_tree.start(words, environment, file, plan.folder)
        except OSError as error:
            raise UsageError(
                N_(
                    "cannot run {words!r} ({strerror}); check its spelling and PATH",
                    words=words[0],
                    strerror=error.strerror,
                )
            ) from error
    return Server(plan, log, process, process_tree.identity(process.pid))


def open_log(log: Path) -> BinaryIO:
    """A new log. Raises UsageError where it cannot be written."""
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        return log.open("wb")
    except OSError as error:
        raise UsageError(
            N_(
                "the log {log!r} cannot be written ({strerror}); choose another with --log",
                log=str(log),
                strerror=error.strerror,
            )
        ) from error


def wait_until_ready(server: Server, timeout: float, pause: Pause, progress: Progress) -> None:
    """Wait until it is healthy and lists its model.

    Raises StartError when it ends, takes longer than `timeout` seconds, or serves another model.
    """
    plan, started = server.plan, time.monotonic()
    engine = ENGINES[plan.engine].title
    progress.say(
        N_(
            "{engine} starts on {placement}; its log: {log}",
            engine=engine,
            placement=str(plan.placement),
            log=server.log,
        )
    )
    with progress.step(
        N_(
            "starting {engine} with {name} on {placement}",
            engine=engine,
            name=plan.name,
            placement=str(plan.placement),
        )
    ) as show:
        while time.monotonic() - started < timeout:
            if (exit_code := server.process.poll()) is not None:
                raise StartError(
                    *_failure(
                        server, N_("it ended with exit code {exit_code}", exit_code=exit_code)
                    )
                )
            if (models := served_models(plan.url, plan.engine)) is not None:
                break
            show(latest_message(log_text(server.log)))
            pause(PROBE_INTERVAL)
        else:
            what = N_("it was not ready after {seconds:g} s (--startup-timeout)", seconds=timeout)
            raise StartError(*_failure(server, what))
    _check_name(plan, models)
    took = time.monotonic() - started
    names = ", ".join(plan.served_names)
    progress.say(
        N_(
            "ready in {took:.0f} s: {names} at {base_url}",
            took=took,
            names=names,
            base_url=plan.base_url,
        )
    )


def stop(server: Server, progress: Progress) -> None:
    """Returns when no process of it is left; raises SurvivorError if one survives SIGKILL."""
    with progress.step(N_("stopping the server")):
        process_tree.stop(server.identity)
    server.process.wait()
    progress.say(N_("the server is stopped, no process of it is left"))


def cause_of_death(server: Server) -> str:
    """The likely cause of the server's end, else its error, and where its log is."""
    log = log_text(server.log)
    engine = ENGINES[server.plan.engine]
    cause = likely_cause(log, server.process.returncode, engine.causes, engine.title)
    cause = cause or error_line(log)[:LONGEST_ERROR]
    return N_(
        "{cause}; log {log}",
        cause=cause or N_("the end of its log may say why"),
        log=server.log,
    )


def _failure(server: Server, what: str) -> tuple[str, str]:
    """The message, and what the server said itself: its error, else its last lines."""
    log = log_text(server.log)
    message = N_(
        "the server did not start, {what}: {cause}", what=what, cause=cause_of_death(server)
    )
    return message, error_line(log) or last_lines(log)


def _check_name(plan: Plan, models: Sequence[str]) -> None:
    for name in unlisted(plan.served_names, models, plan.engine):
        raise StartError(
            N_(
                "the server on port {port} names {models!r}, not {name!r}; check that the port "
                "is not another server's",
                port=plan.port,
                models=list(models),
                name=name,
            )
        )
