"""The stub as a server of a fleet: slow until the file `fast` is there. HOST PORT NAME."""

import asyncio
import os
import sys
from pathlib import Path

from tests.stub import Stub
from tests.stub.server import serve

SLOW = 2.0  # seconds for a reply


async def main(host: str, port: int, name: str) -> None:
    stub = Stub(latency=SLOW, models=[name], api_key=os.environ["VLLM_API_KEY"], record=False)
    with Path("pids").open("a") as file:
        print(os.getpid(), file=file)
    serving = asyncio.create_task(serve(stub, host, port, lambda port: None, asyncio.Event()))
    while not serving.done():
        stub.latency = 0.0 if Path("fast").exists() else SLOW
        await asyncio.sleep(0.1)
    serving.result()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
