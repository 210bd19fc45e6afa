"""`turns`: COMMAND beside several configurations of a server, interleaved in rounds.

Most machines have room for one server only, so each is started, used and stopped. The order is
ABBA (A B, B A, A B), so that a drift of the machine affects all of them alike. The server at a
round's end stays up for the next one. COMMAND finds name, flags and round in its endpoint's entry.
"""

import os
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from ..errors import UsageError
from ..locale import N_
from ..options import TurnsOptions
from ..planning import ServerRequest, make_plans
from ..processes.signals import Signals
from ..progress import Progress
from ..server.command_line import check_extra
from ..server.log_files import run_log
from ..server.toml_tables import refuse_unknown
from . import foreground
from .endpoints_file import (
    VARIABLE,
    check_devices_free,
    endpoint,
    endpoints,
    endpoints_file,
    outer_endpoints,
)
from .replicas import DeathWatch, Replica, running, wait_for_all

KEYS = {"model", "server"}
SERVER_KEYS = {"name", "model", "flags"}
CONTINUE = (0, 1)  # exit codes of COMMAND after which the next run still makes sense


@dataclass(frozen=True, slots=True)
class ServerConfiguration:
    """One way to serve. `flags` are vLLM's own."""

    name: str
    model: str
    flags: tuple[str, ...]


def read_configurations(path: Path, model: str | None) -> list[ServerConfiguration]:
    """The [[server]] tables of a file. `model` is for those that name none.

    Raises UsageError for every mistake in the file.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise UsageError(
            N_("cannot read the configurations {path!r} ({error})", path=str(path), error=error)
        ) from error
    refuse_unknown(str(path), table, KEYS)
    servers = table.get("server")
    if not isinstance(servers, list) or not servers:
        raise UsageError(
            N_("{path} has no [[server]] table; write one for each configuration", path=path)
        )
    found = [_configuration(path, each, table.get("model") or model) for each in servers]
    names = [each.name for each in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise UsageError(
            N_(
                "{path}: {name!r} names two servers; name each once",
                path=path,
                name=sorted(twice)[0],
            )
        )
    return found


def _configuration(path: Path, table: object, model: str | None) -> ServerConfiguration:
    if not isinstance(table, dict):
        raise UsageError(
            N_(
                "{path}: {table!r} is no [[server]] table; write one with name = ...",
                path=path,
                table=table,
            )
        )
    refuse_unknown(str(path), table, SERVER_KEYS)
    name, flags = table.get("name"), table.get("flags", [])
    if not isinstance(name, str) or not name:
        raise UsageError(N_("{path}: a [[server]] without a name; add name = ...", path=path))
    if not isinstance(flags, list) or not all(isinstance(flag, str) for flag in flags):
        raise UsageError(
            N_(
                '{path}: flags {flags!r} of {name!r} are no list such as ["--flag"]',
                path=path,
                flags=flags,
                name=name,
            )
        )
    chosen = table.get("model") or model
    if not chosen:
        raise UsageError(
            N_(
                "{path}: no model for {name!r}; add model = ... or give --model",
                path=path,
                name=name,
            )
        )
    check_extra(flags)
    return ServerConfiguration(name, str(chosen), tuple(flags))


def interleaved_order(
    configurations: Sequence[ServerConfiguration], rounds: int
) -> list[tuple[ServerConfiguration, list[int]]]:
    """Which server runs when, and for which rounds: A 1, B 1 2, A 2 3, B 3."""
    runs = [
        (configuration, number)
        for number in range(1, rounds + 1)
        for configuration in (configurations if number % 2 else reversed(configurations))
    ]
    return [(each, [number for _, number in group]) for each, group in groupby(runs, itemgetter(0))]


@dataclass(frozen=True, slots=True)
class InterleavedRuns:
    """COMMAND, and how its servers are started."""

    command: tuple[str, ...]
    options: TurnsOptions
    signals: Signals
    progress: Progress

    def run(self) -> int:
        """COMMAND's highest exit code. A code above 1 ends the runs early."""
        configurations = read_configurations(self.options.config, self.options.model)
        codes = []
        for configuration, rounds in interleaved_order(configurations, self.options.rounds):
            codes.append(self._serve(configuration, rounds))
            if codes[-1] not in CONTINUE:
                break
        return max(codes)

    def _serve(self, configuration: ServerConfiguration, rounds: Sequence[int]) -> int:
        """COMMAND's highest exit code in the rounds of this start of the server."""
        signals, progress, flags = self.signals, self.progress, configuration.flags
        # One server on all GPUs: what is compared is one server with another
        request = ServerRequest(configuration.model, self.options, extra=flags, replicas=1)
        (plan,) = make_plans(request, signals.pause, progress)
        check_devices_free([endpoints("model", plan, os.environ)], outer_endpoints(os.environ))
        progress.say(
            N_("{name}: {flags}", name=configuration.name, flags=" ".join(flags) or N_("no flags")),
            "bold",
        )
        log = run_log(f"{plan.name}-{configuration.name}")
        codes = []
        with running([plan], log, progress) as servers:
            wait_for_all(servers, self.options.startup_timeout, signals.pause, progress)
            for number in rounds:
                codes.append(self._run_command(servers, configuration, number))
                if codes[-1] not in CONTINUE:
                    break
        return max(codes)

    def _run_command(
        self, servers: Sequence[Replica], configuration: ServerConfiguration, number: int
    ) -> int:
        """One round."""
        outer = outer_endpoints(os.environ)
        plans = [each.plan for each in servers]
        ours = [[endpoint("model", plan.asked_name, plan, os.environ)] for plan in plans]
        more = {
            "name": configuration.name,
            "flags": list(configuration.flags),
            "round": number,
        }
        with endpoints_file(outer, ours, more) as file:
            environment = {**os.environ, VARIABLE: str(file.path)}
            watch = DeathWatch(servers, file, self.progress, self.options.startup_timeout)
            return foreground.run(self.command, environment, self.signals, watch)


def run_interleaved(
    options: TurnsOptions, words: Sequence[str], signals: Signals, progress: Progress
) -> int:
    """COMMAND's highest exit code in all rounds."""
    foreground.check_command(words)
    return InterleavedRuns(tuple(words), options, signals, progress).run()
