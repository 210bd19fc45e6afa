"""`turns`: COMMAND beside several configurations of a server, one after another, in rounds.

A machine often has room for one server only, so each is started, used and stopped. The order is
A B, B A, A B: a drift of the machine meets all of them alike, and a server stays up where the next
round begins with it. COMMAND learns name, flags and round from its endpoint's entry.
"""

import os
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from launch import endpoints, foreground, running, server
from launch.command import Plan, check_extra
from launch.errors import UsageError
from launch.progress import Progress
from launch.signals import Signals

KEYS = {"model", "server"}
SERVER_KEYS = {"name", "model", "flags"}
GO_ON = (0, 1)  # exit codes of COMMAND after which the next turn has a meaning


@dataclass(frozen=True, slots=True)
class Configuration:
    """One way to serve; `flags` are vLLM's own."""

    name: str
    model: str
    flags: tuple[str, ...]


def configurations(path: Path, model: str | None) -> list[Configuration]:
    """Those of a file of [[server]] tables; `model` is for those that name none."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read the configurations {str(path)!r} ({error})") from error
    _known(path, table, KEYS)
    servers = table.get("server")
    if not isinstance(servers, list) or not servers:
        raise UsageError(f"{path} has no [[server]] table; write one for each configuration")
    found = [_configuration(path, one, table.get("model") or model) for one in servers]
    names = [one.name for one in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise UsageError(f"{path}: {sorted(twice)[0]!r} names two servers; name each once")
    return found


def _configuration(path: Path, table: object, model: str | None) -> Configuration:
    if not isinstance(table, dict):
        raise UsageError(f"{path}: {table!r} is no [[server]] table; write one with name = ...")
    _known(path, table, SERVER_KEYS)
    name, flags = table.get("name"), table.get("flags", [])
    if not isinstance(name, str) or not name:
        raise UsageError(f"{path}: a [[server]] without a name; add name = ...")
    if not isinstance(flags, list) or not all(isinstance(flag, str) for flag in flags):
        raise UsageError(f'{path}: flags {flags!r} of {name!r} are no list such as ["--flag"]')
    chosen = table.get("model") or model
    if not chosen:
        raise UsageError(f"{path}: no model for {name!r}; add model = ... or give --model")
    check_extra(flags)
    return Configuration(name, str(chosen), tuple(flags))


def _known(path: Path, table: Mapping[str, Any], keys: set[str]) -> None:
    for key in table:
        if key not in keys:
            near = get_close_matches(key, keys, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(sorted(keys))}"
            raise UsageError(f"{path}: unknown key {key!r}; {hint}")


def order(
    configurations: Sequence[Configuration], rounds: int
) -> list[tuple[Configuration, list[int]]]:
    """Which server is up when, and for which rounds: A 1, B 1 2, A 2 3, B 3."""
    turns = [
        (one, turn)
        for turn in range(1, rounds + 1)
        for one in (configurations if turn % 2 else reversed(configurations))
    ]
    return [(one, [turn for _, turn in group]) for one, group in groupby(turns, itemgetter(0))]


@dataclass(frozen=True, slots=True)
class Turns:
    """COMMAND, and how its servers are started."""

    command: tuple[str, ...]
    plan: Callable[[Configuration], Plan]
    startup_timeout: float
    signals: Signals
    progress: Progress

    def all(self, configurations: Sequence[Configuration], rounds: int) -> int:
        """COMMAND's worst exit code; it ends early where the next turn would have no meaning."""
        codes = []
        for one, turns in order(configurations, rounds):
            codes.append(self.visit(one, turns))
            if codes[-1] not in GO_ON:
                break
        return max(codes)

    def visit(self, one: Configuration, turns: Sequence[int]) -> int:
        """COMMAND's worst exit code in the rounds that this start of the server serves."""
        plan = self.plan(one)
        self.progress.say(f"{one.name}: {' '.join(one.flags) or 'no flags'}", "bold")
        log = running.run_log(f"{plan.name}-{one.name}")
        codes = []
        with server.lent(plan, log, self.progress) as lent:
            server.wait_until_ready(lent, self.startup_timeout, self.signals.pause, self.progress)
            for turn in turns:
                codes.append(self.command_beside(lent, one, turn))
                if codes[-1] not in GO_ON:
                    break
        return max(codes)

    def command_beside(self, lent: server.Server, one: Configuration, turn: int) -> int:
        """One round."""
        plan, outer = lent.plan, endpoints.outer_endpoints(os.environ)
        own = endpoints.Endpoint("model", plan.served_name, plan.base_url)
        more = {"name": one.name, "flags": list(one.flags), "round": turn}
        with endpoints.written(outer, own, more) as file:
            environment = {**os.environ, endpoints.VARIABLE: str(file)}
            return foreground.run(self.command, environment, lent, self.signals, self.progress)
