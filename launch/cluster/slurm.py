"""Slurm: a job for each server, by Slurm's own sbatch, squeue and scancel.

The folder of the fleet must be one that all machines see.
"""

import itertools
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .. import MODULE
from ..errors import StartError, UsageError
from ..locale import N_
from .cluster import JobState, Report, ServerTask
from .node_folder import Changes, NodeFolder, NodeRecord, NodeTask, write_whole

PROGRAMS = ("sbatch", "squeue", "scancel")
FORMAT = "%i|%T|%N|%r"
TIMEOUT = 60.0  # seconds; a busy controller takes some
WAITING = ("PENDING", "CONFIGURING", "REQUEUED", "SUSPENDED", "REQUEUE_HOLD", "RESV_DEL_HOLD")
RUNNING = ("RUNNING", "SIGNALING", "STAGE_OUT", "STOPPED", "RESIZING")
COMPLETING = "COMPLETING"  # it has ended, and its processes are being ended
ENDED = {
    "CANCELLED": N_("it was cancelled"),
    "NODE_FAIL": N_("its node failed"),
    "BOOT_FAIL": N_("its node did not boot"),
    "TIMEOUT": N_("its time limit was reached"),
    "DEADLINE": N_("its time limit was reached"),
    "PREEMPTED": N_("another job took its place"),
    "OUT_OF_MEMORY": N_("its memory was used up"),
}
GPU_OPTIONS = ("--gres", "--gpus", "-G", "--gpus-per-node", "--gpus-per-task", "--tres-per-task")


@dataclass(frozen=True, slots=True)
class SlurmJob:
    """A line of squeue."""

    state: str
    nodes: str
    reason: str


def batch_script(
    folder: NodeFolder, task: ServerTask, title: str, given: Sequence[str], work: Path
) -> str:
    """What sbatch runs. The user's own options, `given`, stand last: the last one counts."""
    asked = {word.partition("=")[0] for word in given}
    gres = [f"--gres=gpu:{task.gpus}"] if task.gpus and asked.isdisjoint(GPU_OPTIONS) else []
    own = [
        f"--job-name={title}",
        f"--chdir={work}",
        f"--output={folder.log}",
        "--nodes=1",
        "--ntasks=1",
        "--no-requeue",  # it is started again by us, and the command told of it
        *gres,
    ]
    words = [sys.executable, "-m", f"{MODULE}.cluster.node", str(folder.path), folder.name]
    lines = [f"#SBATCH {shlex.quote(each)}" for each in own]
    lines += [f"#SBATCH {shlex.join(given)}"] if given else []
    return "\n".join(["#!/bin/sh", *lines, f"exec {shlex.join(words)}", ""])


def read_queue(text: str) -> dict[str, SlurmJob]:
    """The lines of `squeue --noheader` in our FORMAT, by the ids of the jobs."""
    rows = [line.split("|") for line in text.splitlines() if line.count("|") == 3]
    return {job.strip(): SlurmJob(state, nodes, reason) for job, state, nodes, reason in rows}


def report_of(
    found: SlurmJob | None, record: NodeRecord | None, silent: float, lease: float
) -> Report:
    """How a job is, by Slurm (None: it lists it no more) and by what its node has written.

    The record has been the same for `silent` seconds.
    """
    state = _state(found)
    if record is None:
        if found is None or state == "ended":
            return Report("ended", found.nodes if found else "", _end(found))
        return Report(state, found.nodes, found.reason if state == "waiting" else "")
    if state == "running" and not record.ended and silent > lease:
        return Report(
            "ended", record.host, N_("its node has been silent for {lease:g} s", lease=lease)
        )
    if record.ended or state == "ended":
        why = "" if record.hopeless or not found else ENDED.get(found.state, "")
        return Report("ended", record.host, why or record.ended or _end(found), (), record.hopeless)
    return Report(state, record.host, "", record.entries)


def _state(found: SlurmJob | None) -> JobState:
    if found and found.state in WAITING:
        return "waiting"
    return "running" if found and found.state in RUNNING else "ended"


def _end(found: SlurmJob | None) -> str:
    if found is None:
        return N_("Slurm knows it no more")
    if found.state == COMPLETING:
        return N_("it has ended")
    return ENDED.get(found.state, N_("Slurm says {state}", state=found.state))


@dataclass(slots=True)
class Slurm:
    """Jobs of one fleet. `given` are further options of sbatch."""

    folder: Path
    lease: float
    given: Sequence[str] = ()
    title: str = "Slurm job"
    logs: str = ""
    names: dict[str, str] = field(default_factory=dict)  # of the servers, by job
    records: dict[str, Changes] = field(default_factory=dict)
    beats: "itertools.count[int]" = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.logs = str(self.folder / "servers")

    def submit(self, task: ServerTask) -> str:
        folder = NodeFolder(self.folder, task.name)
        folder.write_task(NodeTask(task, self.lease))
        title = f"{self.folder.name}-{task.name}"
        script = batch_script(folder, task, title, self.given, Path.cwd())
        folder.script.write_text(script, encoding="utf-8")
        done = _run(["sbatch", "--parsable", str(folder.script)])
        if done.returncode:
            raise StartError(
                N_(
                    "sbatch refused {script!r}: {why}",
                    script=str(folder.script),
                    why=_last(done.stderr),
                )
            )
        job = done.stdout.strip().partition(";")[0]
        self.names[job] = task.name
        return job

    def look(self, jobs: Collection[str]) -> Mapping[str, Report]:
        write_whole(self.folder / "alive", str(next(self.beats)))
        if (found := queue()) is None:
            return {}
        return {job: self._report(job, found.get(job)) for job in jobs}

    def _report(self, job: str, found: SlurmJob | None) -> Report:
        record = NodeFolder(self.folder, self.names[job]).read_record()
        silent = self.records.setdefault(job, Changes()).unchanged_for(record and record.beat)
        return report_of(found, record, silent, self.lease)

    def cancel(self, jobs: Collection[str]) -> None:
        cancel(jobs)

    def left(self, jobs: Collection[str]) -> list[str]:
        found = queue()
        if found is None:
            return list(jobs)
        active = (*WAITING, *RUNNING, COMPLETING)
        return [job for job in jobs if job in found and found[job].state in active]


def queue() -> dict[str, SlurmJob] | None:
    """The user's jobs; None where the controller is busy or starts again: no news."""
    own = f"--user={os.getuid()}"
    done = _run(["squeue", "--noheader", "--states=all", own, f"--format={FORMAT}"])
    return None if done.returncode else read_queue(done.stdout)


def cancel(jobs: Collection[str]) -> None:
    if jobs:
        _run(["scancel", *jobs])


def check_installed() -> None:
    """Raises UsageError where Slurm's programs are not here."""
    if missing := [each for each in PROGRAMS if shutil.which(each) is None]:
        raise UsageError(
            N_(
                "there is no {missing} on the PATH; run this where Slurm's programs are, as on "
                "a login node",
                missing=missing[0],
            )
        )


def given_options(text: str) -> list[str]:
    """The words of --sbatch-args. Raises UsageError."""
    try:
        return shlex.split(text)
    except ValueError as error:
        raise UsageError(
            N_("--sbatch-args {text!r} cannot be read ({error})", text=text, error=error)
        ) from error


def _run(command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT)
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(command, 1, "", str(error))


def _last(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1]
