"""As much of Ray as the clients of a run use, each task a process of this machine.

Found first by a Python whose PYTHONPATH names this folder. `CORES` of the environment are there.
"""

import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

spawning = multiprocessing.get_context("spawn")
util = SimpleNamespace(get_node_ip_address=lambda: "127.0.0.1")


class Ref:
    """A task: its process, and a future that ends with it."""

    def __init__(self, process: Any) -> None:
        self.process = process
        self.ended: Future[None] = Future()
        threading.Thread(target=self._wait, daemon=True).start()

    def _wait(self) -> None:
        self.process.join()
        if self.process.exitcode:
            self.ended.set_exception(RuntimeError(f"the worker died: {self.process.exitcode}"))
        else:
            self.ended.set_result(None)

    def future(self) -> "Future[None]":
        return self.ended


def is_initialized() -> bool:
    return False


def init(address: str, **_: object) -> None:
    if not os.environ.get("CORES"):
        raise ConnectionError("Could not find any running Ray instance.")


def cluster_resources() -> dict[str, float]:
    return {"CPU": float(os.environ["CORES"])}


available_resources = cluster_resources


def remote(**_: object) -> Callable[[Callable[..., None]], Any]:
    def task(work: Callable[..., None]) -> Any:
        def start(*given: object) -> Ref:
            process = spawning.Process(target=work, args=given)
            process.start()
            return Ref(process)

        return SimpleNamespace(remote=start)

    return task


def cancel(ref: Ref, force: bool) -> None:
    assert force
    ref.process.kill()
