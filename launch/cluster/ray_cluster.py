"""Ray: an actor for each server, by Ray's own Python API (pip install ray).

Actors belong to their driver, which we are: Ray ends them with us.
"""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..locale import N_
from .cluster import Report, ServerTask
from .node_folder import NodeRecord, NodeTask
from .ray_node import ROOT, RayNode

TELLING = ("node", "killed", "died", "Error")
LONGEST = 200  # characters of an error of Ray's in a line of ours
END_TIMEOUT = 40.0  # seconds that actors have to end their servers in order


def resources(task: ServerTask) -> dict[str, object]:
    """What an actor asks Ray for: its GPUs, which Ray then makes visible to it alone."""
    return {"num_cpus": 1, "num_gpus": task.gpus, "scheduling_strategy": "SPREAD"}


def report_of(said: NodeRecord | None) -> Report:
    """How an actor is, by what its node has written; None: nothing yet."""
    if said is None:
        return Report("running")
    if said.ended:
        return Report("ended", said.host, said.ended, (), said.hopeless)
    return Report("running", said.host, "", said.entries)


def connected() -> Any:
    """The module `ray`, connected to the cluster that runs. Raises UsageError."""
    try:
        import ray  # an extra
    except ImportError as error:
        raise UsageError(
            N_(
                "Ray cannot be imported ({error}); install it beside us: pip install .[ray]",
                error=error,
            )
        ) from error
    environment = {"env_vars": {"PYTHONPATH": str(ROOT)}}  # for actors, which import our package
    try:
        ray.init("auto", logging_level="ERROR", log_to_driver=False, runtime_env=environment)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise UsageError(
            N_(
                "no Ray cluster answers ({error}); start one with `ray start --head`, or name one: "
                "RAY_ADDRESS=HOST:6379",
                error=str(error).splitlines()[0],
            )
        ) from error
    return ray


@dataclass(slots=True)
class Actor:
    """`asked` is the report that is on its way."""

    handle: Any
    asked: Any
    known: Report = field(default_factory=lambda: Report("waiting", why="Resources"))


@dataclass(slots=True)
class RayCluster:
    """Actors of one fleet. `ray` is the module."""

    ray: Any
    key: str
    lease: float
    title: str = "Ray actor"
    logs: str = ""  # they lie on the nodes, and go with the servers
    actors: dict[str, Actor] = field(default_factory=dict)
    beats: "count[int]" = field(default_factory=count)

    def submit(self, task: ServerTask) -> str:
        made = self.ray.remote(RayNode).options(**resources(task))
        handle = made.remote(NodeTask(task, self.lease), self.key, Path.cwd())
        self.actors[task.name] = Actor(handle, self._ask(handle))
        return task.name

    def look(self, jobs: Collection[str]) -> Mapping[str, Report]:
        for job in jobs:
            self._look_at(self.actors[job])
        return {job: self.actors[job].known for job in jobs}

    def _ask(self, handle: Any) -> Any:
        return handle.report.remote(str(next(self.beats)))

    def _look_at(self, actor: Actor) -> None:
        done, _ = self.ray.wait([actor.asked], timeout=0)
        if not done:
            return
        lost = self.ray.exceptions.RayActorError
        try:
            actor.known = report_of(self.ray.get(actor.asked))
        except self.ray.exceptions.ActorUnavailableError:
            pass  # out of reach for a while: no news
        except (lost, self.ray.exceptions.RayTaskError) as error:
            actor.known = Report("ended", actor.known.where, said_by(error))
            return
        actor.asked = self._ask(actor.handle)

    def cancel(self, jobs: Collection[str]) -> None:
        handles = [self.actors[job].handle for job in jobs if self.actors[job].known.where]
        ends = [each.end.remote() for each in handles]
        if ends:
            self.ray.wait(ends, num_returns=len(ends), timeout=END_TIMEOUT)
        for job in jobs:
            with suppress(self.ray.exceptions.RayError):
                self.ray.kill(self.actors[job].handle)

    def left(self, jobs: Collection[str]) -> list[str]:
        """None: `cancel` has waited for their servers' end."""
        return []


def said_by(error: Exception) -> str:
    """Ray's errors are pages long: the line that says what happened, without guesses at causes."""
    lines = [each.strip() for each in str(error).splitlines() if each.strip()]
    found = next((each for each in reversed(lines) if any(w in each for w in TELLING)), "it died")
    return found.partition(" Some common causes")[0][:LONGEST].rstrip(".")
