"""A real Ray cluster of three nodes on this machine, as a process of its own."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-ray/bin/python"


@dataclass(slots=True)
class RayMachines:
    """`process` is that of ray_nodes.py."""

    process: "subprocess.Popen[str]"
    variables: dict[str, str]
    name: str = "ray"

    @property
    def jobs(self) -> list[str]:
        """The processes of our servers, all over the cluster."""
        return [
            str(each.pid)
            for each in psutil.process_iter(["cmdline"])
            if "launch.cluster.node" in (each.info["cmdline"] or ())
        ]

    def cancel_one(self) -> None:
        """Ends the actor, as Ray does where memory is short."""
        worker = psutil.Process(int(self.jobs[0])).parent()
        assert worker
        worker.kill()

    def kill_a_node(self) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write("kill\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "killed\n"


@contextmanager
def ray(folder: Path) -> Iterator[RayMachines]:
    log = (folder / "ray.log").open("w")
    with log:
        process = subprocess.Popen(
            [PYTHON, Path(__file__).with_name("ray_nodes.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
    with process:  # its end closes what the nodes wait for
        assert process.stdout
        address = process.stdout.readline().strip()
        assert address, (folder / "ray.log").read_text()
        yield RayMachines(process, {"RAY_ADDRESS": address})
