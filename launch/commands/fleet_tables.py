"""The [[server]] tables of a fleet's file."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..fleet_options import FleetOptions
from ..locale import N_
from ..options import ServerOptions, of_servers
from ..planning import ServerRequest
from ..server.adapters import check_model, read_model
from ..server.command_line import SERVED_NAME, check_extra
from ..server.engines import check_servable, template_of
from ..server.toml_tables import read_table, refuse_unknown

KINDS = {
    **dict.fromkeys(("name", "model", "role", "engine", "engine_command"), "str"),
    **dict.fromkeys(("gpus", "tp", "replicas"), "int"),
    "flags": "list",
}
ROLES = ("model", "judge")


@dataclass(frozen=True, slots=True)
class FleetServer:
    """One [[server]] table."""

    role: str
    request: ServerRequest
    gpus: int | None = None


def read_fleet(path: Path, options: FleetOptions) -> list[FleetServer]:
    """The [[server]] tables of a file. Raises UsageError for every mistake in it."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise UsageError(
            N_("cannot read the fleet {path!r} ({error})", path=str(path), error=error)
        ) from error
    refuse_unknown(str(path), table, ("server",))
    tables = table.get("server")
    if not isinstance(tables, list) or not tables:
        raise UsageError(N_("{path} has no [[server]] table; write one for each model", path=path))
    found = [_server(f"{path}: [[server]] {i + 1}", each, options) for i, each in enumerate(tables)]
    if all(each.role != "model" for each in found):
        raise UsageError(
            N_("{path} has judges only; write a [[server]] of a model to measure", path=path)
        )
    if len(judges := [each for each in found if each.role == "judge"]) > 1:
        raise UsageError(
            N_(
                "{path}: {model!r} is a second judge; name one",
                path=path,
                model=judges[1].request.model,
            )
        )
    return found


def _server(where: str, table: object, options: FleetOptions) -> FleetServer:
    fields = read_table(where, table, KINDS)
    role, model = fields.pop("role", "model"), fields.pop("model", "")
    if not model:
        raise UsageError(N_("{where} has no model; add model = ...", where=where))
    if role not in ROLES:
        raise UsageError(
            N_(
                "{where} role: {role!r} is none of {roles}",
                where=where,
                role=role,
                roles=", ".join(ROLES),
            )
        )
    name, gpus = fields.pop("name", ""), fields.pop("gpus", None)
    named = (SERVED_NAME, name) if name else ()
    request = _request(model, fields, (*named, *fields.pop("flags", ())), options)
    template_of(request.engine, request.preset, request.options.engine_command)
    check_extra(request.extra, read_model(model).adapters)
    check_model(read_model(model), options.presets)
    check_servable(request.engine, read_model(model))
    return FleetServer(role, request, gpus)


def _request(
    model: str, fields: Mapping[str, Any], flags: Sequence[str], options: FleetOptions
) -> ServerRequest:
    """What a table says goes before the options, which are for all servers."""
    engine = {key: fields[key] for key in ("engine", "engine_command") if key in fields}
    own = ServerOptions(gpus=options.gpus, **{**of_servers(options), **engine})
    tp, replicas = fields.get("tp"), fields.get("replicas")
    return ServerRequest(model, own, None, tuple(flags), tp, replicas)
