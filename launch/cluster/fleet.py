"""`fleet --on slurm` and `--on ray`: servers on other machines, COMMAND on this one.

Each server is a job of its own. COMMAND begins for a model once one of its servers answers; the
others join. A lost server is started again. However we end, no server outlives us for long.
"""

import os
import signal
import socket
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..commands import foreground
from ..commands.endpoints_file import SERVER_NEEDED
from ..commands.fleet import SIGNALLED, prepare
from ..commands.parallel import ModelResult
from ..commands.per_model import USAGE, judge_needed, try_without_servers
from ..commands.serving_plan import summary
from ..errors import UsageError
from ..fleet_options import FleetOptions
from ..locale import N_, joined, said
from ..processes import process_tree
from ..processes.signals import Signals
from ..progress import Progress
from . import registry, slurm
from .cluster import Cluster
from .models import AskedModel, ClusterCommand, to_come, write_endpoints
from .ray_cluster import RayCluster, connected
from .server import ClusterServer
from .submitted import submit
from .tasks import ClusterTasks, tasks_of

CLUSTERS = ("slurm", "ray")
LOOK_EVERY = 1.0  # seconds between looks at the jobs
POLL_INTERVAL = 0.1  # seconds


def run_cluster_fleet(
    options: FleetOptions, words: Sequence[str], signals: Signals, progress: Progress
) -> int:
    """The exit code of the first model that failed. `words` are `[FLAGS... --] COMMAND...`."""
    if options.on not in CLUSTERS:
        raise UsageError(
            N_(
                "--on {on!r} is none of local, {clusters}",
                on=options.on,
                clusters=", ".join(CLUSTERS),
            )
        )
    flags, command = foreground.split_words(words) if words else ((), ())
    if command:  # without one the servers stay until they are ended
        foreground.check_command(command)
    tasks = tasks_of(options, flags, command)
    if options.on == "slurm":
        slurm.check_installed()
    if options.dry_run:
        title = N_("to serve on {on}:", on=options.on)
        print("\n".join(map(said, [title, *tasks.lines])), flush=True)  # noqa: T201
        return 0
    options = replace(options, name=options.name or registry.free_name(options.config.stem))
    if options.submit:
        return submit(options, words, progress)
    return _run(options, tasks, signals, progress)


def _run(options: FleetOptions, tasks: ClusterTasks, signals: Signals, progress: Progress) -> int:
    results: dict[str, ModelResult] = {}
    if options.if_needed:
        trials = try_without_servers(list(tasks.models), tasks.command, signals)
        codes = {model: each.code for model, each in trials.items()}
        results = {each: ModelResult(code) for each, code in codes.items() if code != SERVER_NEEDED}
        if len(results) == len(tasks.models) or USAGE in codes.values() or signals.received:
            return exit_code(results, signals)
        if not judge_needed(trials.values()):
            tasks = replace(tasks, judge=())
    prepare(options.prepare)
    folder = registry.make_folder(options.name)
    try:
        cluster = cluster_of(options, folder)
        signals.watch()  # Ray has put handlers of its own in the place of ours
        needed = {word: each for word, each in tasks.models.items() if word not in results}
        fleet = ClusterFleet(options, replace(tasks, models=needed), folder, cluster, progress)
        fleet.serve(signals)
        results |= fleet.results
    finally:
        registry.remove(options.name)
    if tasks.command.command:
        for line in summary(list(tasks.models), results):
            progress.say(line)
    return exit_code(results, signals)


def cluster_of(options: FleetOptions, folder: Path) -> Cluster:
    """Raises UsageError where there is none."""
    if options.on == "ray":
        key = (folder / "key").read_text(encoding="utf-8")
        return RayCluster(connected(), key, options.lease)
    return slurm.Slurm(folder, options.lease, slurm.given_options(options.sbatch_args))


def exit_code(results: dict[str, ModelResult], signals: Signals) -> int:
    if signals.received:
        return SIGNALLED + signals.received[0]
    return next((each.code for each in results.values() if each.code), 0)


