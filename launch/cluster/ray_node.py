"""The Ray actor that serves on its machine: it runs `node` in a folder of its own there."""

import os
import socket
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from .. import MODULE
from ..processes import process_tree
from .node_folder import NodeFolder, NodeRecord, NodeTask, write_whole

ROOT = Path(__file__).parents[len(MODULE.split(".")) + 1]  # where our package lies


class RayNode:
    """Ray ends it with its driver; the guard of its process then ends the server.

    `work` is the launcher's own folder, in which the server runs where this machine has it.
    """

    def __init__(self, task: NodeTask, key: str, work: Path) -> None:
        process_tree.adopt_orphans()
        self._stack = ExitStack()
        folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="launch-")))
        (folder / "servers").mkdir()
        self._folder = NodeFolder(folder, task.task.name)
        self._folder.key.touch(0o600)
        self._folder.key.write_text(key, encoding="utf-8")
        self._folder.write_task(replace(task, address=_address()))
        search = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        with self._folder.log.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", f"{MODULE}.cluster.node", str(folder), task.task.name],
                cwd=work if work.is_dir() else folder,
                env={**os.environ, "PYTHONPATH": search.rstrip(os.pathsep)},
                stdout=log,
                stderr=log,
            )
        self._process = process
        self._leader = process_tree.identity(process.pid)
        self._stack.enter_context(process_tree.guarded(process))

    def report(self, lease: str) -> NodeRecord | None:
        """Renews the lease. What `node` has written; None while it has not."""
        write_whole(self._folder.alive, lease)
        ended = self._process.poll() is not None
        record = self._folder.read_record()
        if ended and not (record and record.ended):
            return NodeRecord(0, socket.gethostname(), ended=self._last_words())
        return record

    def end(self) -> None:
        """Returns when no process of the server is left."""
        process_tree.stop(self._leader, timeout=30.0)
        self._stack.close()

    def _last_words(self) -> str:
        text = self._folder.log.read_text(encoding="utf-8", errors="replace").strip()
        return (text.splitlines() or [f"exit code {self._process.returncode}"])[-1]


def _address() -> str:
    """By which the other machines of the cluster reach this one."""
    import ray

    return str(ray.util.get_node_ip_address())
