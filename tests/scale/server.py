"""The stub as a server of a fleet: slow until the file `fast` is there. HOST PORT NAME."""

import asyncio
import os
import signal
import sys
import threading
import time
from pathlib import Path

from tests.stub import Stub
from tests.stub.server import serve

SLOW = 2.0  # seconds for a reply
LOOK_EVERY = 0.1


def hasten(stub: Stub) -> None:
    """Once the file is there."""
    while not Path("fast").exists():
        time.sleep(LOOK_EVERY)
    stub.latency = 0.0


async def main(stub: Stub, host: str, port: int) -> None:
    until = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, until.set)
    await serve(stub, host, port, lambda port: None, until)


if __name__ == "__main__":
    _, host, port, name = sys.argv
    with Path("pids").open("a") as file:
        file.write(f"{os.getpid()}\n")
    key = os.environ["VLLM_API_KEY"]
    stub = Stub(latency=SLOW, models=[name], api_key=key, record=False)
    threading.Thread(target=hasten, args=(stub,), daemon=True).start()
    asyncio.run(main(stub, host, int(port)))
