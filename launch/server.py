"""One vLLM server: start it, wait until it is healthy, stop it with its whole family."""

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from launch import processes
from launch.command import Plan, command_line, environment
from launch.diagnosis import last_lines, latest_message, likely_cause, log_text
from launch.errors import StartError, UsageError
from launch.health import served_models
from launch.progress import Progress
from launch.signals import Pause

BETWEEN_PROBES = 0.1


@dataclass(frozen=True, slots=True)
class Server:
    plan: Plan
    log: Path
    process: subprocess.Popen[bytes]
    identity: processes.Identity


def start(plan: Plan, log: Path) -> Server:
    """Says nothing: until the caller guards the server, nothing may come between them."""
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        file = log.open("wb")
    except OSError as error:
        raise UsageError(
            f"the log {str(log)!r} cannot be written ({error.strerror}); choose another with --log"
        ) from error
    with file:
        process = processes.start(command_line(plan), environment(plan, os.environ), file)
    return Server(plan, log, process, processes.identity(process.pid))


@contextmanager
def lent(plan: Plan, log: Path, progress: Progress) -> Iterator[Server]:
    """A server for as long as the block takes, whichever way it ends."""
    server = start(plan, log)
    with processes.guarded(server.process):
        try:
            yield server
        finally:
            stop(server, progress)


def wait_until_ready(server: Server, timeout: float, pause: Pause, progress: Progress) -> None:
    """Until it is healthy and names its model."""
    plan, started = server.plan, time.monotonic()
    progress.say(f"vLLM starts on {plan.placement}; its log: {server.log}")
    with progress.step(f"starting vLLM with {plan.name} on {plan.placement}") as show:
        while time.monotonic() - started < timeout:
            if (exit_code := server.process.poll()) is not None:
                raise StartError(*_failure(server, f"it ended with exit code {exit_code}"))
            if (models := served_models(plan.url)) is not None:
                break
            show(latest_message(log_text(server.log)))
            pause(BETWEEN_PROBES)
        else:
            what = f"it was not ready after {timeout:g} s (--startup-timeout)"
            raise StartError(*_failure(server, what))
    _check_name(plan, models)
    took = time.monotonic() - started
    progress.say(f"ready in {took:.0f} s: {plan.served_name} at {plan.base_url}")


def stop(server: Server, progress: Progress) -> None:
    """Returns when no process of it is left; raises SurvivorError when one would not go."""
    with progress.step("stopping the server"):
        processes.stop(server.identity)
    server.process.wait()
    progress.say("the server is stopped, no process of it is left")


def cause_of_death(server: Server) -> str:
    cause = likely_cause(log_text(server.log), server.process.returncode)
    return f"{cause or 'the end of its log may say why'}; log {server.log}"


def _failure(server: Server, what: str) -> tuple[str, str]:
    message = f"the server did not start, {what}: {cause_of_death(server)}"
    return message, last_lines(log_text(server.log))


def _check_name(plan: Plan, models: Sequence[str]) -> None:
    if plan.served_name not in models:
        raise StartError(
            f"the server on port {plan.port} names {list(models)!r}, not {plan.served_name!r}; "
            "check that the port is not another server's"
        )
