"""Stub servers in processes of their own, one of which is restarted every now and then."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle

from tests.speed.processes import ROOT

FAULTS = ("429", "500", "503", "reset", "cut", "html")
SHARE = 0.05  # of the requests that are struck
RESTART_EVERY = 20.0  # seconds


class Served:
    """A stub at a port that stays its own, so that it can come back there."""

    def __init__(self, seed: int, share: float) -> None:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]
        self.base_url = f"http://127.0.0.1:{self.port}/v1"
        self._words = ["--port", str(self.port), "--reply", "gsm8k", "--seed", str(seed)]
        if share:
            self._words += ["--fault-share", str(share)]
            self._words += [word for kind in FAULTS for word in ("--fault", kind)]
        self.start()

    def start(self) -> None:
        """Begins to serve, and returns once it does."""
        command = [sys.executable, "-m", "tests.stub", *self._words]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        assert self._process.stdout
        self._process.stdout.readline()

    def stop(self) -> None:
        """Drops every connection at once."""
        self._process.kill()
        self._process.communicate()


@contextmanager
def restarted(servers: list[Served], allowed: threading.Lock) -> Iterator[list[float]]:
    """Restarts one server after the other while the block runs and it is `allowed`; yields when."""
    ended, times = threading.Event(), list[float]()

    def restart() -> None:
        for server in cycle(servers):
            if ended.wait(RESTART_EVERY):
                return
            with allowed:
                server.stop()
                ended.wait(1.0)
                server.start()
            times.append(RESTART_EVERY)

    thread = threading.Thread(target=restart)
    thread.start()
    try:
        yield times
    finally:
        ended.set()
        thread.join()