@dataclass(slots=True)
class ClusterFleet:
    """The servers of a fleet, and COMMAND for each of its models, while they run."""

    options: FleetOptions
    tasks: ClusterTasks
    folder: Path
    cluster: Cluster
    progress: Progress
    models: list[AskedModel] = field(default_factory=list)
    judge: list[ClusterServer] = field(default_factory=list)
    looked_at: float = 0.0

    def __post_init__(self) -> None:
        key = (self.folder / "key").read_text(encoding="utf-8")
        many = len(self.tasks.models) > 1
        self.judge = [ClusterServer(each, self.folder) for each in self.tasks.judge]
        for i, (word, tasks) in enumerate(self.tasks.models.items(), 1):
            servers = [ClusterServer(each, self.folder) for each in tasks]
            file = self.folder / f"endpoints-{i}.json"
            command = ClusterCommand(self.tasks.command, file, key)
            asked = command if self.tasks.command.command else None
            self.models.append(AskedModel(word, servers, file, asked, many))

    @property
    def servers(self) -> list[ClusterServer]:
        return [*self.judge, *(each for model in self.models for each in model.servers)]

    @property
    def results(self) -> dict[str, ModelResult]:
        return {each.word: each.result for each in self.models if each.result}

    def serve(self, signals: Signals) -> None:
        """Until COMMAND has ended for all models; without one until a signal, or `down`."""
        try:
            with self.progress.step(
                N_("the fleet {name} on {on}", name=self.options.name, on=self.options.on)
            ) as show:
                self._start()
                while not self._done(signals):
                    self._advance(signals)
                    show(self._state())
                    time.sleep(POLL_INTERVAL)
        finally:
            with ExitStack() as stack:  # whatever goes wrong with COMMAND, the servers end
                stack.callback(self._stop, self.servers)
                for model in self.models:
                    if model.run:
                        stack.callback(model.run.close)

    def _start(self) -> None:
        for each in self.servers:
            each.start(self.cluster)
        jobs = ", ".join(each.job for each in self.servers)
        logs = N_("; their logs: {logs}", logs=self.cluster.logs) if self.cluster.logs else ""
        self.progress.say(
            N_("submitted: {title}s {jobs}{logs}", title=self.cluster.title, jobs=jobs, logs=logs)
        )

    def _done(self, signals: Signals) -> bool:
        asked = [each for each in self.models if each.command]
        if signals.received:
            return not any(each.run for each in asked)
        return bool(asked) and all(each.result for each in asked)

    def _advance(self, signals: Signals) -> None:
        if (self.folder / "stop").exists() and not signals.received:
            signals.received.append(signal.SIGTERM)
        if signals.received:
            for model in self.models:
                model.relay(signals)
        if time.monotonic() > self.looked_at + LOOK_EVERY:
            self.looked_at = time.monotonic()
            if self._look() or not (self.folder / "fleet.json").exists():
                self._note()
        for model in self.models:
            if not signals.received or model.run:
                self._advance_model(model)

    def _advance_model(self, model: AskedModel) -> None:
        had = model.result
        model.advance(self.judge, self.progress)
        if model.result and not had:
            self._stop(model.servers)  # others may have their GPUs

    def _look(self) -> bool:
        """Whether anything is new."""
        running = {each.job: each for each in self.servers if each.job and not each.gone}
        reports = self.cluster.look(list(running))
        lines = [running[job].take(report, self.cluster) for job, report in reports.items()]
        for line in filter(None, lines):
            self.progress.say(line, "bold yellow" if "was lost" in line else "")
        return any(lines)

    def _note(self) -> None:
        """The files by which COMMAND, `status` and `down` know of the servers."""
        for model in self.models:
            model.write([*model.servers, *self.judge])
        every = [entry for each in self.servers if not each.gone for entry in each.entries]
        write_endpoints(self.folder / "endpoints.json", every, to_come(self.servers))
        us = process_tree.identity(os.getpid())
        running = [each for each in self.servers if not each.gone]
        registry.write(
            registry.FleetRecord(
                self.options.name,
                self.options.on,
                socket.gethostname(),
                us.pid,
                us.created_at,
                len(self.servers),
                sum(each.answers for each in running),
                tuple(each.job for each in running),
            )
        )

    def _stop(self, servers: Iterable[ClusterServer]) -> None:
        """Ends their jobs, and waits until the cluster says that they have ended."""
        jobs = [each.job for each in servers if each.job and not each.gone]
        for each in servers:
            each.gone = each.gone or "it is stopped"
        if jobs:
            self.cluster.cancel(jobs)
            with self.progress.step(N_("stopping {n} of the fleet's servers", n=len(jobs))):
                left = wait_for_end(self.cluster, jobs)
            told = N_("; the cluster still lists {jobs}", jobs=", ".join(left)) if left else ""
            n = len(jobs)
            self.progress.say(N_("{n} {n:server is|servers are} stopped{told}", n=n, told=told))

    def _state(self) -> str:
        ready = sum(each.answers for each in self.servers)
        waits = {each.report.why for each in self.servers if each.report.state == "waiting"}
        n = len(self.servers)
        told = N_("{ready} of {n} {n:server answers|servers answer}", ready=ready, n=n)
        if not waits:
            return told
        return joined(
            "; ", [told, N_("waits for {what}", what=", ".join(sorted(filter(None, waits))))]
        )


END_TIMEOUT = 60.0  # seconds that a cluster may take to end jobs


def wait_for_end(cluster: Cluster, jobs: Sequence[str]) -> list[str]:
    """The jobs that the cluster has not ended after a minute."""
    until = time.monotonic() + END_TIMEOUT
    left = list(jobs)
    while left and time.monotonic() < until:
        if left := cluster.left(left):
            time.sleep(LOOK_EVERY)
    return left
