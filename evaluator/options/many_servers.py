"""The options of a run over many servers, by many processes."""

from pathlib import Path
from typing import Annotated, Literal

from evaluator.options.declared import Help, OptionGroup
from evaluator.options.parts import Count

Clients = Annotated[
    Count | Literal["auto"],
    Help(
        "Processes that ask, where one client is the bottleneck: each takes a core. Limits hold "
        "for all of them together. auto adds one while those there are busy.",
        "N",
        panel="Server",
    ),
]

ClientsOn = Literal["local", "ray"]


class ManyServers(OptionGroup):
    """How many processes send the requests of a run, and to which servers."""

    panel = "Server"

    endpoints: Annotated[
        Path | None,
        Help(
            "TOML file with a table [[endpoint]] for each server: base_url, role, api_key_env, "
            "concurrency, rpm, tpm. It stands for --base-url and the judge's.",
            "FILE",
        ),
    ] = None
    clients: Clients = 1
    clients_on: Annotated[
        ClientsOn,
        Help(
            "Where the clients of --clients run: on this machine, or on the cores of a Ray "
            "cluster, that of RAY_ADDRESS or of this machine.",
            "WHERE",
        ),
    ] = "local"
