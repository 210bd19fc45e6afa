"""A real Slurm of three nodes on this machine, each with one GPU that is none: /dev/null."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from launch.server.machine import free_ports
from tests.launch.launching import wait_until

NODES = ("n1", "n2", "n3")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch")
PATIENCE = 60.0  # seconds until the nodes are there

CONFIGURATION = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=2,batch_sched_delay=0,defer_batch
SlurmUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
ReturnToService=2
KillWait=20
MpiDefault=none
GresTypes=gpu
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=YES
"""
NODE = "NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs=1 "
NODE += "RealMemory=500 Gres=gpu:1 State=UNKNOWN\n"


@dataclass(slots=True)
class SlurmMachines:
    """`folder` has its configuration. The daemons run in the foreground, as our children."""

    folder: Path
    daemons: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    name: str = "slurm"

    @property
    def variables(self) -> dict[str, str]:
        return {"SLURM_CONF": str(self.folder / "slurm.conf")}

    def ask(self, *words: str) -> str:
        environment = {**os.environ, **self.variables}
        done = subprocess.run(words, env=environment, capture_output=True, text=True)
        return done.stdout.strip()

    def start(self) -> None:
        self._configure()
        munge = ["munged", "--foreground", "--force", f"--socket={self.folder}/munge.socket"]
        munge += [f"--pid-file={self.folder}/munge.pid", f"--log-file={self.folder}/munge.log"]
        munge += [f"--seed-file={self.folder}/munge.seed", f"--key-file={self.folder}/munge.key"]
        self._daemon("munged", *munge)
        wait_until((self.folder / "munge.socket").exists)
        self._daemon("slurmctld", "slurmctld", "-D")
        for node in NODES:
            self._daemon(node, "slurmd", "-D", "-N", node)
        until = time.monotonic() + PATIENCE
        while self.ask("sinfo", "--noheader", "-o", "%T") != "idle":
            assert time.monotonic() < until, (self.folder / "slurmctld.log").read_text()
            time.sleep(0.2)

    def _configure(self) -> None:
        host, ports = socket.gethostname().partition(".")[0], free_ports(None, 1 + len(NODES))
        text = CONFIGURATION.format(host=host, ports=ports, folder=self.folder)
        gpus = ""
        for i, name in enumerate(NODES):
            card = self.folder / f"gpu{i}"
            card.symlink_to("/dev/null")  # a device, as Slurm asks; not every root may make one
            gpus += f"NodeName={name} Name=gpu File={card}\n"
            text += NODE.format(name=name, host=host, port=ports[i + 1])
        (self.folder / "state").mkdir()
        (self.folder / "slurm.conf").write_text(text)
        (self.folder / "gres.conf").write_text(gpus)
        (self.folder / "munge.key").write_bytes(os.urandom(128))
        (self.folder / "munge.key").chmod(0o400)

    def _daemon(self, name: str, *words: str) -> None:
        log = (self.folder / f"{name}.out").open("wb")
        with log:
            self.daemons[name] = subprocess.Popen(
                words,
                env={**os.environ, **self.variables},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def cancel_one(self) -> None:
        self.ask("scancel", self.jobs[0].split()[0])

    @property
    def jobs(self) -> list[str]:
        """Lines of squeue: the id of each job, and its node. A dead node's are never completed."""
        lines = self.ask("squeue", "--noheader", "--format=%i %N", "--sort=i").splitlines()
        dead = [name for name, each in self.daemons.items() if each.poll() is not None]
        return [line for line in lines if line.split()[-1] not in dead]

    def kill_a_node(self) -> None:
        """As a loss of power does: its daemons, before these can tell, and all that runs there."""
        job, node = self.jobs[0].split()
        self.daemons[node].kill()
        every = list(psutil.process_iter(["cmdline"]))
        mark = f"slurmstepd: [{job}."
        steps = [each for each in every if mark in " ".join(each.info["cmdline"] or ())]
        assert steps
        for process in [*steps, *(each for each in every if on_node(each, node))]:
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def stop(self) -> None:
        for each in reversed(self.daemons.values()):
            with suppress(ProcessLookupError):
                os.killpg(each.pid, signal.SIGKILL)
            each.wait()


def lacking() -> str:
    """Why no Slurm can be started here; empty where one can."""
    if missing := [each for each in PROGRAMS if shutil.which(each) is None]:
        return f"no Slurm: {missing[0]} is not on the PATH (apt-get install slurm-wlm munge)"
    return "" if os.geteuid() == 0 else "no Slurm: its daemons run as root alone"


def on_node(process: psutil.Process, node: str) -> bool:
    with suppress(psutil.Error):
        return bool(process.environ().get("SLURMD_NODENAME") == node)
    return False


@contextmanager
def slurm(folder: Path) -> Iterator[SlurmMachines]:
    machines = SlurmMachines(folder)
    try:
        machines.start()
        yield machines
    finally:
        machines.stop()
