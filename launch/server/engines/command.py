"""Any server, by a command line of the user's: my-server --model {model} --port {port}."""

import os
import shlex
from collections.abc import Mapping
from string import Formatter

from ...errors import UsageError
from ...locale import N_
from ..command_line import Plan, device_environment
from .engine import ServerEngine

PLACEHOLDERS = ("model", "name", "host", "port", "gpus", "tp")


def check_template(template: str) -> None:
    """Raises UsageError for one that names no port, or what is no placeholder."""
    words = _split(template)
    named = [name for word in words for name in _names(word)]
    known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
    for name in named:
        if name not in PLACEHOLDERS:
            raise UsageError(
                N_(
                    "--engine-command: {{{name}}} is no placeholder; there are {known}",
                    name=name,
                    known=known,
                )
            )
    if "port" not in named:
        raise UsageError(
            N_(
                "--engine-command {given!r} has no {{port}}, by which its server is found; "
                "there are {known}",
                given=template,
                known=known,
            )
        )


def command_line(plan: Plan, inherited: Mapping[str, str] = os.environ) -> list[str]:
    """The template's words, filled in one by one: a value with spaces stays one word."""
    values = {
        "model": plan.source.model,
        "name": plan.name,
        "host": plan.host,
        "port": str(plan.port),
        "gpus": ",".join(plan.devices(inherited)),
        "tp": str(len(plan.placement.gpus) or 1),
    }
    return [*(word.format_map(values) for word in _split(plan.template)), *plan.extra]


def _split(template: str) -> list[str]:
    try:
        words = shlex.split(template)
    except ValueError as error:
        raise UsageError(
            N_(
                "--engine-command {given!r} cannot be read ({error})",
                given=template,
                error=error,
            )
        ) from error
    if not words:
        raise UsageError(N_("--engine-command is empty; write 'my-server --port {port}'"))
    return words


def _names(word: str) -> list[str]:
    try:
        return [name for _, name, _, _ in Formatter().parse(word) if name is not None]
    except ValueError as error:
        raise UsageError(
            N_(
                "--engine-command: {word!r} has a lone brace ({error}); write {{{{ for one",
                word=word,
                error=error,
            )
        ) from error


COMMAND = ServerEngine("your server", command_line, device_environment, fetches=False)
