"""`python -m launch.cluster.node FOLDER NAME`: one server, on the machine that serves it.

Runs `launch with`, tells FOLDER how it is, and ends it once the launcher's lease is gone.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from .. import MODULE
from ..commands.endpoints_file import VARIABLE, Entry
from ..processes import process_tree
from ..processes.signals import Signals
from .node_folder import BEAT_EVERY, Changes, NodeFolder, NodeRecord, NodeTask, read_whole

POLL_INTERVAL = 0.2  # seconds
END_TIMEOUT = 20.0  # seconds that `with` has to end its server in order
NO_SERVER = 3  # exit code of `with`
LEASE_GONE = "its launcher is gone"
KEYS = ("VLLM_API_KEY", "LLAMA_API_KEY")  # how vLLM and llama.cpp are told the key


def main(folder: NodeFolder) -> int:
    """The exit code of `launch with`."""
    signals = Signals()
    signals.watch()
    process_tree.adopt_orphans()
    return Node(folder, folder.read_task(), signals).run()


def command_line(folder: NodeFolder, node: NodeTask, address: str) -> list[str]:
    """The `launch with` of the server. Its COMMAND tells us when it answers."""
    task = node.task
    gpus = ("--gpus", "all") if task.gpus else ()
    files = ("--log", str(folder.server_log), "--failure", str(folder.failure))
    flags = ("--", *task.flags) if task.flags else ()
    python = (sys.executable, "-m")
    own = ("with", *task.words, *gpus, "--address", address, *files)
    register = (*python, f"{MODULE}.cluster.register", str(folder.served))
    return [*python, MODULE, *own, *flags, "--", *register]


def environment(inherited: Mapping[str, str], key: str) -> dict[str, str]:
    """With the key of the fleet, and without the endpoints of others."""
    own = {name: value for name, value in inherited.items() if name != VARIABLE}
    return own | dict.fromkeys(KEYS, key)


@dataclass(slots=True)
class Node:
    """The server while it runs."""

    folder: NodeFolder
    node: NodeTask
    signals: Signals
    beat: int = 0
    told_at: float = 0.0
    lease: Changes = field(default_factory=Changes)

    def run(self) -> int:
        address = self.node.address or own_address()
        key = self.folder.key.read_text(encoding="utf-8").strip()
        command = command_line(self.folder, self.node, address)
        process = subprocess.Popen(command, env=environment(os.environ, key))
        with process_tree.guarded(process):
            why = self._watch(process)
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(END_TIMEOUT)
        failed = self.folder.failure.exists()
        why = why or (self.folder.failure.read_text(encoding="utf-8") if failed else "")
        self._tell(ended=why or f"it ended with exit code {process.wait()}", hopeless=failed)
        return process.wait()

    def _watch(self, process: "subprocess.Popen[bytes]") -> str:
        """Until it ends, or is to end: why. Empty where it ended by itself."""
        while process.poll() is None:
            if self.signals.received:
                return f"it was stopped by {signal.Signals(self.signals.received[0]).name}"
            if self.lease.unchanged_for(self._lease()) > self.node.lease:
                return LEASE_GONE
            if time.monotonic() > self.told_at + BEAT_EVERY:
                self._tell()
            time.sleep(POLL_INTERVAL)
        return ""

    def _lease(self) -> str:
        with suppress(OSError):  # a file system that does not answer is no launcher either
            return self.folder.alive.read_text(encoding="utf-8")
        return ""

    def _tell(self, ended: str = "", hopeless: bool = False) -> None:
        self.beat, self.told_at = self.beat + 1, time.monotonic()
        entries = tuple(served(self.folder.served))
        record = NodeRecord(self.beat, socket.gethostname(), entries, ended, hopeless)
        with suppress(OSError):  # the folder is gone, or out of reach for a while
            self.folder.write_record(record)


def own_address() -> str:
    """The host name, else, where that cannot be resolved, the address of the default route."""
    name = socket.gethostname()
    with suppress(OSError):
        socket.getaddrinfo(name, None)
        return name
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # nothing is sent
        return str(probe.getsockname()[0])
    return "127.0.0.1"


def served(file: Path) -> Iterator[Entry]:
    """Its endpoints for others: without what holds on its own machine alone."""
    for entry in (read_whole(file) or {}).get("endpoints", ()):
        yield {key: entry[key] for key in ("role", "model", "base_url", "gpus")}


if __name__ == "__main__":
    sys.exit(main(NodeFolder(Path(sys.argv[1]), sys.argv[2])))
