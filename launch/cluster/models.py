"""COMMAND for each model of a fleet, beside the model's servers in a cluster and the judge's."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..commands.endpoints_file import VARIABLE, Entry
from ..commands.parallel import ModelResult, ModelRun, started
from ..commands.per_model import CommandPerModel
from ..locale import N_
from ..processes.signals import Signals
from ..progress import Progress
from ..server.adapters import read_model
from ..server.log_files import run_log
from ..server.placement import Placement
from .node_folder import write_whole
from .server import KEY_VARIABLE, ClusterServer

RUNS = 2  # of COMMAND, where all servers were lost meanwhile: its journal makes the second cheap
SETTLED = (0, 1, 2)  # exit codes of COMMAND after which other servers would change nothing
NO_SERVER = 3


@dataclass(frozen=True, slots=True)
class ClusterCommand:
    """COMMAND with the endpoints in the file, which grows, and the key of their servers."""

    task: CommandPerModel
    endpoints: Path
    key: str

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, VARIABLE: str(self.endpoints), KEY_VARIABLE: self.key}

    def command_line(self, model: str, placement: Placement, failure: Path) -> list[str]:
        return list(self.task.command)


@dataclass(slots=True)
class AskedModel:
    """A model, its servers, and COMMAND for it. `command` is None where there is none."""

    word: str
    servers: Sequence[ClusterServer]
    endpoints: Path
    command: ClusterCommand | None
    logged: bool
    run: ModelRun | None = None
    runs: int = 0
    losses: int = 0  # of its servers, when COMMAND began
    result: ModelResult | None = None

    @property
    def title(self) -> str:
        return read_model(self.word).title

    def advance(self, judge: Sequence[ClusterServer], progress: Progress) -> None:
        """Begins COMMAND once a server of each role answers, and takes its result."""
        if self.run and self.run.ended:
            self._ended([*self.servers, *judge])
        ready = all(any(each.answers for each in of) for of in (self.servers, judge) if of)
        if self.command and not self.run and not self.result:
            if why := lost_for_good(self.servers) or lost_for_good(judge):
                self.result = ModelResult(NO_SERVER, why)
            elif ready:
                self._begin(self.command, [*self.servers, *judge], progress)

    def _begin(
        self, command: ClusterCommand, servers: Sequence[ClusterServer], progress: Progress
    ) -> None:
        self.runs += 1
        self.losses = sum(each.losses for each in servers)
        for each in servers:
            each.forget_dead()
        self.write(servers)
        log = run_log(f"{self.title}-messages") if self.logged else None
        told = N_("{title} is asked; its messages: {log}") if log else N_("{title} is asked")
        progress.say(N_(told, title=self.title, log=log), "bold")
        self.run = started(self.word, Placement(), command, log)

    def _ended(self, servers: Iterable[ClusterServer]) -> None:
        assert self.run
        result, self.run = self.run.close(), None
        lost = sum(each.losses for each in servers) > self.losses
        if result.code in SETTLED or not lost or self.runs >= RUNS:
            self.result = result

    def write(self, servers: Iterable[ClusterServer]) -> None:
        """The file of its endpoints, whole at any time."""
        folder = self.command.task.folders.get(self.word) if self.command else None
        entries = [dict(entry) for each in servers for entry in each.entries]
        if folder and entries:
            entries[0]["folder"] = folder
        write_endpoints(self.endpoints, entries, to_come(self.servers))

    def relay(self, signals: Signals) -> None:
        if self.run:
            self.run.relay(signals)


def lost_for_good(servers: Sequence[ClusterServer]) -> str:
    """Why none of them will answer any more; empty where one may."""
    causes = [each.gone for each in servers]
    return causes[-1] if causes and all(causes) else ""


def to_come(servers: Iterable[ClusterServer]) -> int:
    """How many of them do not answer yet."""
    return sum(not each.gone and not each.answers for each in servers)


def write_endpoints(
    path: Path, entries: Sequence[Mapping[str, object] | Entry], to_come: int
) -> None:
    listing = {"endpoints": list(entries), "to_come": to_come}
    write_whole(path, json.dumps(listing, indent=1))
