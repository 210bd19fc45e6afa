"""What an engine is to `launch`: how its server is started, asked, and understood when it fails."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..causes import Causes
from ..command_line import Plan


@dataclass(frozen=True, slots=True)
class ServerEngine:
    """One kind of server. Its functions are pure.

    `module` is what its Python must have; empty where it needs none. `lists_models`: /v1/models
    tells the names that it answers to. `fetches`: a model on a hub is fetched before it starts.
    `causes` of a failure go before those that all engines have. Each is ready once /health answers;
    where there is no such page, its list of models decides.
    """

    title: str
    command_line: Callable[[Plan], list[str]]
    environment: Callable[[Plan, Mapping[str, str]], dict[str, str]]
    module: str = ""
    lists_models: bool = True
    fetches: bool = True
    causes: Causes = ()
